"""The version of this tool, for every room that says which one made something."""

__version__ = "0.1.0"
