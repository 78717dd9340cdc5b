"""Stands in for `pip install PROJECT[extra,…]`: fails where this project has no such extra."""

import re
import sys
import tomllib
from pathlib import Path

project, *words = sys.argv[1:]
extras = tomllib.loads(Path(project).read_text("utf-8"))["project"]["optional-dependencies"]
for word in words:
    if match := re.fullmatch(r"dontspy-data(?:\[([\w,-]+)\])?", word):
        unknown = set((match[1] or "").split(",")) - {"", *extras}
        sys.exit(f"no extra {unknown}" if unknown else 0)
sys.exit(f"nothing of this project to install in {words}")
