"""The pages that people read in a package: `README.md` and `LICENSES.md`, filled from its own numbers."""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from dontspy_data import __version__
from dontspy_data.package.descriptor import Provenance
from dontspy_data.package.metadata import dataset, tables
from dontspy_data.portraits.rows import PortraitRow

if TYPE_CHECKING:
    from jinja2 import Environment

STATUSES = (
    ("present", "a portrait is in the package"),
    ("placeholder", "the Parliament shows a stock silhouette"),
    ("absent", "the Parliament has none"),
    ("unknown", "nobody asked, or the answer could not be used"),
    ("withdrawn", "withdrawn at the person's wish"),
)


def write_card(
    folder: Path, rows: Mapping[str, int], portraits: Sequence[PortraitRow], made_from: Provenance
) -> None:
    """Write `README.md` and `LICENSES.md`.

    Args:
        folder: the package.
        rows: number of rows of each table.
        portraits: rows of the table `portraits`.
        made_from: what the package was made from.
    """
    facts = {
        "dataset": dataset(),
        "tables": tables(),
        "rows": rows,
        "version": __version__,
        "created": made_from.retrieved_at.strftime("%Y-%m-%d %H:%M UTC"),
        "captures": len(made_from.captures),
        "statuses": STATUSES,
        "portraits": Counter(row.status for row in portraits if row.is_current),
        "unclear": [row for row in portraits if row.rights_status == "unclear" and row.path],
    }
    for name in ("README.md", "LICENSES.md"):
        (folder / name).write_text(_templates().get_template(f"{name}.j2").render(facts), encoding="utf-8")


@cache
def _templates() -> "Environment":
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(  # noqa: S701 - Markdown, not HTML
        loader=PackageLoader("dontspy_data.package"), undefined=StrictUndefined, keep_trailing_newline=True
    )
