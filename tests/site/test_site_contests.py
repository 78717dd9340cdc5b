"""The contests' page: the format, and the standing of entries that are in order."""

import shutil
from pathlib import Path

import pytest
from lxml import html

from dontspy_data.errors import DontspyError
from dontspy_data.site.build import build_site, contests

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
MORE = "en-2026-002,enrichment,<b>Bold</b>,C,https://example.org/2,,,,2026-01-20,99,1,2026-02-01,O,https://archive.example.org/9,,\n"


@pytest.fixture
def entries(tmp_path: Path) -> Path:
    """The example, with an entry that comes first."""
    folder = Path(shutil.copytree(EXAMPLES, tmp_path / "entries"))
    with (folder / "contest_entries.csv").open("a", encoding="utf-8") as stream:
        stream.write(MORE)
    return folder / "contest_entries.csv"


def test_without_entries_there_is_a_format_and_no_standing(package: Path, site: Path) -> None:
    found = contests(None, package)
    assert (found.enrichment, found.fakeface) == ((), ())
    page = html.fromstring((site / "contests/index.html").read_text("utf-8"))
    assert page.xpath("//section[@aria-labelledby='format']//tbody/tr/th/code/text()") == [
        field.name for field in found.fields
    ]
    assert "Standing" not in page.text_content()


def test_the_standing_is_by_shares_and_likes_and_titles_are_text(
    package: Path, entries: Path, tmp_path: Path
) -> None:
    build_site(package, tmp_path / "site", entries=entries)
    page = html.fromstring((tmp_path / "site/contests/index.html").read_text("utf-8"))
    [enrichment, fakeface] = page.xpath("//section[starts-with(@aria-labelledby, 'standing')]//tbody")
    assert [cell.text_content() for cell in enrichment.xpath(".//th")] == [
        "<b>Bold</b>",
        "How long have they sat?",
    ]
    assert fakeface.xpath(".//a/@href") == ["https://example.org/posts/2", "https://example.org/posts/1"]


def test_an_entry_that_is_not_in_order_stops_the_site(package: Path, entries: Path, tmp_path: Path) -> None:
    with entries.open("a", encoding="utf-8") as stream:
        stream.write(
            "en-2026-003,enrichment,Script,D,javascript:alert(1),,,,2026-01-20,1,1,2026-02-01,O,https://archive.example.org/9,,\n"
        )
    with pytest.raises(DontspyError, match="line 6, url: is"):
        build_site(package, tmp_path / "site", entries=entries)
    assert not (tmp_path / "site").exists()
