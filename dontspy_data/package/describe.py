"""A package's own `datapackage.json`: the hand-edited metadata, and every table with its schema and digests.

Specification: Data Package 2.0, https://datapackage.org/standard/data-package/
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

from dontspy_data._version import __version__
from dontspy_data.capture.captures import Captures
from dontspy_data.model.schema import Table, dataset, tables
from dontspy_data.package.digests import DESCRIPTOR, json_text, sha256_of

MEDIA_TYPES = {
    ".csv": "text/csv",
    ".parquet": "application/vnd.apache.parquet",
    ".sqlite": "application/vnd.sqlite3",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".json": "application/json",
    ".jsonl": "application/jsonl",
    ".jsonld": "application/ld+json",
    ".md": "text/markdown",
    ".cff": "application/yaml",
    ".zip": "application/zip",
    ".tar": "application/x-tar",
    ".sha256": "text/plain",
}
"""Media types by the end of a file's name."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """What a package was made from.

    Attributes:
        captures: SHA-256 of each capture, sorted.
        retrieved_at: when the latest answer was received, UTC.
        lookups: SHA-256 of the maintainer's own lookups; None if there are none.
        over_budget: each way in which sources failed more than their budgets allow.
        fallback: a sentence for each source that stood in for another and gave facts.
    """

    captures: tuple[str, ...]
    retrieved_at: datetime
    lookups: str | None = None
    over_budget: tuple[str, ...] = ()
    fallback: tuple[str, ...] = ()


def provenance(
    paths: Iterable[Path],
    captures: Captures,
    lookups: str | None,
    over_budget: Iterable[str],
    fallback: Iterable[str],
) -> Provenance:
    """Return what a package made of these captures comes from; the rest is as of `Provenance`."""
    return Provenance(
        captures=tuple(sorted(sha256_of(path) for path in paths)),
        retrieved_at=max(entry.retrieved_at for url in captures.urls() for entry in captures.entries(url)),
        lookups=lookups,
        over_budget=tuple(over_budget),
        fallback=tuple(fallback),
    )


def write_descriptor(folder: Path, made_from: Provenance) -> None:
    """Write `datapackage.json` into a folder whose tables are in `data/`.

    Args:
        folder: the package.
        made_from: what the package was made from; its date is the package's, so that the clock plays no part.
    """
    descriptor = {
        **{key: value for key, value in dataset().items() if key != "resources"},
        "created": made_from.retrieved_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "generator": {"name": "dontspy-data", "version": __version__},
        "captures": [{"hash": f"sha256:{digest}"} for digest in made_from.captures],
        **({"lookups": {"hash": f"sha256:{made_from.lookups}"}} if made_from.lookups else {}),
        "overBudget": list(made_from.over_budget),
        **({"fallback": list(made_from.fallback)} if made_from.fallback else {}),
        "resources": table_resources(folder, tables()),
    }
    (folder / DESCRIPTOR).write_text(json_text(descriptor), encoding="utf-8")


def table_resources(folder: Path, described: Iterable[Table]) -> list[dict[str, Any]]:
    """Return the resources of tables whose files are in a package's `data/`."""
    return [_resource(folder, table) for table in described]


def _resource(folder: Path, table: Table) -> dict[str, Any]:
    import pyarrow.parquet as pq

    return {
        "name": table.name,
        "type": "table",
        "title": table.title,
        "description": table.description,
        **file_entry(folder, f"data/{table.name}.csv"),
        "encoding": "utf-8",
        "dialect": {"lineTerminator": "\n"},
        "rows": pq.read_metadata(folder / f"data/{table.name}.parquet").num_rows,
        "minimumRows": table.minimum_rows,
        "maximumRows": table.maximum_rows,
        # Not resources of their own: frictionless 5 takes nulls in Parquet's dates and integers for errors.
        "alternatives": [file_entry(folder, f"data/{table.name}.parquet")],
        "schema": table.schema,
    }


def file_entry(folder: Path, path: str) -> dict[str, Any]:
    """Return path, format, size and digest of a file of a package."""
    suffix = PurePosixPath(path).suffix
    return {
        "path": path,
        "format": suffix[1:],
        "mediatype": MEDIA_TYPES[suffix],
        "bytes": (folder / path).stat().st_size,
        "hash": f"sha256:{sha256_of(folder / path)}",
    }
