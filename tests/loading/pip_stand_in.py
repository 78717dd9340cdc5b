"""Stands in for `pip install`: fails where this project has no such extra, or no such folder."""

import re
import sys
import tomllib
from pathlib import Path

root, words = Path(sys.argv[1]), sys.argv[2:]
extras = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
for word in words:
    if match := re.fullmatch(r"(?:dontspy-data|\.)(?:\[([\w,-]+)\])?", word):
        unknown = set((match[1] or "").split(",")) - {"", *extras}
        sys.exit(f"no extra {unknown}" if unknown else 0)
    elif word.startswith("./") and (root / word / "pyproject.toml").is_file():
        sys.exit(0)
sys.exit(f"nothing of this project to install in {words}")
