"""Releases: a package with a version, a changelog and a delta against the release before."""
