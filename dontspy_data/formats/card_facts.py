"""The numbers of a dataset card, counted in the package's own tables."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dontspy_data.model.problems import ProblemGroup, ProblemRow, count_by_kind, group_problems
from dontspy_data.model.statements import SINGLE
from dontspy_data.package.open import Package

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many people of one kind there are, and how many of them have a portrait in the package.

    Attributes:
        name: of the kind, or that it is not known.
        people: how many there are.
        portraits: how many of them have one.
        known: whether it is known of them.
    """

    name: str
    people: int
    portraits: int
    known: bool = True


@dataclass(frozen=True, slots=True)
class CardFacts:
    """The numbers of a dataset card.

    Attributes:
        rows: number of rows of each table.
        countries: coverage by country, those without any last.
        genders: coverage by gender.
        statuses: current portraits by status.
        lent: pictures that the site did not give itself, by who did: a web archive, or a person who had saved them.
        holders: published portraits by who holds the rights, by the picture's own words; most first.
        unclear: published portraits whose rights are unclear.
        face_counts: published portraits by number of faces found; empty if nobody looked.
        pages: pages read, by source.
        first_page: day on which the earliest page was received, `YYYY-MM-DD`.
        last_page: day on which the latest one was.
        empty: people without a value, by column of `meps`.
        lost_letters: people whose name has lost letters in every source.
        conflicts: facts on which sources differ, by property.
        unusable: portraits that could not be used.
        problems: what could not be read or is not known, by kind, worst first.
        problem_groups: the same, like problems together; the worst ones.
        withdrawn: withdrawals by scope.
    """

    rows: Mapping[str, int]
    countries: Sequence[Coverage]
    genders: Sequence[Coverage]
    statuses: Mapping[str, int]
    lent: Mapping[str, int]
    holders: Sequence[tuple[str, int]]
    unclear: Sequence[Mapping[str, Any]]
    face_counts: Mapping[int, int]
    pages: Mapping[str, int]
    first_page: str
    last_page: str
    empty: Mapping[str, int]
    lost_letters: int
    conflicts: Mapping[str, int]
    unusable: int
    problems: Mapping[str, int]
    problem_groups: Sequence[ProblemGroup]
    withdrawn: Mapping[str, int]

    @property
    def people(self) -> int:
        """Number of people."""
        return self.rows["meps"]

    @property
    def known_gender(self) -> int:
        """Number of people whose gender is known."""
        return sum(one.people for one in self.genders if one.known)

    @property
    def published(self) -> int:
        """Number of portraits with a file, current and earlier."""
        return sum(count for _, count in self.holders)


MOST_PROBLEMS = 20
SITE = "server"
WORTH_SAYING = ("birth_date", "gender", "country", "political_group", "wikidata_id")


def card_facts(package: Package) -> CardFacts:
    """Count what a package's dataset card tells."""
    import pyarrow.compute as pc

    people = package.read("meps", ["mep_id", "name_lost_letters", *WORTH_SAYING])
    columns = [
        "mep_id",
        "status",
        "is_current",
        "path",
        "rights_status",
        "rights_holder",
        "face_count",
        "problem",
    ]
    has_basis = any(
        field.name == "basis" for field in package.table("portraits").fields
    )  # not in older releases
    portraits = package.read("portraits", [*columns, "basis"] if has_basis else columns).to_pylist()
    files = [row for row in portraits if row["path"]]
    pictured = {row["mep_id"] for row in files if row["is_current"]}
    names = {row["code"]: row["name_en"] for row in package.read("countries").to_pylist()}
    pages = package.read("pages", ["source", "retrieved_at"])
    problems = _problems(package)
    first_page, last_page = pc.min_max(pages["retrieved_at"]).as_py().values()
    return CardFacts(
        rows={table.name: package.rows(table.name) for table in package.tables},
        countries=_coverage(people, "country", names, pictured),
        genders=_coverage(people, "gender", {}, pictured),
        statuses=dict(sorted(Counter(row["status"] for row in portraits if row["is_current"]).items())),
        lent=dict(sorted(Counter(row["basis"] for row in files if row.get("basis", SITE) != SITE).items())),
        holders=Counter(row["rights_holder"] or "" for row in sorted(files, key=_holder)).most_common(),
        unclear=[row for row in files if row["rights_status"] == "unclear"],
        face_counts=dict(
            sorted(Counter(row["face_count"] for row in files if row["face_count"] is not None).items())
        ),
        pages=dict(sorted(Counter(pages["source"].to_pylist()).items())),
        first_page=first_page.date().isoformat(),
        last_page=last_page.date().isoformat(),
        empty={name: people[name].null_count for name in WORTH_SAYING},
        lost_letters=pc.sum(people["name_lost_letters"]).as_py(),
        conflicts=_conflicts(package),
        unusable=sum(row["problem"] is not None for row in portraits),
        problems=count_by_kind(problems),
        problem_groups=group_problems(problems)[:MOST_PROBLEMS],
        withdrawn=dict(
            sorted(Counter(row["scope"] for row in package.read("withdrawals").to_pylist()).items())
        ),
    )


def _problems(package: Package) -> list[ProblemRow]:
    """Return the rows of `problems`; packages of older versions of the project have none."""
    if not any(table.name == "problems" for table in package.tables):
        return []
    return [ProblemRow(**row) for row in package.read("problems").to_pylist()]


def _holder(row: Mapping[str, Any]) -> str:
    return row["rights_holder"] or ""


def _coverage(
    people: "pa.Table", column: str, names: Mapping[str, str], pictured: set[int]
) -> list[Coverage]:
    groups: dict[str | None, list[int]] = defaultdict(list)
    for mep_id, code in zip(people["mep_id"].to_pylist(), people[column].to_pylist(), strict=True):
        groups[code].append(mep_id)
    return [
        Coverage(
            names.get(code, code) if code else "not known",
            len(ids),
            len(pictured.intersection(ids)),
            code is not None,
        )
        for code, ids in sorted(groups.items(), key=lambda item: (item[0] is None, item[0] or ""))
    ]


def _conflicts(package: Package) -> dict[str, int]:
    """Count facts with two or more values where only one can hold; a name spelt in two ways is one, too."""
    import pyarrow as pa
    import pyarrow.compute as pc

    single, fact = pa.array(sorted(SINGLE)), ["mep_id", "property"]
    parts = package.batches("statements", [*fact, "value"])
    said = pa.Table.from_batches([part.filter(pc.is_in(part["property"], single)) for part in parts])
    values = said.group_by([*fact, "value"]).aggregate([]).group_by(fact).aggregate([([], "count_all")])
    several = values.filter(pc.greater(values["count_all"], 1))
    return dict(sorted(Counter(several["property"].to_pylist()).items()))
