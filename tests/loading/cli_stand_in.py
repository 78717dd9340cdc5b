"""Stands in for `dontspy-data`: carries a command out, as far as it ends and needs nothing that is not there."""

import sys

from dontspy_data.cli import main
from dontspy_data.commands.audit import audit
from dontspy_data.commands.collect import collect

if __name__ == "__main__":  # the processes that a build starts import this file too
    words = [word for word in sys.argv[1:] if word != "--serve"]
    # One needs weights that are not in the repository, the other asks real servers: only their words are looked at.
    if looked_at := {"audit": audit, "collect": collect}.get("".join(words[:1])):
        looked_at.make_context(words[0], words[1:])
    else:
        main(words)
