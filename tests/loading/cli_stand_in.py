"""Stands in for `dontspy-data`: carries a command out, as far as it ends and needs nothing that is not there."""

import sys

from dontspy_data.cli import main
from dontspy_data.commands.audit import audit

if __name__ == "__main__":  # the processes that a build starts import this file too
    words = [word for word in sys.argv[1:] if word != "--serve"]
    if words[:1] == ["audit"]:  # needs weights that are not in the repository: only its words are looked at
        audit.make_context("audit", words[1:])
    else:
        main(words)
