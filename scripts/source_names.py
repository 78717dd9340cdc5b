"""Write the sources' names as categories of every column `source` of the schemas: `python -m scripts.source_names`."""

import json
from pathlib import Path
from typing import Any

from dontspy_data.sources import SOURCES

SCHEMAS = Path(__file__).parent.parent / "schemas"
COLUMN = "source"


def main() -> None:
    """Write each schema anew whose categories are not the names of the sources."""
    for path in sorted(SCHEMAS.glob("*.json")):
        schema = json.loads(path.read_text(encoding="utf-8"))
        if fill_in(schema):
            path.write_text(json.dumps(schema, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
            print(path)


def fill_in(schema: dict[str, Any]) -> bool:
    """Fill in the names of the sources, most trusted first; return whether that changes anything."""
    names = [source.name for source in SOURCES]
    changed = False
    for field in schema["fields"]:
        if field["name"] == COLUMN and field.get("categories") not in (None, names):
            field["categories"] = field["constraints"]["enum"] = names
            changed = True
    return changed


if __name__ == "__main__":
    main()
