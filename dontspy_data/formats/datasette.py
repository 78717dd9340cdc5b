"""`metadata.json`: what Datasette shows of `meps.sqlite`: title, licence, sources, and what each column means.

Format: https://docs.datasette.io/en/stable/metadata.html. To look at a release:
`datasette meps.sqlite --metadata metadata.json`.
"""

from pathlib import PurePosixPath
from typing import Any

from dontspy_data.formats.citation import publisher
from dontspy_data.formats.sqlite import SQLITE
from dontspy_data.package.digests import json_text
from dontspy_data.package.open import Package

DATASETTE = "metadata.json"


def datasette(package: Package) -> str:
    """Return the text of `metadata.json`."""
    about = package.descriptor
    licence = about["licenses"][0]
    tables: dict[str, Any] = {
        table.name: {
            "title": table.title,
            "description": table.description,
            "columns": {field.name: field.description for field in table.fields},
        }
        for table in package.tables
    }
    document = {
        "title": f"{about['title']}, version {about['version']}",
        "description": about["description"],
        "license": licence["title"],
        "license_url": licence["path"],
        "source": publisher(about)["title"],
        "source_url": about["homepage"],
        "databases": {PurePosixPath(SQLITE).stem: {"tables": tables}},
    }
    return json_text(document)
