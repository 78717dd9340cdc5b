"""The pages that people read in a package: `README.md` and `LICENSES.md`, filled from its own numbers.

`README.md` is the dataset card: Hugging Face's front matter, then a datasheet with the seven sections of Gebru et al.
(2021), Datasheets for Datasets, doi:10.1145/3458723.
"""

from functools import cache
from typing import TYPE_CHECKING, Any

import yaml

from dontspy_data.formats.card_facts import card_facts
from dontspy_data.formats.citation import cite
from dontspy_data.formats.pictures import INLINE
from dontspy_data.package.open import Package

if TYPE_CHECKING:
    from pathlib import Path

    from jinja2 import Environment

SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))
"""Hugging Face's classes of sizes: https://huggingface.co/docs/hub/datasets-cards"""


def write_card(package: Package) -> None:
    """Write `README.md` and `LICENSES.md` into a package or a release."""
    about = package.descriptor
    facts = {
        "about": about,
        "released": "release" in about,
        "front_matter": front_matter(package),
        "citation": cite(about) if "version" in about else "",
        "tables": package.tables,
        "facts": card_facts(package),
    }
    for name in ("README.md", "LICENSES.md"):
        text = _templates().get_template(f"{name}.j2").render(facts)
        (package.folder / name).write_text(text, encoding="utf-8")


def front_matter(package: Package) -> str:
    """Hugging Face's front matter, as YAML; the first configuration is what `load_dataset` loads unasked."""
    about = package.descriptor
    people = package.rows("meps")
    matter: dict[str, Any] = {
        "pretty_name": about["title"].split(":")[0],
        "language": ["en"],
        "license": "other",
        "license_name": "cc-by-4.0-tables-and-per-image-portraits",
        "license_link": "LICENSES.md",
        "size_categories": [next((name for below, name in SIZES if people < below), "n>1M")],
        "tags": [word.lower() for word in about["keywords"]],
    }
    if "release" in about:
        splits = [
            {"split": split, "path": path}
            for split, path in INLINE.items()
            if (package.folder / path).is_file() and _rows(package.folder / path)
        ]
        pictures = {"config_name": "portraits-with-facts", "data_files": splits, "default": True}
        tables = [
            {"config_name": table.name, "data_files": f"data/{table.name}.parquet"}
            for table in package.tables
            if package.rows(table.name)  # datasets cannot load an empty one
        ]
        matter["configs"] = [*([pictures] if splits else []), *tables]
    return yaml.safe_dump(matter, sort_keys=False, allow_unicode=True, width=1000)


def _rows(path: "Path") -> int:
    import pyarrow.parquet as pq

    return int(pq.read_metadata(path).num_rows)


@cache
def _templates() -> "Environment":
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(  # noqa: S701 - Markdown, not HTML
        loader=PackageLoader("dontspy_data.formats"), undefined=StrictUndefined, keep_trailing_newline=True
    )
    environment.filters["count"] = lambda number: f"{number:,}"
    environment.filters["share"] = lambda part, whole: f"{part / whole:.1%}" if whole else ""
    environment.filters["cell"] = lambda text: str(text).replace("|", "\\|").replace("\n", " ")
    return environment
