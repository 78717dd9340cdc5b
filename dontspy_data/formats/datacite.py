"""`datacite.json`: what a DOI needs to know of a release, in DataCite's metadata schema 4.5.

Format: https://datacite-metadata-schema.readthedocs.io/en/4.5/. It has no DOI of its own: that is given by whoever
registers one.
"""

from dontspy_data.formats.citation import creators, day, publisher
from dontspy_data.package.describe import MEDIA_TYPES
from dontspy_data.package.digests import json_text
from dontspy_data.package.open import Package

DATACITE = "datacite.json"


def datacite(package: Package) -> str:
    """Return the text of `datacite.json`."""
    about = package.descriptor
    document = {
        "schemaVersion": "http://datacite.org/schema/kernel-4",
        "types": {"resourceTypeGeneral": "Dataset", "resourceType": "Tables and portraits"},
        "titles": [{"title": about["title"], "lang": "en"}],
        "creators": [{"name": one["title"], "nameType": "Organizational"} for one in creators(about)],
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
    return json_text(document)
