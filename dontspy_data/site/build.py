"""Building a site: a package in, a folder of static files out, the same bytes for the same package; and serving it.

How a page is added: `_pages` lists every page as a `SitePage`: template, path from the root of a language, values, and
the languages it is rendered in (all of them, unless it says otherwise). Values are facts, never words, since one
`SitePage` serves every language. Words stand in the template, in `{% trans %}` or `_()`; numbers and dates go through
the filters `number`, `percent`, `day` and `size`. A template extends `base.html`, fills its blocks `title`,
`description`, `head` and `main`, leads to pages by `link("explore/index.html")` and to other files by
`{{ root }}static/…`. Where it stands in the navigation is said by `SECTIONS` in `pages.py`. Scripts take their words
from `static/words.js` (`_`, `n_`). Then `python -m scripts.messages` adds the new texts to the catalogues.
"""

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import date
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, Any, AnyStr
from urllib.parse import quote, urlsplit

from dontspy_data.check.check import not_asked_for
from dontspy_data.contest.entries import RESOURCE as ENTRIES
from dontspy_data.contest.entries import ContestStanding, read_standings
from dontspy_data.errors import UsageError
from dontspy_data.formats.citation import cite, publisher
from dontspy_data.formats.write import bundle_name, write_zip
from dontspy_data.model.schema import shipped_table
from dontspy_data.model.texts import safe_link
from dontspy_data.package.files import copy_listed, is_made, whole_folder
from dontspy_data.package.open import Package
from dontspy_data.package.write import MEDIA_TYPES
from dontspy_data.site.data import Version, charts, downloads, portrait_counts, versions
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
from dontspy_data.site.machine_readable import (
    FEED,
    answers,
    dataset_markup,
    discovery,
    person_markup,
    versions_feed,
)
from dontspy_data.site.material import PACKAGE, Material, open_material
from dontspy_data.site.pages import NOT_FOUND, Pages, SitePage, to_html
from dontspy_data.site.people import PORTRAIT_STATUS, PersonView, people_of
from dontspy_data.site.pictures import SHARED, card_of, cards, shared_card, small_copies
from dontspy_data.site.story import Story, software_values, story_of

if TYPE_CHECKING:
    from _typeshed import SupportsRead, SupportsWrite

MARKER = "open-data-faces.json"
"""The index that search reads; also what tells a folder that this module wrote from any other."""
FRONT_FACES = 24
SAMPLE = 20
"""Rows that the page of the data shows."""
File = tuple[str, bytes]
LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class BuiltSite:
    """What was made: the folder, the number of people, files and bytes."""

    folder: Path
    people: int
    files: int
    bytes: int

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON-ready values."""
        about = asdict(self)
        return {"outcome": "done", "site": str(about.pop("folder")), **about}


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
        UsageError: a folder is not a package, `output` is in the way or lies where something is read from,
            `address` is not a web address, or an entry is invalid.
        DontspyError: something in the package is damaged.
    """
    material = open_material(package, audit)
    _check_output(output, [path for path in (package, audit, entries, rules) if path])
    _check_address(address)
    people = people_of(material)
    contents = _Contents(
        material,
        people,
        readings(people),
        story_of(material, people),
        read_standings(entries, package, rules),
        versions(material),
        f"{address.rstrip('/')}/" if address else "",
    )
    with whole_folder(output, marker=MARKER, kind="site") as draft:
        for place, one in material.places.items():
            copy_listed(one.folder, draft / place)
        with as_file(files(__package__) / "static") as static:
            shutil.copytree(static, draft / "static")
        bundled = replace(material, bundle=_bundle(material.package, draft))
        for path, body in _files(replace(contents, material=bundled), executor):
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
        raise UsageError(f"{address} is not the address of a site", hint="Give the full address: https://…")


@dataclass(frozen=True, slots=True)
class _Contents:
    """What pages are made of; `address` has a slash at its end, and is empty if it is not known."""

    material: Material
    people: Sequence[PersonView]
    read: Mapping[int, PortraitReading]
    story: Story | None
    standings: Sequence[ContestStanding]
    versions: Sequence[Version]
    address: str


def _files(site: _Contents, executor: Executor | None) -> Iterator[File]:
    """Yield every file of the site but the package and the static ones."""
    material, people, about = site.material, site.people, site.material.package.descriptor
    folder = material.package.folder
    yield MARKER, index_json(people, material, site.read)
    if asked := asked_faces(people, site.read):
        yield "guess/faces.json", asked_json(asked, models_of(site.read))
    yield from ((f"api/{path}", body) for path, body in answers(people, material))
    published = [portrait for person in people for portrait in person.portraits if portrait.path]
    yield from small_copies(published, folder, executor)
    shown = sum(person.portrait is not None for person in people)
    yield SHARED, _shared_card(site, shown)
    yield from cards(people, folder)
    shared = {
        "dataset": about,
        "contacts": contacts(about),
        "version": material.version,
        "created": date.fromisoformat(material.created),
        "all_languages": LANGUAGES,
        "total": len(people),
        "shown": shown,
        "card": SHARED,
        "index": MARKER,
        "has_audit": site.story is not None,
    }
    if site.versions:
        yield FEED, versions_feed(site.versions, about["title"], publisher(about)["title"], site.address)
    listed = list(_pages(site))
    yield from _rendered(listed, shared, site.address)
    yield from discovery(listed, site.address, material.created)


def _rendered(listed: Sequence[SitePage], shared: Mapping[str, Any], address: str) -> Iterator[File]:
    """Yield every page in each of its languages, and the words of their scripts."""
    translated = frozenset(page.path for page in listed if page.languages == LANGUAGES)
    for language in LANGUAGES:
        pages = Pages(shared, address, language, translated)
        yield f"static/words/{language.code}.json", language.script_messages()
        for page in listed:
            if language in page.languages:
                yield language.prefix + page.path, pages.render(page)


def _shared_card(site: _Contents, shown: int) -> bytes:
    material, title = site.material, "The faces of the European Parliament, as open data"
    if site.story and "gender" in site.story.findings:
        title = str(site.story.findings["gender"].title)
    edition = f"version {material.version}" if material.version else f"as of {material.created}"
    counts = f"{shown:,} official portraits of {len(site.people):,} Members and former Members"
    return shared_card(site.people, material.package.folder, title, (counts, edition))


def _pages(site: _Contents) -> Iterator[SitePage]:
    """Yield every page; the front page argues where there is an audit."""
    material, people, story = site.material, site.people, site.story
    yield SitePage("about.html", "about/index.html")
    yield SitePage("404.html", NOT_FOUND, languages=ENGLISH_ONLY, is_listed=False)
    yield from wall_pages(material, people, site.read)
    yield from _person_pages(people, site.address)
    yield from _data_pages(site)
    faces = spread([person for person in people if person.portrait], FRONT_FACES)
    markup = dataset_markup(material.package.descriptor, site.address)
    yield SitePage("story.html", "index.html", {"story": story, "faces": faces, "markup": markup})
    if material.audit and story:
        told = software_values(material, material.audit, people, story)
        yield SitePage("software.html", "software/index.html", told)


def _person_pages(people: Sequence[PersonView], address: str) -> Iterator[SitePage]:
    """Yield a page a person: in every language where there is a portrait to speak of, else in English.

    Those without are most of a package's people and mostly long gone; their pages are a register's. In every
    language they would be nine of ten files of the site.
    """
    for person in people:
        embed = f"embed/{person.mep_id}.html" if person.portrait else None
        values = {
            "person": person,
            "markup": person_markup(person, address),
            "own_card": card_of(person),
            "own_embed": embed,
        }
        yield SitePage("person.html", person.address, values, LANGUAGES if person.portrait else ENGLISH_ONLY)
        if embed:
            yield SitePage("embed.html", embed, {"person": person}, is_listed=False)


def _data_pages(site: _Contents) -> Iterator[SitePage]:
    material, people = site.material, site.people
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
    contests = {
        "fields": shipped_table(ENTRIES).fields,
        "contests": site.standings,
        "members": {person.mep_id: person for person in people},
    }
    yield SitePage("data.html", "data/index.html", _offered(site))
    yield SitePage("licences.html", "data/licences/index.html", {"licences": rendered}, ENGLISH_ONLY)
    yield SitePage("dictionary.html", "data/dictionary/index.html", {"tables": tables}, ENGLISH_ONLY)
    yield SitePage("datasheet.html", "data/datasheet/index.html", {"datasheet": datasheet}, ENGLISH_ONLY)
    yield SitePage("coverage.html", "coverage/index.html", covered)
    yield SitePage("contests.html", "contests/index.html", contests)
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
    return safe_link(address or "") or ""


def _offered(site: _Contents) -> Mapping[str, Any]:
    """Return what the page of the data shows."""
    material = site.material
    return {
        "packages": [
            downloads(place, package, material.bundle if place == PACKAGE else None)
            for place, package in material.places.items()
        ],
        "versions": site.versions,
        "feed": FEED if site.versions else None,
        "markup": dataset_markup(material.package.descriptor, site.address),
        "sample": [person for person in site.people if person.portrait][:SAMPLE],
        "cited": {style: cite(material.package.descriptor, style) for style in ("apa", "bibtex", "ris")},
    }


class _Handler(SimpleHTTPRequestHandler):
    """Files below a folder, without a line of log for each."""

    def copyfile(self, source: "SupportsRead[AnyStr]", outputfile: "SupportsWrite[AnyStr]") -> None:
        """Send a file; a reader who has left the page is not an error."""
        with suppress(BrokenPipeError, ConnectionResetError):
            super().copyfile(source, outputfile)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer what is not there with the site's own page, as hosts of static files do."""
        page = Path(self.directory) / "404.html"
        if code != 404 or not page.is_file():
            return super().send_error(code, message, explain)
        body = page.read_bytes()
        self.send_response(code)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        return None

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing."""


def open_server(folder: Path, port: int = 0) -> ThreadingHTTPServer:
    """Return a server for a folder, on this machine only; it serves once `serve_forever` is called.

    Args:
        folder: the site.
        port: where to listen; 0 for any that is free.

    Raises:
        UsageError: the port is taken.
    """
    types = {**SimpleHTTPRequestHandler.extensions_map, **MEDIA_TYPES, ".js": "text/javascript"}
    _Handler.extensions_map = types
    try:
        return ThreadingHTTPServer((LOOPBACK, port), partial(_Handler, directory=str(folder)))
    except OSError as error:
        raise UsageError(
            f"port {port} of {LOOPBACK} cannot be used: {error.strerror}",
            hint="Name another with --port, or 0 for any that is free.",
        ) from error


def serve(folder: Path, port: int, tell: Callable[[str], None]) -> None:
    """Serve a folder until Ctrl-C.

    Args:
        folder: the site.
        port: where to listen; 0 for any that is free.
        tell: gets the address, and that serving has stopped.

    Raises:
        UsageError: the port is taken.
    """
    with open_server(folder, port) as server:
        tell(f"Serving it at http://{server.server_name}:{server.server_port}/ until Ctrl-C")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            tell("Stopped.")
