"""Building: the sample's traps come out right, the same bytes everywhere, and bad input replaces nothing."""

import io
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dontspy_data.capture.captures import Captures, Page
from dontspy_data.capture.records import remark_record, response_record, revisit_record
from dontspy_data.check.check import check
from dontspy_data.errors import DontspyError
from dontspy_data.model.problems import ProblemKind
from dontspy_data.model.schema import tables
from dontspy_data.package.open import open_package
from dontspy_data.pipeline.build import build_package, near_limits
from dontspy_data.sources import ep_csv, portraits
from scripts.sample.captures import CaptureWriter

DAY = datetime(2026, 1, 16, 6, tzinfo=UTC)


def rows(folder: Path, table: str, **where: Any) -> list[dict[str, Any]]:
    found = open_package(folder).read(table).to_pylist()
    return [row for row in found if all(row[key] == value for key, value in where.items())]


def capture(path: Path, pages: Sequence[Page]) -> Path:
    stream = io.BytesIO()
    writer = CaptureWriter(stream, software="test", started_at=DAY)
    for page in pages:
        writer.write(page)
    path.write_bytes(stream.getvalue())
    return path


def test_everybody_is_there_once(built: Path) -> None:
    meps = rows(built, "meps")
    assert len(meps) == len({row["mep_id"] for row in meps}) == 62
    assert {row["country"] for row in meps if row["latest_term"] == 10} >= {"GR", "CZ", "MT"}
    assert "EL" not in {row["country"] for row in meps}


def test_letters_lost_by_one_source_come_from_another(built: Path) -> None:
    damaged = [row for row in rows(built, "meps") if row["name_lost_letters"]]
    assert [row["mep_id"] for row in damaged] == [9000059]
    assert not [row for row in rows(built, "meps") if "?" in (row["birth_place"] or "")]
    lost = [row for row in rows(built, "statements", property="family_name") if "?" in row["value"]]
    assert {row["mep_id"] for row in lost if row["is_chosen"]} < {row["mep_id"] for row in lost}


def test_a_full_date_beats_a_vague_one_of_a_better_source(built: Path) -> None:
    said = rows(built, "statements", mep_id=9000027, property="birth_date")
    assert {len(row["value"]) for row in said} == {4, 10}
    (chosen,) = [row for row in said if row["is_chosen"]]
    (person,) = rows(built, "meps", mep_id=9000027)
    assert chosen["value"] == person["birth_date"].isoformat()


def test_conflicts_between_sources_can_be_counted(built: Path) -> None:
    said = rows(built, "statements", mep_id=9000018, property="birth_date")
    assert len({row["value"] for row in said}) == 2
    assert [row["source"] for row in said if row["is_chosen"]] == ["ep_api"]


def test_an_item_claimed_twice_is_nobodys(built: Path) -> None:
    claims: dict[int, set[str]] = {}
    for row in rows(built, "statements", property="wikidata_id"):
        claims.setdefault(row["mep_id"], set()).add(row["value"])
    contested = [mep_id for mep_id, items in claims.items() if len(items) > 1]
    assert contested
    for mep_id in contested:
        assert rows(built, "meps", mep_id=mep_id)[0]["wikidata_id"] is None


def test_portraits_have_a_status_each(built: Path) -> None:
    current = rows(built, "portraits", is_current=True)
    assert len(current) == 62
    assert {row["status"] for row in current} == {"present", "placeholder", "absent"}
    earlier = [row for row in rows(built, "portraits") if not row["is_current"]]
    assert {(row["mep_id"], row["status"], row["status_reason"], bool(row["path"])) for row in earlier} == {
        (9000003, "present", None, True),
        (9000022, "unknown", "location", False),
    }
    for row in rows(built, "portraits"):
        assert (row["path"] is not None) == (row["status"] == "present")


def test_statements_stand_by_their_pages(built: Path) -> None:
    pages = {(row["url"], row["retrieved_at"]) for row in rows(built, "pages")}
    assert {(row["url"], row["retrieved_at"]) for row in rows(built, "statements")} <= pages


@pytest.mark.parametrize("environment", [{"PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "LC_ALL": "C"}])
def test_another_machine_gives_the_same_bytes(
    small_sample: Path, small_package: Path, tmp_path: Path, environment: dict[str, str]
) -> None:
    again = tmp_path / "again"
    command = [
        sys.executable,
        "-m",
        "dontspy_data",
        "build",
        str(small_sample),
        "--output",
        str(again),
        "--no-faces",
    ]
    subprocess.run(command, check=True, env={**os.environ, **environment}, capture_output=True)
    subprocess.run(["diff", "-r", str(small_package), str(again)], check=True)


def test_the_order_and_names_of_captures_do_not_matter(
    small_sample: Path, small_package: Path, tmp_path: Path
) -> None:
    whole = Captures.open([small_sample])
    pages = [page for url in whole.urls() for page in whole.pages(url)]
    halves = [capture(tmp_path / f"{n}.warc.gz", pages[n::2]) for n in (0, 1)]
    for name, paths in (("ab", halves), ("ba", halves[::-1])):
        build_package(paths, tmp_path / name, faces=False)
    subprocess.run(["diff", "-r", str(tmp_path / "ab"), str(tmp_path / "ba")], check=True)
    assert rows(tmp_path / "ab", "meps") == rows(small_package, "meps")


def test_a_page_that_is_not_recognised_takes_nothing_from_the_others(
    small_sample: Path, small_package: Path, tmp_path: Path
) -> None:
    output = tmp_path / "package"
    url = "https://www.europarl.europa.eu/meps/en/full-list/xml"
    bad = capture(tmp_path / "bad.warc.gz", [Page(url, 200, (), b"<html>We are down</html>", DAY)])
    build_package([small_sample, bad], output, faces=False)
    assert rows(output, "meps") == rows(small_package, "meps")
    assert rows(output, "statements") == rows(small_package, "statements")


def test_what_only_confirms_adds_no_rows_and_what_is_left_out_is_known(
    small_sample: Path, small_package: Path, tmp_path: Path
) -> None:
    same, other, marked = (portraits.url(mep_id) for mep_id in (9000003, 9000004, 9000005))
    whole = Captures.open([small_sample])
    daily = []
    for day in range(1, 4):
        at = DAY + timedelta(days=day)
        known = whole.entries(same)[-1].retrieved_at if day == 1 else at - timedelta(days=1)
        daily.append(revisit_record(Page(same, 304, (), b"", at), known))
        page = whole.latest(other)
        assert page is not None
        daily.append(response_record(replace(page, retrieved_at=at)))
        daily.append(remark_record(Page(marked, 304, (), b"", at), "X-Robots-Tag: noai"))
    later = tmp_path / "later.warc.gz"
    later.write_bytes(b"".join(daily))
    package = tmp_path / "package"
    found = build_package([small_sample, later], package, faces=False)
    for table in ("pages", "statements"):
        assert rows(package, table) == rows(small_package, table)
    seen = {row["mep_id"]: row["last_seen"] for row in rows(package, "portraits", is_current=True)}
    assert seen[9000003] == seen[9000004] == DAY + timedelta(days=3)
    (current,) = rows(package, "portraits", mep_id=9000005, is_current=True)
    assert (current["status"], current["noai"], current["path"]) == ("unknown", True, None)
    (earlier,) = rows(package, "portraits", mep_id=9000005, is_current=False)
    assert earlier["path"].startswith("portraits/earlier/9000005-")
    assert found.portraits["unknown"] == 1
    assert not list(check(package))


def test_captures_that_name_nobody_build_nothing(tmp_path: Path) -> None:
    portrait = Page("https://www.europarl.europa.eu/mepphoto/9000001.jpg", 404, (), b"", DAY)
    empty = capture(tmp_path / "a.warc.gz", [portrait])
    with pytest.raises(DontspyError, match="name nobody"):
        build_package([empty], tmp_path / "package", faces=False)
    assert not (tmp_path / "package").exists()


def test_pages_nobody_reads_and_fields_nobody_reads_are_said(small_sample: Path, tmp_path: Path) -> None:
    stray = capture(
        tmp_path / "a.warc.gz",
        [
            Page("https://x.example/", 200, (), b"hello", DAY),
            Page(ep_csv.url(7, 1), 200, (), b"mep_identifier,mep_shoe_size\n9000001,38\n", DAY),
        ],
    )
    built = build_package([small_sample, stray], tmp_path / "package", faces=False)
    notes = {kind.what: kind.where for kind in built.notes}
    assert notes["answers that no source reads"] == ("x.example/: 1",)
    found = [group for group in built.problems if group.kind is ProblemKind.FIELD]
    (field,) = (group for group in found if group.source == "ep_csv")
    assert (field.source, field.found, field.url) == ("ep_csv", "mep_shoe_size", ep_csv.url(7, 1))


def test_a_build_without_the_extra_says_that_nobody_looked_for_faces(
    small_sample: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dontspy_data.pipeline.build.find_spec", lambda _: None)
    built = build_package([small_sample], tmp_path / "package")
    assert any("nobody looked for faces" in str(note) for note in built.notes)
    assert open_package(tmp_path / "package").read("faces").num_rows == 0


def test_tables_near_their_limit_are_named() -> None:
    rows = {table.name: table.minimum_rows for table in tables()}
    assert list(near_limits(rows)) == []
    (note,) = near_limits(rows | {"statements": 45_000_000})
    assert "statements: 45,000,000 of at most 50,000,000" in note.where
