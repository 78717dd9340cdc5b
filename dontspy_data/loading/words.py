"""What is in a release, in words."""

from collections import Counter
from collections.abc import Mapping
from html import escape

from dontspy_data.formats.citation import cite
from dontspy_data.loading.tables import Tables


class Text(str):
    """A text that a notebook or a prompt shows as it reads, without quotes."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def describe(tables: Tables, url: str) -> Text:
    """Describe what a release holds, its version, licence, limits and citation.

    Args:
        tables: of the release.
        url: where it comes from.
    """
    descriptor = tables.package.descriptor
    version = descriptor.get("version")
    sizes = {
        name: tables.arrow(name, [schema.primary_key[0]]).num_rows for name, schema in tables.schemas.items()
    }
    width = max(map(len, sizes))
    portraits = tables.arrow("portraits", ["status", "rights_status", "is_current"]).to_pylist()
    current = [row for row in portraits if row["is_current"]]
    rights = Counter(row["rights_status"] for row in current if row["status"] == "present")
    lines = [
        descriptor["title"],
        f"{'Version ' + version if version else 'Not released'}, as of {descriptor['created']}, from {url}",
        "" if tables.people is None else f"Limited to {len(tables.people):,} people",
        *(f"  {name:<{width}}  {rows:>8,} rows  {tables.schema(name).title}" for name, rows in sizes.items()),
        "",
        f"Portraits: {_counts(Counter(row['status'] for row in current))}",
        f"Rights in those present: {_counts(rights)} (each picture's credit must stay with it)",
        *(f"Licence: {licence['title']} <{licence['path']}>" for licence in descriptor["licenses"]),
        "Please: no identification or matching of people, no face embeddings, no guesses at what people are",
        f"Cite: {cite(descriptor)}",
    ]
    return Text("\n".join(lines))


def _counts(counts: Mapping[str | None, int]) -> str:
    return ", ".join(f"{count:,} {name or 'unknown'}" for name, count in counts.items()) or "none"


def describe_html(tables: Tables, url: str) -> str:
    """Return title, version, tables with their rows, and how to cite a release, for a notebook."""
    descriptor = tables.package.descriptor
    version = descriptor.get("version")
    rows = "".join(
        f"<tr><td><code>{name}</code></td>"
        f'<td style="text-align:right">{tables.arrow(name, [schema.primary_key[0]]).num_rows:,}</td>'
        f"<td>{escape(schema.title)}</td></tr>"
        for name, schema in tables.schemas.items()
    )
    people = "" if tables.people is None else f"<p>Limited to {len(tables.people):,} people.</p>"
    return (
        f"<p><strong>{escape(descriptor['title'])}</strong><br>"
        f"{escape(f'Version {version}' if version else 'Not released')}, as of {escape(descriptor['created'])}, "
        f"from {escape(url)}</p>{people}"
        f"<table><thead><tr><th>Table</th><th>Rows</th><th>What it is</th></tr></thead><tbody>{rows}</tbody></table>"
        f"<p>Cite: {escape(cite(descriptor))}</p>"
    )
