"""Two builds of the real captures: what a release says of one portrait, one person, one name and one column."""

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from dontspy_data.check.check import check
from dontspy_data.model.schema import parse_table
from dontspy_data.package.files import checksums
from dontspy_data.package.open import open_package
from dontspy_data.package.write import TableWriter, arrow_schema, table_resources
from dontspy_data.pipeline.rebuild import verify_rebuild
from dontspy_data.release.release import difference, release_package

Rows = list[dict[str, Any]]


def change(folder: Path, table: str, rows: Callable[[Rows], Rows], columns: Rows | None = None) -> None:
    """Rewrite a table of a package, with columns added at its end."""
    package = open_package(folder)
    resources = package.descriptor["resources"]
    resource = next(one for one in resources if one["name"] == table)
    resource["schema"]["fields"] += columns or []
    described = parse_table(resource)
    changed = rows(package.read(table).to_pylist())
    with TableWriter(described, folder / "data") as writer:
        writer.add_arrow(pa.Table.from_pylist(changed, schema=arrow_schema(described)))
    descriptor = {
        **package.descriptor,
        "resources": table_resources(folder, [parse_table(one) for one in resources]),
    }
    (folder / "datapackage.json").write_text(json.dumps(descriptor))


def replace_portrait(folder: Path, mep_id: int, of: int) -> None:
    """Give a person somebody else's picture, and keep the one before as an earlier one."""
    rows = open_package(folder).read("portraits").to_pylist()
    before = next(row for row in rows if row["mep_id"] == mep_id)
    phash = next(row["phash"] for row in rows if row["mep_id"] == of and row["path"])
    earlier = f"portraits/earlier/{before['portrait_id']}.jpg"
    (folder / "portraits/earlier").mkdir(exist_ok=True)
    shutil.move(folder / before["path"], folder / earlier)
    shutil.copyfile(folder / f"portraits/{of}.jpg", folder / before["path"])
    digest = hashlib.sha256((folder / before["path"]).read_bytes()).hexdigest()
    after = {
        **before,
        "portrait_id": f"{mep_id}-{digest[:12]}",
        "sha256": digest,
        "phash": phash,
        "bytes": (folder / before["path"]).stat().st_size,
    }
    change(
        folder,
        "portraits",
        lambda rows: sorted(
            [
                *(row for row in rows if row != before),
                {**before, "is_current": False, "path": earlier},
                after,
            ],
            key=lambda row: (row["mep_id"], row["portrait_id"]),
        ),
    )


@pytest.fixture(scope="module")
def packages(package: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    two = Path(shutil.copytree(package, tmp_path_factory.mktemp("real") / "two"))
    people = [row["mep_id"] for row in open_package(two).read("portraits").to_pylist() if row["path"]]
    replaced, lender = people[0], people[1]
    replace_portrait(two, replaced, lender)
    gone = next(m for m in open_package(two).read("meps")["mep_id"].to_pylist() if m not in people)
    for table in ("meps", "mandates", "memberships", "contacts", "portraits", "statements"):
        change(two, table, lambda rows: [row for row in rows if row["mep_id"] != gone])
    column = {"name": "note", "type": "string", "title": "Note", "description": "A note."}
    named = people[2]
    change(
        two,
        "meps",
        lambda rows: [
            {**row, **({"name": "Corrected NAME"} if row["mep_id"] == named else {})} for row in rows
        ],
        [column],
    )
    (two / "checksums.sha256").write_text(checksums(two))
    return package, two


@pytest.fixture(scope="module")
def first(packages: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("first") / "1.0.0"
    release_package(packages[0], None, folder)
    return folder


def test_forwards_and_backwards(packages: tuple[Path, Path], first: Path, tmp_path: Path) -> None:
    one, two = packages
    forwards = release_package(two, first, tmp_path / "1.1.0")
    assert forwards.version == "1.1.0"
    assert list(check(tmp_path / "1.1.0")) == []
    told = {section.title: [line.text for line in section.lines] for section in forwards.sections}
    assert {title: len(lines) for title, lines in told.items() if title != "Other tables"} == {
        "No longer in the dataset": 1,
        "Replaced portraits": 1,
        "Changed name": 1,
        "New in structure and description": 1,
    }
    assert told["Changed name"][0].endswith("now Corrected NAME")
    assert told["New in structure and description"] == ["the column `note` of `meps` is new"]
    delta = [json.loads(line) for line in (tmp_path / "1.1.0/delta.jsonl").read_text().splitlines()]
    of_meps = [(line["op"], *line.get("changed", {})) for line in delta if line["table"] == "meps"]
    assert sorted(of_meps) == [("DEL",), ("MOD", "name")]
    of_portraits = [(line["op"], *line.get("changed", {})) for line in delta if line["table"] == "portraits"]
    assert sorted(of_portraits) == [("ADD",), ("DEL",), ("MOD", "is_current", "path")]

    backwards = difference(open_package(tmp_path / "1.1.0"), open_package(one))
    assert backwards.version == "2.0.0"
    told = {section.title: [line.text for line in section.lines] for section in backwards.sections}
    assert told["Changes that readers may have to adapt to"] == ["the column `note` of `meps` is gone"]
    assert sum(len(told.get(title, ())) for title in ("Joined", "Returned", "New in the dataset")) == 1


def test_a_release_of_the_real_captures_is_rebuilt_to_the_byte(first: Path, shared: Path) -> None:
    found = verify_rebuild(str(first), "latest", [shared / "ep/captures.warc.gz"])
    assert found.problems == ()
    assert found.files > 380
