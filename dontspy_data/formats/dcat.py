"""`dcat.jsonld`: a release for open-data portals, in DCAT-AP 3.

Format: https://semiceu.github.io/DCAT-AP/releases/3.0.0/. Addresses of files are relative to the document.
"""

from typing import Any

from dontspy_data.formats.citation import publisher
from dontspy_data.formats.pictures import INLINE
from dontspy_data.formats.tables import SPREADSHEET, SQLITE
from dontspy_data.package.open import Package, day

DCAT = "dcat.jsonld"
AUTHORITY = "http://publications.europa.eu/resource/authority"
CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "prov": "http://www.w3.org/ns/prov#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "spdx": "http://spdx.org/rdf/terms#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}


def dcat(package: Package) -> dict[str, Any]:
    """Return the content of `dcat.jsonld`."""
    about = package.descriptor
    publishes, files = publisher(about), package.files
    paths = [f"data/{table.name}.{end}" for table in package.tables for end in ("csv", "parquet")]
    dataset = {
        "@id": f"{about['homepage']}#{about['name']}-{about['version']}",
        "@type": "dcat:Dataset",
        "dct:title": _english(about["title"]),
        "dct:description": _english(about["description"]),
        "dct:identifier": f"{about['name']}-{about['version']}",
        "dcat:version": about["version"],
        "dct:publisher": {"@id": publishes["path"]},
        "dcat:contactPoint": {
            "@type": ["vcard:Organization", "vcard:Kind"],
            "vcard:fn": publishes["title"],
            "vcard:hasURL": {"@id": publishes["path"]},
        },
        "dcat:keyword": [_english(word) for word in about["keywords"]],
        "dcat:theme": {
            **_typed(f"{AUTHORITY}/data-theme/GOVE", "skos:Concept"),
            "skos:prefLabel": _english("Government and public sector"),
        },
        "dct:language": _typed(f"{AUTHORITY}/language/ENG", "dct:LinguisticSystem"),
        "dct:accessRights": _typed(f"{AUTHORITY}/access-right/PUBLIC", "dct:RightsStatement"),
        "dct:modified": {"@value": day(about), "@type": "xsd:date"},
        "dcat:landingPage": _typed(about["homepage"], "foaf:Document"),
        "prov:wasDerivedFrom": [{"@id": source["path"]} for source in about["sources"]],
        "dcat:distribution": [
            _distribution(files[path], about["licenses"][0]["path"])
            for path in (*paths, *INLINE.values(), SQLITE, SPREADSHEET)
            if path in files
        ],
    }
    agent = {**_typed(publishes["path"], "foaf:Agent"), "foaf:name": _english(publishes["title"])}
    return {"@context": CONTEXT, "@graph": [dataset, agent]}


def _typed(address: str, kind: str) -> dict[str, Any]:
    """Return a resource with its class, so that readers need not fetch it."""
    return {"@id": address, "@type": kind}


def _english(text: str) -> dict[str, str]:
    return {"@value": text, "@language": "en"}


def _distribution(file: dict[str, Any], licence: str) -> dict[str, Any]:
    kind = file["format"].upper()  # as in the EU's authority table of file types
    media_type = f"https://www.iana.org/assignments/media-types/{file['mediatype']}"
    return {
        "@type": "dcat:Distribution",
        "dct:title": _english(file["path"]),
        "dcat:accessURL": {"@id": file["path"]},
        "dcat:downloadURL": {"@id": file["path"]},
        "dct:format": _typed(f"{AUTHORITY}/file-type/{kind}", "dct:MediaTypeOrExtent"),
        "dcat:mediaType": _typed(media_type, "dct:MediaType"),
        "dct:license": _typed(licence, "dct:LicenseDocument"),
        "dct:rights": _typed("LICENSES.md", "dct:RightsStatement"),
        "dcat:byteSize": {"@value": str(file["bytes"]), "@type": "xsd:nonNegativeInteger"},
        "spdx:checksum": {
            "@type": "spdx:Checksum",
            "spdx:algorithm": _typed("spdx:checksumAlgorithm_sha256", "spdx:ChecksumAlgorithm"),
            "spdx:checksumValue": {
                "@value": file["hash"].removeprefix("sha256:"),
                "@type": "xsd:hexBinary",
            },
        },
    }
