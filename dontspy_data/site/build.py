"""Building a site: a package in, a folder of static files out, the same bytes for the same package.

How a page is added: `_pages` lists every page as a `SitePage`: template, path from the root of a language, values, and
the languages it is rendered in (all of them, unless it says otherwise). Values are facts, never words, since one
`SitePage` serves every language. Words stand in the template, in `{% trans %}` or `_()`; numbers and dates go through
the filters `number`, `percent`, `day` and `size`. A template extends `base.html`, fills its blocks `title`,
`description`, `head` and `main`, leads to pages by `link("explore/index.html")` and to other files by
`{{ root }}static/…`. Where it stands in the navigation is said by `SECTIONS` in `pages.py`. Scripts take their words
from `static/words.js` (`_`, `n_`). Then `python -m scripts.messages` adds the new texts to the catalogues.
"""

import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from datetime import date
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from dontspy_data.check.check import not_asked_for
from dontspy_data.errors import UsageError
from dontspy_data.formats.bundles import bundle_name, write_zip
from dontspy_data.formats.citation import cite, publisher
from dontspy_data.model.texts import web_address
from dontspy_data.package.digests import copy_listed, is_made, whole_folder
from dontspy_data.package.open import Package
from dontspy_data.site.api import answers
from dontspy_data.site.contests import Contests, read_contests
from dontspy_data.site.data import charts, downloads, portrait_counts, versions
from dontspy_data.site.discovery import FEED, dataset_markup, discovery, person_markup, versions_feed
from dontspy_data.site.explore import (
    PortraitReading,
    asked_faces,
    asked_json,
    index_json,
    models_of,
    readings,
    spread,
    wall_pages,
)
from dontspy_data.site.languages import ENGLISH_ONLY, LANGUAGES
from dontspy_data.site.material import PACKAGE, Material, open_material
from dontspy_data.site.pages import NOT_FOUND, Pages, SitePage, to_html
from dontspy_data.site.people import PORTRAIT_STATUS, PersonView, people_of
from dontspy_data.site.pictures import SHARED, card_of, cards, shared_card, small_copies
from dontspy_data.site.story import Story, software_values, story_of

MARKER = "open-data-faces.json"
"""The index that search reads; also what tells a folder that this module wrote from any other."""
FRONT_FACES = 24
SAMPLE = 20
"""Rows that the page of the data shows."""
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


def build_site(
    package: Path,
    output: Path,
    *,
    audit: Path | None = None,
    entries: Path | None = None,
    rules: Path | None = None,
    address: str = "",
    executor: Executor | None = None,
) -> BuiltSite:
    """Make the site of a package.

    Args:
        package: a package or release; a ledger beside it, and changelogs, are used where they are.
        output: folder of the site; replaced when the new one is whole, and only then.
        audit: an audit of that package, whose tables join in.
        entries: the file of contest entries, for the standing.
        rules: the contests' own file; None for the one beside the entries, where there is one.
        address: where the site will stand; only social cards need it, everything else is relative.
        executor: where to make small pictures; this process where it is None. The bytes are the same.

    Raises:
        UsageError: a folder is no package, `output` is in the way or lies where something is read from,
            `address` is no web address, or an entry is not in order.
        DontspyError: something in the package is damaged.
    """
    material = open_material(package, audit)
    _check_output(output, [path for path in (package, audit, entries, rules) if path])
    _check_address(address)
    people = people_of(material)
    standing = read_contests(entries, rules, package, people)
    with whole_folder(output, marker=MARKER, kind="site") as draft:
        for place, one in material.places.items():
            copy_listed(one.folder, draft / place)
        with as_file(files(__package__) / "static") as static:
            shutil.copytree(static, draft / "static")
        material = replace(material, bundle=_bundle(material.package, draft))
        for path, body in _files(material, people, standing, address, executor):
            target = draft / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(body)
        sizes = [path.stat().st_size for path in draft.rglob("*") if path.is_file()]
    return BuiltSite(output, len(people), len(sizes), sum(sizes))


def _bundle(package: Package, site: Path) -> Path | None:
    """Write the package as one file, if every file of it is there."""
    if not all(is_made(name) for name in not_asked_for(package.folder)):
        return None
    path = site / "data" / bundle_name(package.descriptor, "zip")
    path.parent.mkdir(exist_ok=True)
    write_zip(package, path)
    return path


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
    read = readings(people)
    yield MARKER, index_json(people, material, read)
    if asked := asked_faces(people, read):
        yield "guess/faces.json", asked_json(asked, models_of(read))
    yield from ((f"api/{path}", body) for path, body in answers(people, material))
    published = [portrait for person in people for portrait in person.portraits if portrait.path]
    yield from small_copies(published, folder, executor)
    shown = sum(person.portrait is not None for person in people)
    story = story_of(material, people)
    yield SHARED, _shared_card(material, people, story)
    yield from cards(people, folder)
    shared = {
        "dataset": material.package.descriptor,
        "contacts": contacts(material.package.descriptor),
        "version": material.version,
        "created": date.fromisoformat(material.created),
        "all_languages": LANGUAGES,
        "total": len(people),
        "shown": shown,
        "card": SHARED,
        "index": MARKER,
        "has_audit": story is not None,
    }
    whole = f"{address.rstrip('/')}/" if address else ""
    if released := versions(material):
        about = material.package.descriptor
        yield FEED, versions_feed(released, about["title"], publisher(about)["title"], whole)
    listed = [*_pages(material, people, standing, read, whole), *_story_pages(material, people, story, whole)]
    yield from _rendered(listed, shared, whole)
    yield from discovery(listed, whole, material.created)


def _rendered(listed: Sequence[SitePage], shared: Mapping[str, Any], address: str) -> Iterator[File]:
    """Yield every page in each of its languages, and the words of their scripts."""
    translated = frozenset(page.path for page in listed if page.languages == LANGUAGES)
    for language in LANGUAGES:
        pages = Pages(shared, address, language, translated)
        yield f"static/words/{language.code}.json", language.script_messages()
        for page in listed:
            if language in page.languages:
                yield language.prefix + page.path, pages.render(page)


def _shared_card(material: Material, people: Sequence[PersonView], story: Story | None) -> bytes:
    title = "The faces of the European Parliament, as open data"
    if story and "gender" in story.findings:
        title = str(story.findings["gender"].title)
    shown = sum(person.portrait is not None for person in people)
    edition = f"version {material.version}" if material.version else f"as of {material.created}"
    counts = f"{shown:,} official portraits of {len(people):,} Members and former Members"
    return shared_card(people, material.package.folder, title, (counts, edition))


def _story_pages(
    material: Material, people: Sequence[PersonView], story: Story | None, address: str
) -> Iterator[SitePage]:
    """Yield the front page, which argues where there is an audit, and the audit's page."""
    faces = spread([person for person in people if person.portrait], FRONT_FACES)
    markup = dataset_markup(material.package.descriptor, address)
    yield SitePage("story.html", "index.html", {"story": story, "faces": faces, "markup": markup})
    if material.audit and story:
        yield SitePage(
            "software.html", "software/index.html", software_values(material, material.audit, people, story)
        )


def _pages(
    material: Material,
    people: Sequence[PersonView],
    standing: Contests,
    read: Mapping[int, PortraitReading],
    address: str,
) -> Iterator[SitePage]:
    """Yield every page but the story's."""
    yield SitePage("about.html", "about/index.html")
    yield SitePage("404.html", NOT_FOUND, languages=ENGLISH_ONLY, is_listed=False)
    yield from wall_pages(material, people, read)
    yield from _person_pages(people, address)
    yield from _data_pages(material, people, standing, address)


def _person_pages(people: Sequence[PersonView], address: str) -> Iterator[SitePage]:
    """Yield a page a person: in every language where there is a portrait to speak of, else in English.

    Those without are most of a package's people and mostly long gone; their pages are a register's. In every
    language they would be nine of ten files of the site.
    """
    for person in people:
        card = card_of(person)
        embed = f"embed/{person.mep_id}.html" if person.portrait else None
        values = {
            "person": person,
            "markup": person_markup(person, address),
            "own_card": card,
            "own_embed": embed,
        }
        yield SitePage("person.html", person.address, values, LANGUAGES if person.portrait else ENGLISH_ONLY)
        if embed:
            yield SitePage("embed.html", embed, {"person": person}, is_listed=False)


def _data_pages(
    material: Material, people: Sequence[PersonView], standing: Contests, address: str
) -> Iterator[SitePage]:
    card, licences = (
        (material.package.folder / name).read_text("utf-8") for name in ("README.md", "LICENSES.md")
    )
    tables = [table for package in material.places.values() for table in package.tables]
    drawn = charts(people, list(material.groups), date.fromisoformat(material.created))
    datasheet = to_html(card, base=f"../../{PACKAGE}/", deeper=1)
    rendered = to_html(licences, base=f"../../{PACKAGE}/", deeper=0)
    covered = {
        "charts": drawn,
        "portraits": portrait_counts(people),
        "names": material.countries,
        "explanations": PORTRAIT_STATUS,
    }
    yield SitePage("data.html", "data/index.html", _offered(material, people, address))
    yield SitePage("licences.html", "data/licences/index.html", {"licences": rendered}, ENGLISH_ONLY)
    yield SitePage("dictionary.html", "data/dictionary/index.html", {"tables": tables}, ENGLISH_ONLY)
    yield SitePage("datasheet.html", "data/datasheet/index.html", {"datasheet": datasheet}, ENGLISH_ONLY)
    yield SitePage("coverage.html", "coverage/index.html", covered)
    yield SitePage("contests.html", "contests/index.html", {"contest": standing})
    yield SitePage("withdraw.html", "withdraw/index.html")
    yield SitePage("api.html", "api/index.html", {"example": next(iter(people))}, ENGLISH_ONLY)


def contacts(descriptor: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return whom to write to, name and link: by mail, else at a page of theirs, else at the dataset's homepage."""
    found = (
        (
            one["title"],
            f"mailto:{quote(one['email'], safe='@')}" if one.get("email") else _web(one.get("path")),
        )
        for one in descriptor.get("contributors", ())
    )
    reached = [(title, address) for title, address in found if address]
    return reached or [(descriptor["title"], _web(descriptor.get("homepage")))]


def _web(address: str | None) -> str:
    return web_address(address or "") or ""


def _offered(material: Material, people: Sequence[PersonView], address: str) -> Mapping[str, Any]:
    """Return what the page of the data shows."""
    released = versions(material)
    return {
        "packages": [
            downloads(place, package, material.bundle if place == PACKAGE else None)
            for place, package in material.places.items()
        ],
        "versions": released,
        "feed": FEED if released else None,
        "markup": dataset_markup(material.package.descriptor, address),
        "sample": [person for person in people if person.portrait][:SAMPLE],
        "cited": {style: cite(material.package.descriptor, style) for style in ("apa", "bibtex", "ris")},
    }
