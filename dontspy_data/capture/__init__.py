"""Captures (WARC 1.1): writing records, scanning them, and the file that survives a kill."""
