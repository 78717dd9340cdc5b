"""Facts of stand-ins: what a package owes to pages that a run asked for because the API refused or was down."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from dontspy_data.capture.captures import Captures, read_info
from dontspy_data.resolve.resolve import StatementRow
from dontspy_data.sources import source_of

ASKED = "collect-sources"
"""The field of a capture's first record that names the sources that its run was told to ask."""


class StandIns:
    """Counts the facts that tables have from stand-ins.

    Args:
        paths: the captures; each names the sources that its run was told to ask.
        captures: the same, opened.
    """

    def __init__(self, paths: Iterable[Path], captures: Captures) -> None:
        """Begin with no facts."""
        self._pages = frozenset(_pages(paths, captures))
        self._found: dict[str, Counter[tuple[int, datetime]]] = defaultdict(Counter)

    def add(self, facts: Iterable[StatementRow]) -> None:
        """Count those statements of a package from which tables have facts."""
        for fact in facts if self._pages else ():
            if fact.is_chosen and (fact.url, fact.retrieved_at) in self._pages:
                self._found[fact.source][fact.mep_id, fact.retrieved_at] += 1

    def sentences(self) -> Iterator[str]:
        """Yield a sentence for each stand-in."""
        for source, facts in sorted(self._found.items()):
            people, day = len({mep_id for mep_id, _ in facts}), max(at for _, at in facts).date()
            yield (
                f"{facts.total():,} facts about {people:,} people are those of {source} on {day}, which stood in "
                "for sources that refused or were down"
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
