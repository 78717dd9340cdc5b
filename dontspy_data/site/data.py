"""The pages of the data: the package's files with sizes and digests, the versions there are, and coverage.

Coverage is how many people of each kind are in the package, and how many of them with a portrait.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path, PurePosixPath

from dontspy_data.audit.attributions import AGE_BANDS, band_of
from dontspy_data.formats.pictures import INLINE
from dontspy_data.formats.tables import SPREADSHEET, SQLITE
from dontspy_data.model.schema import Table
from dontspy_data.package.files import expected, sha256_of
from dontspy_data.package.open import Package
from dontspy_data.site.facts import completed_years
from dontspy_data.site.languages import msg
from dontspy_data.site.material import Material
from dontspy_data.site.pages import to_html
from dontspy_data.site.people import PersonView
from dontspy_data.targets.ledger import ReleaseEntry

QUICK = {
    "data/meps.csv": msg("People (CSV)"),
    "data/meps.parquet": msg("People (Parquet)"),
    **dict.fromkeys(INLINE.values(), msg("People with portraits (Parquet)")),
    SQLITE: msg("All tables (SQLite)"),
    SPREADSHEET: msg("All tables (spreadsheet)"),
}
"""Files that most people come for, and what they are called."""
PICTURE_FOLDERS = ("portraits", "derived")
FORMATS = {
    ".csv": "CSV",
    ".parquet": "Parquet",
    ".json": "JSON",
    ".jsonl": "JSON Lines",
    ".jsonld": "JSON-LD",
    ".md": "Markdown",
    ".html": "HTML",
    ".svg": "SVG chart",
    ".cff": "Citation File Format",
    ".zip": "ZIP archive",
    ".tar": "TAR archive (WebDataset)",
    ".sqlite": "SQLite",
    ".xlsx": "Spreadsheet",
    ".sha256": "checksums",
}
NOT_KNOWN = "not known"
YOUNGEST = AGE_BANDS[0][1]


@dataclass(frozen=True, slots=True)
class Download:
    """A file: its name in the package, its address from the site's root, format, size and SHA-256."""

    name: str
    address: str
    format: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class TableDownload:
    """A table in its formats; `rows` is None if the descriptor does not say."""

    table: Table
    rows: int | None
    files: tuple[Download, ...]


@dataclass(frozen=True, slots=True)
class Downloads:
    """What there is to download of a package or audit.

    Attributes:
        title: of the package or audit.
        place: its folder in the site.
        tables: each with its files.
        others: every other file but pictures.
        pictures: number of picture files.
        picture_bytes: their size in all.
        whole: the package as one file; None if there is none.
    """

    title: str
    place: str
    tables: tuple[TableDownload, ...]
    others: tuple[Download, ...]
    pictures: int
    picture_bytes: int
    whole: Download | None = None

    @property
    def quick(self) -> tuple[tuple[str, Download], ...]:
        """What most people come for: what it is, and its file."""
        files = {file.name: file for table in self.tables for file in table.files}
        files |= {file.name: file for file in self.others}
        return tuple((title, files[name]) for name, title in QUICK.items() if name in files)

    @property
    def digests(self) -> str:
        """SHA-256 and name of every file but pictures, as `sha256sum` prints them."""
        files = [*(file for table in self.tables for file in table.files), *self.others]
        return "\n".join(f"{file.sha256}  {file.name}" for file in files)


@dataclass(frozen=True, slots=True)
class Version:
    """A release in the ledger, with its changelog as HTML; `is_this` where the site is made from it."""

    entry: ReleaseEntry
    changelog: str | None
    is_this: bool


def downloads(place: str, package: Package, bundle: Path | None = None) -> Downloads:
    """List the files of a package or audit.

    Args:
        place: its folder in the site.
        package: which; its files were held against its list.
        bundle: the package as one file in the site's folder `data`; None if there is none.
    """
    folder = package.folder
    digests = expected(folder)  # of a download, what was asked for
    files = [
        _download(place, folder, name, digest) for name, digest in digests.items() if not _is_picture(name)
    ]
    rows = {resource["name"]: resource.get("rows") for resource in package.descriptor["resources"]}
    tables = tuple(
        TableDownload(
            table,
            rows.get(table.name),
            tuple(
                f for f in files if PurePosixPath(f.name).with_suffix("").as_posix() == f"data/{table.name}"
            ),
        )
        for table in package.tables
    )
    of_tables = {file.name for table in tables for file in table.files}
    pictures = [name for name in digests if _is_picture(name)]
    return Downloads(
        title=package.descriptor["title"],
        place=place,
        tables=tables,
        others=tuple(file for file in files if file.name not in of_tables),
        pictures=len(pictures),
        picture_bytes=sum((folder / name).stat().st_size for name in pictures),
        whole=_download("data", bundle.parent, bundle.name, sha256_of(bundle)) if bundle else None,
    )


def versions(material: Material) -> list[Version]:
    """List the releases in the ledger, latest first."""
    return [
        Version(
            entry,
            _changes(material.changelogs.get(entry.version, ""), entry.version),
            entry.version == material.version,
        )
        for entry in material.releases
    ]


def _changes(changelog: str, version: str) -> str | None:
    """Render what a changelog says of one version as HTML; it also holds those before it."""
    section = re.search(
        rf"^## {re.escape(version)}\b[^\n]*\n(.*?)(?=^## |\Z)", changelog, re.DOTALL | re.MULTILINE
    )
    return to_html(section[1]) if section else None


def _download(place: str, folder: Path, name: str, sha256: str) -> Download:
    suffix = PurePosixPath(name).suffix
    size = (folder / name).stat().st_size
    return Download(name, f"{place}/{name}", FORMATS.get(suffix, suffix.lstrip(".")), size, sha256)


def _is_picture(name: str) -> bool:
    return name.startswith(tuple(f"{folder}/" for folder in PICTURE_FOLDERS))


@dataclass(frozen=True, slots=True)
class CoverageRow:
    """One row of a chart: how many people, and of how many of them there is a portrait."""

    label: str
    people: int
    with_portrait: int


@dataclass(frozen=True, slots=True)
class CoverageChart:
    """A bar chart and its numbers.

    Attributes:
        key: unique on the page.
        title: what it shows.
        note: how to read it.
        has_portraits: whether bars have a part for those with a portrait.
        bars: from the top, of what is known.
        unknown: how many people are in no bar: a bar of them would outgrow all others and say nothing.
    """

    key: str
    title: str
    note: str
    has_portraits: bool
    bars: tuple[CoverageRow, ...]
    unknown: int

    @property
    def most(self) -> int:
        """People in the longest bar."""
        return max((bar.people for bar in self.bars), default=1)


def charts(people: Sequence[PersonView], groups: Sequence[str], today: date) -> list[CoverageChart]:
    """Return the charts of a package's coverage.

    Args:
        people: everybody in it.
        groups: codes of political groups in the order to be shown.
        today: the package's own day, on which ages are counted.
    """
    by_group = _grouped(people, lambda p: p.group)
    in_groups = {code: by_group[code] for code in (*groups, NOT_KNOWN) if code in by_group}
    living = [person for person in people if not _is_dead(person)]
    pictured = [person for person in people if person.portrait]
    by_country = dict(sorted(_grouped(people, lambda p: p.country).items(), key=lambda item: -len(item[1])))
    by_gender, by_age = _grouped(people, lambda p: p.gender), _grouped(living, lambda p: _age(p, today))
    on_the_day = msg("On the day of the release, of those whose death no source gives.")
    by_clock = msg("By the camera's clock, of the current portraits.")
    by_year = _grouped(pictured, _year)
    return [
        _chart("country", msg("Member states"), by_country, msg("Latest mandate known.")),
        _chart("group", msg("Political groups"), in_groups, msg("Latest group known.")),
        _chart("gender", msg("Gender"), by_gender, msg("As officially published.")),
        _chart("age", msg("Age"), by_age, on_the_day),
        _chart("captured", msg("Year of the picture"), by_year, by_clock, has_portraits=False),
    ]


def _chart(
    key: str,
    title: str,
    groups: Mapping[str, Sequence[PersonView]],
    note: str,
    *,
    has_portraits: bool = True,
) -> CoverageChart:
    bars = tuple(
        CoverageRow(label, len(there), sum(person.portrait is not None for person in there))
        for label, there in groups.items()
        if label != NOT_KNOWN
    )
    return CoverageChart(key, title, note, has_portraits, bars, len(groups.get(NOT_KNOWN, ())))


def _grouped(
    people: Iterable[PersonView], label: Callable[[PersonView], str | None]
) -> dict[str, Sequence[PersonView]]:
    found: dict[str, list[PersonView]] = {}
    for person in people:
        found.setdefault(label(person) or NOT_KNOWN, []).append(person)
    return {name: found[name] for name in sorted(found, key=_place)}


def _place(name: str) -> tuple[bool, bool, str]:
    """Return a sort key: the youngest first, and what is not known last."""
    return (name == NOT_KNOWN, name != YOUNGEST, name)


def _is_dead(person: PersonView) -> bool:
    return any(fact.property == "death_date" for fact in person.facts)


def _age(person: PersonView, today: date) -> str | None:
    if not person.birth_date:
        return None
    return band_of(completed_years(person.birth_date, today))


def _year(person: PersonView) -> str | None:
    taken = person.portrait.captured_on if person.portrait else None
    return str(taken.year) if taken else None


def portrait_counts(people: Iterable[PersonView]) -> Counter[str]:
    """Count current portraits by status."""
    return Counter(person.portraits[0].status if person.portraits else "unknown" for person in people)
