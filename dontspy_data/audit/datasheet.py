"""An audit's own `CITATION.cff` and datasheet (`README.md`), so that it can be cited and judged by itself.

Formats: Citation File Format 1.2.0 (https://github.com/citation-file-format/citation-file-format/blob/1.2.0/schema-guide.md);
sections of Datasheets for Datasets (Gebru and others, 2021, doi:10.1145/3458723).
"""

from collections.abc import Mapping
from typing import Any

import yaml

from dontspy_data.audit.report import templates
from dontspy_data.formats.citation import CITATION, day

DATASHEET = "README.md"


def descriptions(
    described: Mapping[str, Any], source: Mapping[str, Any], facts: Mapping[str, Any]
) -> dict[str, str]:
    """Return both files, by name.

    Args:
        described: the audit's `datapackage.json`.
        source: the `datapackage.json` of the release that was audited.
        facts: about the release and the run, as for the report.
    """
    context = {
        **facts,
        "about": described,
        "source": source,
        "day": day(described),
        "citation": _words(described, source),
        "tables": [resource for resource in described["resources"] if "schema" in resource],
    }
    datasheet = templates().get_template(f"{DATASHEET}.j2").render(context)
    return {CITATION: _citation(described, source), DATASHEET: datasheet}


def _title(described: Mapping[str, Any], source: Mapping[str, Any]) -> str:
    version = f", version {source['version']}" if source.get("version") else ""
    return f"{described['title']}{version}"


def _words(described: Mapping[str, Any], source: Mapping[str, Any]) -> str:
    """Return how to cite it, in the style of APA."""
    authors = " & ".join(one["title"] for one in source["contributors"])
    models = ", ".join(f"{model['title']} {model['version']}" for model in described["models"])
    return f"{authors}. ({day(described)[:4]}). {_title(described, source)}: {models} [Data set]. {source['homepage']}"


def _citation(described: Mapping[str, Any], source: Mapping[str, Any]) -> str:
    authors = [{"name": one["title"], "website": one["path"]} for one in source["contributors"]]
    release = {
        "type": "data",
        "title": source["title"],
        **({"version": source["version"]} if source.get("version") else {}),
        "authors": authors,
        "date-released": day(source),
        "url": source["homepage"],
        "notes": f"datapackage.json: {described['release']['descriptor']}",
    }
    software = [
        {
            "type": "software",
            "title": model["title"],
            "version": model["version"],
            "authors": [{"name": model["title"]}],
            "url": model["homepage"],
        }
        for model in described["models"]
    ]
    document = {
        "cff-version": "1.2.0",
        "message": "If you use this audit, please cite it, the release it is of and the software. It holds guesses by "
        "software, which are never facts about anybody.",
        "type": "dataset",
        "title": _title(described, source),
        "date-released": day(described),
        "authors": authors,
        "abstract": described["description"],
        "keywords": ["face analysis", "audit", "bias", "European Parliament"],
        "license": [licence["name"] for licence in described["licenses"]],
        "url": source["homepage"],
        "references": [release, *software],
    }
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=1000)
