"""`python -m dontspy_data` is the command line."""

from dontspy_data.cli import main

main()
