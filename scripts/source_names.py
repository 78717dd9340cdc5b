"""Write names of sources and of properties, as the code has them, as categories of the schemas.

`python -m scripts.source_names` does it. Sources are those of `dontspy_data/sources/__init__.py`, most trusted first;
properties follow from `networks.csv` where they are social networks.
"""

import json
from pathlib import Path
from typing import Any

from dontspy_data.model.statements import CONTACTS, Property
from dontspy_data.sources import SOURCES

SCHEMAS = Path(__file__).parent.parent / "schemas"
PROPERTIES = [prop.value for prop in Property]
NAMES = {
    "source": [source.name for source in SOURCES],
    "property": PROPERTIES,
    "kind": [name for name in PROPERTIES if name in CONTACTS],
}
"""Categories of columns of these names, in whatever table has them; of `kind`, where they are contacts."""


def main() -> None:
    """Write each schema anew whose categories are not those of the code."""
    for path in sorted(SCHEMAS.glob("*.json")):
        schema = json.loads(path.read_text(encoding="utf-8"))
        if fill_in(schema):
            path.write_text(json.dumps(schema, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
            print(path)


def fill_in(schema: dict[str, Any]) -> bool:
    """Fill in the categories of a schema; return whether that changes anything."""
    changed = False
    for field in schema["fields"]:
        names, before = NAMES.get(field["name"]), field.get("categories")
        if not names or not before or before == names or (field["name"] == "kind" and "email" not in before):
            continue
        field["categories"] = field["constraints"]["enum"] = names
        changed = True
    return changed


if __name__ == "__main__":
    main()
