"""The contests' page: the format, and the standing of entries that are in order."""

import shutil
from pathlib import Path

import pytest
from lxml import html

from dontspy_data.contest.entries import RESOURCE, read_standings
from dontspy_data.errors import DontspyError
from dontspy_data.model.schema import shipped_table
from dontspy_data.site.build import build_site

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
    assert [one.entries for one in read_standings(None, package, None)] == [(), ()]
    page = html.fromstring((site / "contests/index.html").read_text("utf-8"))
    assert page.xpath("//section[@aria-labelledby='format']//tbody/tr/th/code/text()") == [
        field.name for field in shipped_table(RESOURCE).fields
    ]
    assert "Standing" not in page.text_content()


def test_a_contest_says_how_to_enter_until_when_and_what_to_win_and_lists_its_entries(
    package: Path, entries: Path, tmp_path: Path
) -> None:
    rules = tmp_path / "ours.toml"
    rules.write_text(
        "[fakeface]\nprize = 'A <b>mirror</b>'\nenter_at = 'office@example.org'\ncloses_on = 2026-06-30\n"
    )
    build_site(package, tmp_path / "site", entries=entries, rules=rules)
    page = html.fromstring((tmp_path / "site/contests/index.html").read_text("utf-8"))
    [enrichment, fakeface] = page.xpath("//section[.//ol[@class='standing']]")
    said = fakeface.xpath("string(.//dl)")
    assert "A <b>mirror</b>" in said
    assert "30 June 2026" in said
    assert fakeface.xpath(".//dl//a/@href")[0] == "mailto:office@example.org"
    assert "Prize" not in enrichment.text_content()
    titles = ".//p[@class='entry']/a"
    assert [one.text_content() for one in enrichment.xpath(titles)] == [
        "<b>Bold</b>",
        "How long have they sat?",
    ]
    assert fakeface.xpath(f"{titles}/@href") == ["https://example.org/posts/2", "https://example.org/posts/1"]
    assert fakeface.xpath(".//li//bdi/text()")[1:3] == ["C. Exemple", "Korbinian EXEMPEL"]
    assert page.xpath("//main//img") == []


def test_an_entry_that_is_not_in_order_stops_the_site(package: Path, entries: Path, tmp_path: Path) -> None:
    with entries.open("a", encoding="utf-8") as stream:
        stream.write(
            "en-2026-003,enrichment,Script,D,javascript:alert(1),,,,2026-01-20,1,1,2026-02-01,O,https://archive.example.org/9,,\n"
        )
    with pytest.raises(DontspyError, match="line 6, url: is"):
        build_site(package, tmp_path / "site", entries=entries)
    assert not (tmp_path / "site").exists()
