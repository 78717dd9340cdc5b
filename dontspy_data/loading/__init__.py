"""Loading: a release from a target, cached and verified, as tables and pictures."""
