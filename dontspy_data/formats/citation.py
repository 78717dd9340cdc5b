"""Who made a package, when, and how to cite it: in words, for reference managers, as `CITATION.cff`, and for a DOI.

Formats: APA (7th edition, reference of a data set), BibTeX, RIS (https://en.wikipedia.org/wiki/RIS_(file_format)),
CSL-JSON (https://citeproc-js.readthedocs.io/en/latest/csl-json/markup.html), Citation File Format 1.2.0
(https://github.com/citation-file-format/citation-file-format/blob/1.2.0/schema-guide.md), DataCite's metadata schema
4.5 (https://datacite-metadata-schema.readthedocs.io/en/4.5/), without a DOI: whoever registers one adds it.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from dontspy_data.errors import UsageError
from dontspy_data.package.open import Package, day
from dontspy_data.package.write import MEDIA_TYPES

CITATION = "CITATION.cff"
Style = Literal["apa", "bibtex", "ris", "csl-json"]
ESCAPED = {character: f"\\{character}" for character in "&%$#_{}"}
DATACITE = "datacite.json"


@dataclass(frozen=True, slots=True)
class _Reference:
    """What every style says: `date` is the day of the latest data, `version` is empty if not released."""

    key: str
    authors: tuple[str, ...]
    date: str
    title: str
    version: str
    url: str


def publisher(descriptor: Mapping[str, Any]) -> dict[str, Any]:
    """Return the contributor who publishes."""
    found: list[dict[str, Any]] = [one for one in descriptor["contributors"] if "publisher" in one["roles"]]
    return found[0]


def cite(descriptor: Mapping[str, Any], style: str = "apa") -> str:
    """Return how to cite a package.

    Args:
        descriptor: its `datapackage.json`.
        style: one of `Style`.

    Raises:
        UsageError: the style is unknown.
    """
    if style not in STYLES:
        raise UsageError(
            f"there is no citation style {style!r}", hint=f"Styles are: {', '.join(get_args(Style))}."
        )
    version = descriptor.get("version") or ""
    return STYLES[style](
        _Reference(
            key=f"open_data_faces_{version or day(descriptor)[:4]}".replace(".", "_"),
            authors=tuple(one["title"] for one in descriptor["contributors"]),
            date=day(descriptor),
            title=descriptor["title"],
            version=version,
            url=descriptor["homepage"],
        )
    )


def citation_cff(package: Package) -> str:
    """Return the text of `CITATION.cff`."""
    import yaml

    about = package.descriptor
    document = {
        "cff-version": "1.2.0",
        "message": "If you use this dataset, please cite it as below. Portraits are credited one by one.",
        "type": "dataset",
        "title": about["title"],
        "version": about["version"],
        "date-released": day(about),
        "authors": [{"name": one["title"], "website": one["path"]} for one in about["contributors"]],
        "abstract": about["description"],
        "keywords": about["keywords"],
        "license": [licence["name"] for licence in about["licenses"]],
        "url": about["homepage"],
    }
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=1000)


def _apa(of: _Reference) -> str:
    version = f" (Version {of.version})" if of.version else ""
    return f"{' & '.join(of.authors)}. ({of.date[:4]}). {of.title}{version} [Data set]. {of.url}"


def _bibtex(of: _Reference) -> str:
    fields = {
        "author": " and ".join(f"{{{_escape(author)}}}" for author in of.authors),
        "title": _escape(of.title),
        "year": of.date[:4],
        "date": of.date,
        "version": _escape(of.version),
        "howpublished": f"\\url{{{of.url}}}",
        "note": "Data set",
    }
    body = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items() if value)
    return f"@misc{{{of.key},\n{body}}}"


def _ris(of: _Reference) -> str:
    lines = [
        ("TY", "DATA"),
        *(("AU", author) for author in of.authors),
        ("TI", of.title),
        ("PY", of.date[:4]),
        ("DA", of.date.replace("-", "/")),
        *([("ET", of.version)] if of.version else []),
        ("PB", of.authors[0]),
        ("UR", of.url),
        ("ER", ""),
    ]
    return "".join(f"{tag}  - {value}\r\n" for tag, value in lines)


def _csl_json(of: _Reference) -> str:
    item = {
        "id": of.key,
        "type": "dataset",
        "title": of.title,
        "author": [{"literal": author} for author in of.authors],
        "issued": {"date-parts": [[int(part) for part in of.date.split("-")]]},
        "publisher": of.authors[0],
        "URL": of.url,
        **({"version": of.version} if of.version else {}),
    }
    return json.dumps([item], ensure_ascii=False, indent=2)


def _escape(text: str) -> str:
    return "".join(ESCAPED.get(character, character) for character in text)


STYLES: Mapping[str, Callable[[_Reference], str]] = {
    "apa": _apa,
    "bibtex": _bibtex,
    "ris": _ris,
    "csl-json": _csl_json,
}


def datacite(package: Package) -> dict[str, Any]:
    """Return the content of `datacite.json`."""
    about = package.descriptor
    return {
        "schemaVersion": "http://datacite.org/schema/kernel-4",
        "types": {"resourceTypeGeneral": "Dataset", "resourceType": "Tables and portraits"},
        "titles": [{"title": about["title"], "lang": "en"}],
        "creators": [{"name": one["title"], "nameType": "Organizational"} for one in about["contributors"]],
        "publisher": {"name": publisher(about)["title"]},
        "publicationYear": day(about)[:4],
        "version": about["version"],
        "url": about["homepage"],
        "language": "en",
        "subjects": [{"subject": word, "lang": "en"} for word in about["keywords"]],
        "dates": [{"date": day(about), "dateType": "Collected"}],
        "rightsList": [
            {
                "rights": licence["title"],
                "rightsUri": licence["path"],
                "rightsIdentifier": licence["name"],
                "rightsIdentifierScheme": "SPDX",
                "schemeUri": "https://spdx.org/licenses/",
            }
            for licence in about["licenses"]
        ],
        "descriptions": [{"description": about["description"], "descriptionType": "Abstract", "lang": "en"}],
        "formats": [MEDIA_TYPES[end] for end in (".csv", ".parquet", ".sqlite", ".xlsx", ".zip", ".tar")],
        "relatedIdentifiers": [
            {
                "relatedIdentifier": source["path"],
                "relatedIdentifierType": "URL",
                "relationType": "IsDerivedFrom",
            }
            for source in about["sources"]
        ],
    }
