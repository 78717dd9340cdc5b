"""`ro-crate-metadata.json`: a release as a research object, in RO-Crate 1.3.

Format: https://www.researchobject.org/ro-crate/specification/1.3/. Portraits and crops are described by the table
`portraits`, so here their folders stand for them.
"""

from typing import Any

from dontspy_data.formats.citation import publisher
from dontspy_data.formats.pictures import INLINE
from dontspy_data.formats.tables import SPREADSHEET, SQLITE
from dontspy_data.package.files import files_below
from dontspy_data.package.open import Package, day
from dontspy_data.package.write import file_entry

RO_CRATE = "ro-crate-metadata.json"
CROPS = "derived/faces/"
FOLDERS = {"portraits/": "Portraits", CROPS: "Aligned crops of faces"}
TITLES = {
    "README.md": "Dataset card and datasheet",
    "LICENSES.md": "Licences and rights",
    "CHANGELOG.md": "What changed in each release",
    "delta.jsonl": "What changed since the release before, for programs",
    "datapackage.json": "Data Package descriptor with the schema of every table",
    INLINE["train"]: "Current portraits with the facts of their people, to train on",
    INLINE["test"]: "Current portraits with the facts of their people, to test on",
    SQLITE: "All tables in one SQLite file",
    SPREADSHEET: "All tables in one spreadsheet",
}


def ro_crate(package: Package) -> dict[str, Any]:
    """Return the content of `ro-crate-metadata.json`."""
    about, described = package.descriptor, package.files
    titles = TITLES | {
        f"data/{table.name}.{end}": f"{table.title} ({end})"
        for table in package.tables
        for end in ("csv", "parquet")
    }
    files = [path for path in files_below(package.folder) if path in titles]
    has_crops = any(package.read("faces", ["crop_path"])["crop_path"].to_pylist())
    folders = [folder for folder in FOLDERS if folder != CROPS or has_crops]
    organisations = about["contributors"]
    root = {
        "@id": "./",
        "@type": "Dataset",
        "name": about["title"],
        "description": about["description"],
        "datePublished": day(about),
        "version": about["version"],
        "url": about["homepage"],
        "keywords": about["keywords"],
        "license": [{"@id": licence["path"]} for licence in about["licenses"]],
        "author": [{"@id": one["path"]} for one in organisations],
        "publisher": {"@id": publisher(about)["path"]},
        "isBasedOn": [{"@id": source["path"]} for source in about["sources"]],
        "hasPart": [{"@id": path} for path in (*folders, *files)],
    }
    graph = [
        {
            "@id": RO_CRATE,
            "@type": "CreativeWork",
            "about": {"@id": "./"},
            "conformsTo": {"@id": "https://w3id.org/ro/crate/1.3"},
        },
        root,
        *({"@id": folder, "@type": "Dataset", "name": FOLDERS[folder]} for folder in folders),
        *(_file(described.get(path) or file_entry(package.folder, path), titles[path]) for path in files),
        *(
            {"@id": one["path"], "@type": "Organization", "name": one["title"], "url": one["path"]}
            for one in organisations
        ),
        *(
            {
                "@id": licence["path"],
                "@type": "CreativeWork",
                "name": licence["name"],
                "description": licence["title"],
            }
            for licence in about["licenses"]
        ),
        *(
            {"@id": source["path"], "@type": "CreativeWork", "name": source["title"]}
            for source in about["sources"]
        ),
    ]
    return {"@context": "https://w3id.org/ro/crate/1.3/context", "@graph": graph}


def _file(file: dict[str, Any], title: str) -> dict[str, Any]:
    return {
        "@id": file["path"],
        "@type": "File",
        "name": title,
        "encodingFormat": file["mediatype"],
        "contentSize": str(file["bytes"]),
        "sha256": file["hash"].removeprefix("sha256:"),
    }
