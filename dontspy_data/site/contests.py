"""The contests: what an entry needs, and the standing where a file of entries is given."""

from dataclasses import dataclass
from pathlib import Path

from dontspy_data.contest.entries import RESOURCE, Ranked, check_entries, rank, read_entries, read_release
from dontspy_data.errors import UsageError
from dontspy_data.model.schema import Field, shipped_table


@dataclass(frozen=True, slots=True)
class Contests:
    """What the page shows: the columns of an entry, and the standing of both contests."""

    fields: tuple[Field, ...]
    enrichment: tuple[Ranked, ...]
    fakeface: tuple[Ranked, ...]


def contests(entries: Path | None, package: Path) -> Contests:
    """The contests, with the standing from a file of entries where there is one.

    Args:
        entries: a file as docs/contest.md describes it.
        package: what the entries have to be about.

    Raises:
        UsageError: the file cannot be read, or something is wrong with an entry.
    """
    ranked = _ranked(entries, package) if entries else ()
    return Contests(
        fields=shipped_table(RESOURCE).fields,
        enrichment=tuple(one for one in ranked if one.entry.contest == "enrichment"),
        fakeface=tuple(one for one in ranked if one.entry.contest == "fakeface"),
    )


def _ranked(path: Path, package: Path) -> tuple[Ranked, ...]:
    read = read_entries(path)
    if problems := check_entries(read, read_release(package), path.parent):
        first = problems[0]
        raise UsageError(
            f"{path} is not in order: line {first.line}, {first.column or 'the whole of it'}, {first.message}",
            hint=f"See all of it with: dontspy-data entries check {path} --release {package}",
        )
    return rank(read.entries)
