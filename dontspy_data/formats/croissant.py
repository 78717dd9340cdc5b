"""`croissant.json`: the tables and the pictures as Croissant 1.1 record sets, which machine-learning tools load.

References between tables are only in `datapackage.json`: mlcroissant would join by them and lose rows without a value.

Format: https://docs.mlcommons.org/croissant/docs/croissant-spec-1.1.html
"""

import json
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from dontspy_data.formats.citation import cite, publisher
from dontspy_data.formats.pictures import INLINE, inline_schema
from dontspy_data.model.schema import Table
from dontspy_data.package.open import Package, day

if TYPE_CHECKING:
    import pyarrow as pa

CROISSANT = "croissant.json"
PARQUET = "application/x-parquet"
TYPES = {
    "string": "sc:Text",
    "integer": "cr:Int64",
    "number": "cr:Float64",
    "boolean": "sc:Boolean",
    "date": "sc:Date",
    "datetime": "sc:DateTime",
}


def croissant(package: Package) -> dict[str, Any]:
    """Return the content of `croissant.json`."""
    about, described = package.descriptor, package.files
    pictures = [path for path in INLINE.values() if path in described]
    paths = [*(f"data/{table.name}.parquet" for table in package.tables), *pictures]
    return {
        "@context": json.loads(files(__package__).joinpath("croissant_context.json").read_text("utf-8")),
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.1",
        "name": about["name"],
        "alternateName": about["title"],
        "description": about["description"],
        "url": about["homepage"],
        "license": [licence["path"] for licence in about["licenses"]],
        "version": about["version"],
        "datePublished": day(about),
        "keywords": about["keywords"],
        "inLanguage": "en",
        "citeAs": cite(about),
        "creator": [_organisation(one) for one in about["contributors"]],
        "publisher": _organisation(publisher(about)),
        "rai:dataCollection": "Recorded answers of the European Parliament's public services; `pages` has each.",
        "rai:dataUseCases": "Research on what face software claims about people, and how wrong it is.",
        "rai:dataLimitations": "Please do not identify, match or rank people with it; see the README.",
        "rai:personalSensitiveInformation": "Names, official portraits and public facts of public office-holders.",
        "distribution": [_file(described[path]) for path in paths],
        "recordSet": [*(_pictures(package, path) for path in pictures), *map(_record_set, package.tables)],
    }


def _organisation(contributor: dict[str, Any]) -> dict[str, Any]:
    return {"@type": "sc:Organization", "name": contributor["title"], "url": contributor["path"]}


def _file(file: dict[str, Any]) -> dict[str, Any]:
    name = file["path"].rsplit("/", 1)[-1]
    return {
        "@type": "cr:FileObject",
        "@id": name,
        "name": name,
        "contentUrl": file["path"],
        "contentSize": f"{file['bytes']} B",
        "encodingFormat": PARQUET,
        "sha256": file["hash"].removeprefix("sha256:"),
    }


def _record_set(table: Table) -> dict[str, Any]:
    return {
        "@type": "cr:RecordSet",
        "@id": table.name,
        "name": table.name,
        "description": table.description,
        "key": [{"@id": f"{table.name}/{name}"} for name in table.primary_key],
        "field": [
            _field(table.name, field.name, field.description, TYPES[field.type]) for field in table.fields
        ],
    }


def _pictures(package: Package, path: str) -> dict[str, Any]:
    """Return the record set of a split of the current portraits, pictures decoded."""
    name = path.removesuffix(".parquet")
    described = {field.name: field for table in package.tables[::-1] for field in table.fields}
    columns: list[pa.Field] = list(inline_schema(package))[1:]
    image = _field(name, "image", "The portrait, as published.", "sc:ImageObject")
    image["source"]["transform"] = {"jsonPath": "bytes"}
    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "description": "One record per current portrait, with the facts of its person; nobody is in both splits.",
        "key": {"@id": f"{name}/portrait_id"},
        "field": [
            image,
            *(
                _field(name, column.name, field.description, TYPES[field.type])
                for column in columns
                if (field := described[column.name])
            ),
        ],
    }


def _field(record_set: str, name: str, description: str, data_type: str) -> dict[str, Any]:
    return {
        "@type": "cr:Field",
        "@id": f"{record_set}/{name}",
        "name": name,
        "description": description,
        "dataType": data_type,
        "source": {"fileObject": {"@id": f"{record_set}.parquet"}, "extract": {"column": name}},
    }
