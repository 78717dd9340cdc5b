"""The contests: entries and the tables attached to them, checked against a release and ranked. Links only."""
