"""The site as files: the same for the same package, whole, self-contained and safe."""

import hashlib
import json
import re
import shutil
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from lxml import html
from PIL import Image

from dontspy_data.errors import DontspyError, UsageError
from dontspy_data.site.build import MARKER, build_site, contacts
from dontspy_data.site.pages import SECURITY_POLICY

ADDRESS = "https://faces.example/eu/"


def digests(folder: Path) -> dict[str, str]:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


@cache
def pages(site: Path) -> Mapping[Path, html.HtmlElement]:
    """Every page, parsed once for all tests that walk them."""
    return {path: html.fromstring(path.read_bytes().decode()) for path in sorted(site.rglob("*.html"))}


def test_the_same_package_gives_the_same_bytes_and_nothing_stays_of_the_site_before(
    package: Path, site: Path, tmp_path: Path
) -> None:
    moved = shutil.copytree(package, tmp_path / "moved")
    (tmp_path / "again").mkdir()
    (tmp_path / "again" / MARKER).write_text("{}")
    (tmp_path / "again" / "left-over.html").write_text("from a person who is gone")
    build_site(moved, tmp_path / "again")
    assert digests(tmp_path / "again") == digests(site)


def test_the_package_itself_is_in_the_site(package: Path, site: Path) -> None:
    assert digests(site / "package") == digests(package)


def test_every_link_leads_to_a_file_of_the_site_and_every_fragment_to_an_element(audited: Path) -> None:
    parsed = pages(audited)
    ids = {path.resolve(): set(page.xpath("//@id")) for path, page in parsed.items()}
    broken = []
    for path, page in parsed.items():
        for address in page.xpath("//*[not(ancestor::template)]/@*[name()='href' or name()='src']"):
            parts = urlsplit(address)
            if parts.scheme:
                continue
            away = unquote(parts.path)
            start = audited / away.removeprefix("/eu/") if away.startswith("/") else path.parent / away
            target = start.resolve() if away else path.resolve()
            is_comparison = "compare/index.html" in parts.path  # its fragment holds people
            if not target.is_file() or not (
                is_comparison or {parts.fragment} - {""} <= ids.get(target, set())
            ):
                broken.append((str(path.relative_to(audited)), address))
    assert broken == []


def test_pages_obey_their_own_security_policy(audited: Path) -> None:
    for path, page in pages(audited).items():
        if path.parent.name == "audit":  # the audit's report is a page of its own, for any place
            continue
        [policy] = page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
        assert policy == SECURITY_POLICY, path
        assert page.xpath("//style | //*[@style] | //iframe | //object | //base") == [], path
        assert page.xpath("//script[not(@src or @type='application/ld+json')]") == [], path
        assert page.xpath("//script[not(@src or @type='application/ld+json')]") == [], path
        handlers = [name for element in page.iter() for name in element.attrib if name.startswith("on")]
        assert handlers == [], path
        loaded = page.xpath("//img/@src | //script/@src | //link[@rel='stylesheet']/@href")
        assert [address for address in loaded if urlsplit(address).netloc] == [], path
        assert page.xpath("//a[starts-with(@href, 'javascript:')]") == [], path


def test_markup_in_names_and_parties_is_text(site: Path) -> None:
    index = json.loads((site / MARKER).read_text("utf-8"))
    mep_id, name = next((row[0], row[1]) for row in index["people"] if "<script>" in row[1])
    page = html.fromstring((site / "person" / str(mep_id) / "index.html").read_text("utf-8"))
    assert page.xpath("string(//h1)") == name
    assert page.xpath("//h1//*[not(self::bdi)]") == []
    assert name in page.xpath("string(//title)")


def test_names_stand_apart_from_the_writing_around_them_and_no_page_is_heavy(audited: Path) -> None:
    """Names and parties are in scripts that may run the other way; a page comes to a phone as one file."""
    index = json.loads((audited / MARKER).read_text("utf-8"))
    names = {row[1] for row in index["people"]} | set(index["parties"])
    for path, page in pages(audited).items():
        if path.parent.name == "audit":
            continue
        assert path.stat().st_size < (800_000 if path.parent.name == "software" else 120_000), path
        loose = page.xpath("//body//text()[not(ancestor::bdi or ancestor::script or ancestor::option)]")
        words = " ".join(loose)
        assert [name for name in names if name in words] == [], path


def test_the_wall_is_light(site: Path) -> None:
    """Page, styles, modules, index and a page of pictures, for 5,000 people of whom 704 have a portrait."""
    page = (site / "explore" / "index.html").read_text("utf-8")
    parts = ("site.css", "wall.css", "boot.js", "dom.js", "explore.js", "facets.js", "people.js", "search.js")
    fixed = sum((site / "static" / part).stat().st_size for part in parts)
    index = json.loads((site / MARKER).read_text("utf-8"))
    rows = index.pop("people")
    pictured = sum(len(json.dumps(row)) for row in rows) / len(rows)
    without = sum(len(json.dumps([*row[:8], 0, 0])) for row in rows) / len(rows)
    indexed = len(json.dumps(index)) + pictured * 704 + without * 4_296
    faces = len(page.encode()) / page.count('class="face"') * 96
    pictures = [path.stat().st_size for path in (site / "pictures").glob("*-170.webp")]
    loaded = fixed + faces + max(sum(pictures) / len(pictures), 4_500) * 96  # a real portrait has 4 kB
    assert loaded < 700_000
    assert fixed + faces + indexed < 700_000


@pytest.mark.parametrize(
    ("contributors", "reached"),
    [
        (
            [{"title": "A", "path": "https://a.example/", "email": "us@a.example"}],
            [("A", "mailto:us@a.example")],
        ),
        ([{"title": "A", "path": "https://a.example/"}, {"title": "B"}], [("A", "https://a.example/")]),
        ([{"title": "A", "path": "javascript:alert(1)"}], [("Data", "https://home.example/")]),
        ([], [("Data", "https://home.example/")]),
    ],
)
def test_there_is_always_somebody_to_ask_for_a_withdrawal(
    contributors: list[dict[str, str]], reached: list[tuple[str, str]]
) -> None:
    about = {"title": "Data", "homepage": "https://home.example/", "contributors": contributors}
    assert contacts(about) == reached


def test_social_cards(audited: Path) -> None:
    """A card of their own for everybody with a portrait; its address and the page's are whole ones."""
    for page, image in (
        ("index.html", "card.jpg"),
        ("fr/index.html", "card.jpg"),
        ("person/9000049/index.html", "card.jpg"),
        ("person/9000003/index.html", "cards/9000003.jpg"),
        ("pl/person/9000003/index.html", "cards/9000003.jpg"),
    ):
        text = (audited / page).read_text("utf-8")
        assert re.findall(r'og:image" content="([^"]*)"', text) == [f"{ADDRESS}{image}"]
        assert re.findall(r'og:url" content="([^"]*)"', text) == [f"{ADDRESS}{page}"]
        assert re.findall(r'rel="canonical" href="([^"]*)"', text) == [f"{ADDRESS}{page}"]
        with Image.open(audited / image) as card:
            assert card.size == (1200, 630)
    shown = {path.stem for path in (audited / "embed").iterdir()}
    assert shown == {path.stem for path in (audited / "cards").iterdir()}


def test_search_engines_find_every_page(audited: Path, site: Path) -> None:
    listed = set(re.findall(r"<loc>([^<]*)</loc>", (audited / "sitemap.xml").read_text("utf-8")))
    for path, page in pages(audited).items():
        place = path.relative_to(audited).as_posix()
        is_found = f"{ADDRESS}{place.removesuffix('index.html')}" in listed
        is_hidden = place == "404.html" or place.startswith("audit/") or "/embed/" in f"/{place}"
        assert is_found != (is_hidden or bool(page.xpath("//meta[@name='robots']"))), place
    assert f"Sitemap: {ADDRESS}sitemap.xml" in (audited / "robots.txt").read_text("utf-8")
    assert not (site / "sitemap.xml").exists()  # without an address there is none to list


@pytest.mark.parametrize("address", ["faces.example", "ftp://faces.example", "//faces.example", "https://"])
def test_an_address_is_a_whole_one(package: Path, tmp_path: Path, address: str) -> None:
    with pytest.raises(UsageError, match="not the address of a site") as refused:
        build_site(package, tmp_path / "site", address=address)
    assert "https://" in refused.value.hint


def test_a_site_and_what_it_is_made_from_never_lie_one_in_the_other(
    package: Path, audit: Path, tmp_path: Path
) -> None:
    inner = Path(shutil.copytree(package, tmp_path / "site" / "package"))
    shutil.copytree(audit, tmp_path / "site" / "audit")
    before = digests(tmp_path)
    for output in (inner / "site", inner, inner.parent, tmp_path):
        with pytest.raises(UsageError, match="overlap"):
            build_site(inner, output)
    with pytest.raises(UsageError, match="overlap"):
        build_site(package, tmp_path / "site", audit=tmp_path / "site" / "audit")
    with pytest.raises(UsageError, match="overlap"):
        build_site(package, tmp_path / "site", entries=tmp_path / "site" / "entries.csv")
    assert digests(tmp_path) == before


def test_a_listed_file_that_is_not_there_is_named(package: Path, tmp_path: Path) -> None:
    cut = Path(shutil.copytree(package, tmp_path / "package"))
    (cut / "data" / "meps.csv").unlink()
    with pytest.raises(DontspyError, match=r"data/meps\.csv is missing"):
        build_site(cut, tmp_path / "site")


def test_a_folder_that_is_no_site_is_left_alone(package: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.odt").write_text("years of work")
    with pytest.raises(UsageError, match="is not a site"):
        build_site(package, tmp_path / "mine")
    assert (tmp_path / "mine" / "thesis.odt").read_text() == "years of work"
