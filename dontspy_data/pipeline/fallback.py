"""Facts of stand-ins: what a package owes to pages that a run asked for because the API refused or was down."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

from dontspy_data.capture.captures import Captures, read_info
from dontspy_data.resolve.resolve import StatementRow
from dontspy_data.sources import source_of

ASKED = "collect-sources"
"""The field of a capture's first record that names the sources that its run was told to ask."""


def of_stand_ins(paths: Iterable[Path], captures: Captures, facts: Iterable[StatementRow]) -> Iterator[str]:
    """Yield a sentence for each stand-in from which tables have facts.

    Args:
        paths: the captures; each names the sources that its run was told to ask.
        captures: the same, opened.
        facts: every statement of the package.
    """
    pages = set(_pages(paths, captures))
    found: dict[str, list[StatementRow]] = defaultdict(list)
    for fact in facts:
        if fact.is_chosen and (fact.url, fact.retrieved_at) in pages:
            found[fact.source].append(fact)
    for source in sorted(found):
        yield _sentence(source, found[source])


def _sentence(source: str, facts: Sequence[StatementRow]) -> str:
    people, day = len({fact.mep_id for fact in facts}), max(fact.retrieved_at for fact in facts).date()
    return (
        f"{len(facts):,} facts about {people:,} people are those of {source} on {day}, which stood in for sources "
        "that refused or were down"
    )


def _pages(paths: Iterable[Path], captures: Captures) -> Iterator[tuple[str, datetime]]:
    """Yield address and time of the pages of sources that their run was not told to ask."""
    asked: dict[Path, set[str]] = {}
    for path in paths:
        if named := (read_info(path) or {}).get(ASKED):
            asked[path] = set(named.split(","))
    for url in captures.urls() if asked else ():
        source = source_of(url)
        for entry in captures.entries(url) if source and source.stands_in else ():
            if source and source.name not in asked.get(entry.path, {source.name}):
                yield url, entry.retrieved_at.replace(microsecond=0)
