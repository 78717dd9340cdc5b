"""What is in a release, in words, and how to cite it."""

from collections import Counter
from collections.abc import Mapping
from typing import Any, Literal

from dontspy_data.errors import UsageError
from dontspy_data.formats.common import creators
from dontspy_data.loading.tables import Tables

Style = Literal["apa", "bibtex"]
ESCAPED = {character: f"\\{character}" for character in "&%$#_{}"}


class Text(str):
    """A text that a notebook or a prompt shows as it reads, without quotes."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def describe(tables: Tables, url: str) -> Text:
    """What a release holds, its version, licence, limits and citation.

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
        "Not for: identification or matching of people, face embeddings, guesses at what people are",
        f"Cite: {cite(descriptor, 'apa')}",
    ]
    return Text("\n".join(lines))


def cite(descriptor: Mapping[str, Any], style: str) -> Text:
    """How to cite a package.

    Args:
        descriptor: its `datapackage.json`.
        style: `apa` (7th edition, reference of a data set) or `bibtex`.

    Raises:
        UsageError: another style.
    """
    authors = [one["title"] for one in creators(descriptor)]
    facts = {
        "title": descriptor["title"],
        "year": descriptor["created"][:4],
        "version": descriptor.get("version"),
        "url": descriptor["homepage"],
    }
    if style == "apa":
        version = f" (Version {facts['version']})" if facts["version"] else ""
        return Text(
            f"{' & '.join(authors)}. ({facts['year']}). {facts['title']}{version} [Data set]. {facts['url']}"
        )
    if style == "bibtex":
        named = {"author": " and ".join(f"{{{_escape(author)}}}" for author in authors)}
        named |= {key: _escape(value) for key, value in facts.items() if value and key != "url"}
        named |= {"howpublished": f"\\url{{{facts['url']}}}", "note": "Data set"}
        key = f"open_data_faces_{facts['version'] or facts['year']}".replace(".", "_")
        body = "".join(f"  {name} = {{{value}}},\n" for name, value in named.items())
        return Text(f"@misc{{{key},\n{body}}}")
    raise UsageError(f"there is no citation style {style!r}", hint="Styles are: apa, bibtex.")


def _counts(counts: Mapping[str | None, int]) -> str:
    return ", ".join(f"{count:,} {name or 'unknown'}" for name, count in counts.items()) or "none"


def _escape(text: str) -> str:
    return "".join(ESCAPED.get(character, character) for character in text)
