"""Open Data Faces: official portraits and public facts of Members of the European Parliament.

`load()` opens a release from a target, the bundled sample or a folder; the command line is `dontspy-data`.
Importing this package alone imports none of the heavy libraries.
"""

__version__ = "0.1.0"
