"""The pages for people in a package: `README.md` and `LICENSES.md`, filled from its own numbers.

`README.md` is the dataset card: Hugging Face's front matter, then a datasheet with the seven sections of Gebru et al.
(2021), Datasheets for Datasets, doi:10.1145/3458723. Its numbers are counted from the package's own tables.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from dontspy_data.formats.citation import cite
from dontspy_data.formats.pictures import INLINE
from dontspy_data.model.problems import ProblemGroup, count_by_kind, group_problems
from dontspy_data.model.statements import SINGLE
from dontspy_data.package.open import Package

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa
    from jinja2 import Environment

MOST_PROBLEMS = 20
SITE = "server"
OF_PORTRAIT = (
    "mep_id",
    "status",
    "is_current",
    "path",
    "rights_status",
    "rights_holder",
    "face_count",
    "problem",
    "basis",  # not in older releases
)
WORTH_SAYING = ("birth_date", "gender", "country", "political_group", "wikidata_id")
SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))
"""Hugging Face's classes of sizes: https://huggingface.co/docs/hub/datasets-cards"""


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many people of one kind there are, and how many of them have a portrait in the package.

    Attributes:
        name: of the kind, or a word for unknown.
        people: how many there are.
        portraits: how many of them have one.
        known: whether the kind is known.
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
        lent: pictures not from the site itself, by origin: a web archive, or a person who saved them.
        holders: published portraits by who holds the rights, by the picture's own words; most first.
        unclear: published portraits whose rights are unclear.
        face_counts: published portraits by number of faces found; empty if faces were not looked for.
        pages: pages read, by source.
        first_page: day on which the earliest page was received, `YYYY-MM-DD`.
        last_page: day on which the latest one was.
        empty: people without a value, by column of `meps`.
        lost_letters: people whose name has lost letters in every source.
        conflicts: facts on which sources differ, by property.
        unusable: portraits that could not be used.
        problems: what could not be read or is unknown, by kind, worst first.
        problem_groups: the worst of them, grouped by similarity.
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


def card_facts(package: Package) -> CardFacts:
    """Count the numbers of a package's dataset card."""
    import pyarrow.compute as pc

    people = package.read("meps", ["mep_id", "name_lost_letters", *WORTH_SAYING])
    portraits = package.read("portraits", package.table("portraits").known(OF_PORTRAIT)).to_pylist()
    files = [row for row in portraits if row["path"]]
    pictured = {row["mep_id"] for row in files if row["is_current"]}
    names = {row["code"]: row["name_en"] for row in package.read("countries").to_pylist()}
    pages = package.read("pages", ["source", "retrieved_at"])
    problems = package.problems() if package.find("problems") else []  # older packages have none
    first_page, last_page = pc.min_max(pages["retrieved_at"]).as_py().values()
    return CardFacts(
        rows={table.name: package.rows(table.name) for table in package.tables},
        countries=_coverage(people, "country", names, pictured),
        genders=_coverage(people, "gender", {}, pictured),
        statuses=_counted(row["status"] for row in portraits if row["is_current"]),
        lent=_counted(row["basis"] for row in files if row.get("basis", SITE) != SITE),
        holders=Counter(sorted(row["rights_holder"] or "" for row in files)).most_common(),
        unclear=[row for row in files if row["rights_status"] == "unclear"],
        face_counts=_counted(row["face_count"] for row in files if row["face_count"] is not None),
        pages=_counted(pages["source"].to_pylist()),
        first_page=f"{first_page:%Y-%m-%d}",
        last_page=f"{last_page:%Y-%m-%d}",
        empty={name: people[name].null_count for name in WORTH_SAYING},
        lost_letters=pc.sum(people["name_lost_letters"]).as_py(),
        conflicts=_conflicts(package),
        unusable=sum(row["problem"] is not None for row in portraits),
        problems=count_by_kind(problems),
        problem_groups=group_problems(problems)[:MOST_PROBLEMS],
        withdrawn=_counted(package.read("withdrawals", ["scope"])["scope"].to_pylist()),
    )


def front_matter(package: Package) -> str:
    """Return Hugging Face's front matter, as YAML; the first configuration is what `load_dataset` loads by default."""
    import yaml

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


def _counted(values: Iterable[Any]) -> dict[Any, int]:
    return dict(sorted(Counter(values).items()))


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
    """Count facts with two or more values although only one can be true, including names in two spellings."""
    import pyarrow as pa
    import pyarrow.compute as pc

    single, fact = pa.array(sorted(SINGLE)), ["mep_id", "property"]
    parts = package.batches("statements", [*fact, "value"])
    said = pa.Table.from_batches([part.filter(pc.is_in(part["property"], single)) for part in parts])
    values = said.group_by([*fact, "value"]).aggregate([]).group_by(fact).aggregate([([], "count_all")])
    several = values.filter(pc.greater(values["count_all"], 1))
    return _counted(several["property"].to_pylist())


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
