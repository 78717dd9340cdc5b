"""Versions and downloads: what a target's ledger and a release's changelogs say."""

import hashlib
import json
import re
import shutil
import zipfile
from pathlib import Path

import pandas as pd
from lxml import etree, html

from dontspy_data.package.files import checksums
from dontspy_data.package.open import open_package
from dontspy_data.site.build import build_site
from dontspy_data.site.data import downloads
from dontspy_data.targets.ledger import LEDGER, Ledger, ReleaseEntry

CHANGELOG = """\
# Changelog

What changed in each release, newest first.

## 1.1.0 (2026-01-15)

### People

- One person **joined**.

## 1.0.0 (2025-12-01)

The first release.
"""


def target(package: Path, folder: Path) -> Path:
    """A target with two releases; the path of the later one."""
    later = Path(shutil.copytree(package, folder / "1.1.0"))
    descriptor = json.loads((later / "datapackage.json").read_text("utf-8"))
    (later / "datapackage.json").write_text(json.dumps({**descriptor, "version": "1.1.0"}))
    (later / "CHANGELOG.md").write_text(CHANGELOG)
    (folder / "1.0.0").mkdir()
    (folder / "1.0.0" / "CHANGELOG.md").write_text(
        "# Changelog\n\n## 1.0.0 (2025-12-01)\n\nThe first release.\n"
    )
    entries = (
        ReleaseEntry("1.0.0", "2025-12-01", "a" * 64, {"meps": 61}, 1_000_000),
        ReleaseEntry("1.1.0", "2026-01-15", "b" * 64, {"meps": 62}, 2_000_000, withdrew=(9000007,)),
    )
    (later / "checksums.sha256").write_text(checksums(later))
    (folder / LEDGER).write_text(Ledger("open-data-faces", entries).to_json())
    return later


def test_versions_come_latest_first_with_their_changes(small_package: Path, tmp_path: Path) -> None:
    build_site(target(small_package, tmp_path / "target"), tmp_path / "site")
    page = html.fromstring((tmp_path / "site/data/index.html").read_text("utf-8"))
    versions = page.xpath("//article[@class='version']")
    assert [one.xpath("string(h3)").split()[0] for one in versions] == ["1.1.0", "1.0.0"]
    assert versions[0].xpath("string(.//strong)") == "joined"
    assert "9000007" in versions[0].text_content()
    assert "The first release." not in versions[0].text_content()
    assert "The first release." in versions[1].text_content()
    assert versions[0].xpath(".//h4/text()") == ["People"]
    assert "version 1.1.0" in page.xpath("string(//footer)")
    feed = etree.fromstring((tmp_path / "site/data/versions.xml").read_bytes())
    atom = {"a": "http://www.w3.org/2005/Atom"}
    assert feed.xpath("a:entry/a:title/text()", namespaces=atom) == ["Version 1.1.0", "Version 1.0.0"]
    assert feed.xpath("string(a:updated)", namespaces=atom) == "2026-01-15T00:00:00Z"
    ids = feed.xpath("//a:id/text()", namespaces=atom)
    assert len(set(ids)) == 3
    links = feed.xpath("//a:entry/a:link/@href", namespaces=atom)
    assert links == ["index.html#v1.1.0", "index.html#v1.0.0"]
    assert page.xpath("//link[@type='application/atom+xml']/@href") == ["../data/versions.xml"]


def test_rows_can_be_loaded_in_one_line_and_are_shown_with_their_faces(site: Path, base: str) -> None:
    page = html.fromstring((site / "data/index.html").read_text("utf-8"))
    rows = page.xpath("//table[@class='rows']/tbody/tr")
    assert len(rows) == 20
    assert all((site / "data" / row.xpath("string(.//img/@src)")).is_file() for row in rows)
    lines = {one.get("id"): one.text_content() for one in page.xpath("//pre/code[@data-site]")}
    assert list(lines) == ["load-python", "load-r", "load-duckdb", "load-javascript"]
    told: dict[str, pd.DataFrame] = {}
    exec(lines["load-python"].replace("https://THIS-SITE/", base), {}, told)
    assert len(told["meps"]) == 62
    for line in lines.values():
        [path] = re.findall(r"https://THIS-SITE/([^\"']+)", line)
        assert (site / path).is_file()


def test_licences_are_rendered_and_digests_folded(site: Path) -> None:
    page = html.fromstring((site / "data/licences/index.html").read_text("utf-8"))
    assert page.xpath("string(//h1)") == "Licences and rights"
    assert "Studio Beispiel & Uzorak" in page.xpath("string(//table)")
    data = html.fromstring((site / "data/index.html").read_text("utf-8"))
    assert data.xpath("//*[contains(@class, 'digest')][not(ancestor::details)]") == []


def test_a_package_without_a_ledger_has_no_versions(site: Path) -> None:
    page = html.fromstring((site / "data/index.html").read_text("utf-8"))
    assert page.xpath("//*[@id='versions']") == []


def test_every_file_is_offered_with_its_size_and_digest(package: Path) -> None:
    found = downloads("package", open_package(package))
    offered = [file for table in found.tables for file in table.files] + list(found.others)
    for file in offered:
        body = (package / file.name).read_bytes()
        assert (file.bytes, file.sha256) == (len(body), hashlib.sha256(body).hexdigest())
    files = sum(path.is_file() for path in package.rglob("*")) - 1  # checksums.sha256 does not list itself
    assert len(offered) + found.pictures == files
    assert all({file.format for file in table.files} == {"CSV", "Parquet"} for table in found.tables)


def test_everything_is_one_file_away(site: Path, package: Path) -> None:
    (bundle,) = (site / "data").glob("*.zip")
    assert f'href="../data/{bundle.name}"' in (site / "data/index.html").read_text("utf-8")
    with zipfile.ZipFile(bundle) as whole:
        names = {name.partition("/")[2] for name in whole.namelist()}
    assert {"datapackage.json", "data/meps.csv", "portraits/9000001.jpg", "checksums.sha256"} <= names
