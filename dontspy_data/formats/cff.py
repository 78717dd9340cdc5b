"""`CITATION.cff`: how to cite a release, in the Citation File Format 1.2.0.

Format: https://github.com/citation-file-format/citation-file-format/blob/1.2.0/schema-guide.md
"""

import yaml

from dontspy_data.formats.common import creators, day
from dontspy_data.package.open import Package

CITATION = "CITATION.cff"


def citation_cff(package: Package) -> str:
    """The text of `CITATION.cff`."""
    about = package.descriptor
    document = {
        "cff-version": "1.2.0",
        "message": "If you use this dataset, please cite it as below. Portraits are credited one by one.",
        "type": "dataset",
        "title": about["title"],
        "version": about["version"],
        "date-released": day(about),
        "authors": [{"name": one["title"], "website": one["path"]} for one in creators(about)],
        "abstract": about["description"],
        "keywords": about["keywords"],
        "license": [licence["name"] for licence in about["licenses"]],
        "url": about["homepage"],
    }
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=1000)
