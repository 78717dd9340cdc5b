"""The places that releases live at, read and written."""
