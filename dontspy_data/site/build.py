"""Building a site: a package in, a folder of static files out, the same bytes for the same package."""

import shutil
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import date
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from dontspy_data.contest.entries import RESOURCE, Ranked, ranked_entries
from dontspy_data.errors import UsageError
from dontspy_data.model.schema import Field, shipped_table
from dontspy_data.package.digests import copy_listed, whole_folder
from dontspy_data.site.api import answers
from dontspy_data.site.copies import small_copies
from dontspy_data.site.coverage import charts, portrait_counts
from dontspy_data.site.downloads import downloads, versions
from dontspy_data.site.explore import index_json, readings
from dontspy_data.site.material import PACKAGE, Material, open_material
from dontspy_data.site.pages import Pages, to_html
from dontspy_data.site.people import PersonView, people_of, summary
from dontspy_data.site.pictures import list_card
from dontspy_data.site.software import audit_source, findings
from dontspy_data.site.wall import wall_pages

MARKER = "open-data-faces.json"
"""The index that search reads; also what tells a folder that this module wrote from any other."""
SOCIAL_CARD = "card.jpg"
File = tuple[str, bytes]


@dataclass(frozen=True, slots=True)
class BuiltSite:
    """What was made: the folder, the number of people, files and bytes."""

    folder: Path
    people: int
    files: int
    bytes: int

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON-ready values."""
        return {
            "outcome": "done",
            "site": str(self.folder),
            "people": self.people,
            "files": self.files,
            "bytes": self.bytes,
        }


@dataclass(frozen=True, slots=True)
class Contests:
    """What the page shows: the columns of an entry, and the standing of both contests."""

    fields: tuple[Field, ...]
    enrichment: tuple[Ranked, ...]
    fakeface: tuple[Ranked, ...]


def build_site(
    package: Path,
    output: Path,
    *,
    audit: Path | None = None,
    entries: Path | None = None,
    address: str = "",
    executor: Executor | None = None,
) -> BuiltSite:
    """Make the site of a package.

    Args:
        package: a package or release; a ledger beside it, and changelogs, are used where they are.
        output: folder of the site; replaced when the new one is whole, and only then.
        audit: an audit of that package, whose tables join in.
        entries: the file of contest entries, for the standing.
        address: where the site will stand; only social cards need it, everything else is relative.
        executor: where to make small pictures; this process where it is None. The bytes are the same.

    Raises:
        UsageError: a folder is no package, `output` is in the way or lies where something is read from,
            `address` is no web address, or an entry is not in order.
        DontspyError: something in the package is damaged.
    """
    material = open_material(package, audit)
    _check_output(output, [path for path in (package, audit, entries) if path])
    _check_address(address)
    people = people_of(material)
    standing = contests(entries, package)
    with whole_folder(output, marker=MARKER, kind="site") as draft:
        for place, one in material.places.items():
            copy_listed(one.folder, draft / place)
        with as_file(files(__package__) / "static") as static:
            shutil.copytree(static, draft / "static")
        for path, body in _files(material, people, standing, address, executor):
            target = draft / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(body)
        sizes = [path.stat().st_size for path in draft.rglob("*") if path.is_file()]
    return BuiltSite(output, len(people), len(sizes), sum(sizes))


def _check_output(output: Path, read: Iterable[Path]) -> None:
    """Refuse a site inside what it is made from, and the other way round: one would replace the other."""
    for path in read:
        ours, theirs = output.resolve(), path.resolve()
        if ours.is_relative_to(theirs) or theirs.is_relative_to(ours):
            raise UsageError(
                f"{output} and {path} overlap: one contains the other",
                hint="Name a folder beside it with --output.",
            )


def _check_address(address: str) -> None:
    parts = urlsplit(address)
    if address and not (parts.scheme in ("http", "https") and parts.netloc):
        raise UsageError(f"{address} is no address of a site", hint="Give the whole of it: https://…")


def _files(
    material: Material,
    people: Sequence[PersonView],
    standing: Contests,
    address: str,
    executor: Executor | None,
) -> Iterator[File]:
    """Yield every file of the site but the package and the static ones."""
    folder = material.package.folder
    found = findings(material.rows("attribution_errors"))
    read = readings(material, people)
    yield MARKER, index_json(people, material, read)
    yield from ((f"api/{path}", body) for path, body in answers(people, material))
    published = [portrait for person in people for portrait in person.portraits if portrait.path]
    yield from small_copies(published, folder, PACKAGE, executor)
    shown = sum(person.portrait is not None for person in people)
    yield (
        SOCIAL_CARD,
        list_card(
            people,
            folder,
            (
                f"{len(people):,} Members and former Members",
                f"{shown:,} official portraits",
                _edition(material),
            ),
        ),
    )
    shared = {
        "dataset": material.package.descriptor,
        "edition": _edition(material),
        "version": material.version,
        "created": material.created,
        "total": len(people),
        "shown": shown,
        "card": SOCIAL_CARD,
        "index": MARKER,
        "has_audit": bool(found),
    }
    pages = Pages(shared, f"{address.rstrip('/')}/" if address else "")
    yield from wall_pages(pages, material, people, read)
    yield "index.html", pages.render("front.html", "index.html")
    yield from _person_pages(pages, people)
    yield from _data_pages(pages, material, people, standing)
    if material.audit and found:
        values = {"findings": found, "audit": audit_source(material.audit)}
        yield "software/index.html", pages.render("software.html", "software/index.html", **values)


def _edition(material: Material) -> str:
    return f"version {material.version}" if material.version else f"as of {material.created}"


def _person_pages(pages: Pages, people: Sequence[PersonView]) -> Iterator[File]:
    for person in people:
        values = {"person": person, "summary": summary(person)}
        yield person.address, pages.render("person.html", person.address, **values)


def _data_pages(
    pages: Pages, material: Material, people: Sequence[PersonView], standing: Contests
) -> Iterator[File]:
    card = (material.package.folder / "README.md").read_text("utf-8")
    offered = [downloads(place, package) for place, package in material.places.items()]
    drawn = charts(people, list(material.groups), date.fromisoformat(material.created))
    for template, path, values in (
        ("data.html", "data/index.html", {"packages": offered, "versions": versions(material)}),
        (
            "dictionary.html",
            "data/dictionary/index.html",
            {"tables": [table for package in material.places.values() for table in package.tables]},
        ),
        (
            "datasheet.html",
            "data/datasheet/index.html",
            {"datasheet": to_html(card, base=f"../../{PACKAGE}/", deeper=1)},
        ),
        ("coverage.html", "coverage/index.html", {"charts": drawn, "portraits": portrait_counts(people)}),
        ("contests.html", "contests/index.html", {"contest": standing}),
        ("api.html", "api/index.html", {"example": next(iter(people))}),
        ("about.html", "about/index.html", {}),
    ):
        yield path, pages.render(template, path, **values)


def contests(entries: Path | None, package: Path) -> Contests:
    """Read the contests, with the rankings from a file of entries if there is one.

    Args:
        entries: a file as docs/contest.md describes it.
        package: what the entries have to be about.

    Raises:
        UsageError: the file cannot be read.
        DontspyError: something is wrong with an entry.
    """
    ranked = ranked_entries(entries, package) if entries else ()
    return Contests(
        fields=shipped_table(RESOURCE).fields,
        enrichment=tuple(one for one in ranked if one.entry.contest == "enrichment"),
        fakeface=tuple(one for one in ranked if one.entry.contest == "fakeface"),
    )
