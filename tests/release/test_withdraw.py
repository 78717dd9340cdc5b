"""Withdrawing: the file, what it hides, and what a build makes of it."""

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from dontspy_data import sample
from dontspy_data.check.check import check
from dontspy_data.cli import main
from dontspy_data.errors import UsageError
from dontspy_data.model.withdrawals import (
    WITHDRAWN_PORTRAITS,
    AlreadyWithdrawnError,
    Reason,
    Scope,
    WithdrawalRow,
    Withdrawals,
    forget_portraits,
    read_withdrawals,
    read_withdrawn_portraits,
    remember_portraits,
    withdraw,
)
from dontspy_data.package.open import open_package
from dontspy_data.pipeline.build import build_package
from dontspy_data.publish.purge import Redaction
from dontspy_data.release.release import release_package

TODAY = date(2026, 2, 1)


def test_rows_are_added_and_kept_in_order(tmp_path: Path) -> None:
    file = tmp_path / "withdrawals.csv"
    withdraw(file, 9000002, Scope.PERSON, Reason.LEGAL, TODAY)
    withdraw(file, 9000001, Scope.PORTRAIT, Reason.REQUEST, TODAY)
    assert file.read_text() == (
        "mep_id,scope,withdrawn_on,reason\n"
        "9000001,portrait,2026-02-01,request\n"
        "9000002,person,2026-02-01,legal\n"
    )
    assert read_withdrawals(file).people == {9000001, 9000002}
    with pytest.raises(AlreadyWithdrawnError, match="MEP 9000002, person, is withdrawn already"):
        withdraw(file, 9000002, Scope.PERSON, Reason.REQUEST, TODAY)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "mep_id,scope\n1,portrait\n",
        "mep_id,scope,withdrawn_on,reason\nX,portrait,2026-02-01,request\n",
        "mep_id,scope,withdrawn_on,reason\n1,portraits,2026-02-01,request\n",
        "mep_id,scope,withdrawn_on,reason\n1,portrait,yesterday,request\n",
        "mep_id,scope,withdrawn_on,reason\n1,portrait\n",
    ],
)
def test_a_damaged_file_is_never_guessed_at(text: str, tmp_path: Path) -> None:
    file = tmp_path / "withdrawals.csv"
    file.write_text(text)
    with pytest.raises(UsageError, match=r"withdrawals\.csv"):
        read_withdrawals(file)


@given(st.binary(max_size=200))
def test_whatever_a_file_holds_is_read_or_refused(body: bytes) -> None:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "withdrawals.csv"
        for text in (body, b"mep_id,scope,withdrawn_on,reason\n" + body):
            file.write_bytes(text)
            try:
                assert read_withdrawals(file).people is not None
            except UsageError as error:
                assert "withdrawals.csv" in str(error)


@given(
    st.lists(
        st.builds(
            WithdrawalRow,
            st.integers(1, 10**6),
            st.sampled_from([one.value for one in Scope]),
            st.dates(),
            st.sampled_from([one.value for one in Reason]),
        )
    )
)
def test_what_is_written_is_read(rows: list[WithdrawalRow]) -> None:
    withdrawn = Withdrawals()
    for row in rows:
        withdrawn = withdrawn.with_row(row)
    with TemporaryDirectory() as folder:
        file = Path(folder) / "withdrawals.csv"
        file.write_text(withdrawn.to_csv())
        assert read_withdrawals(file) == withdrawn


def test_only_pages_about_the_person_are_hidden() -> None:
    rows = (WithdrawalRow(2, "person", TODAY, "request"), WithdrawalRow(3, "portrait", TODAY, "request"))
    withdrawn = Withdrawals(rows)
    host = "https://www.europarl.europa.eu"
    hidden = [
        f"{host}/meps/en/2/NAME/home",
        f"{host}/mepphoto/2.jpg",
        "https://data.x.example/api/v2/meps/2?f=2",
    ]
    shown = [
        f"{host}/meps/en/28/NAME/history/2",
        "https://data.x.example/api/v2/meps?offset=2",
        f"{host}/meps/en/3/N/home",
    ]
    assert all(withdrawn.hides_page(url) for url in hidden)
    assert not any(withdrawn.hides_page(url) for url in shown)
    assert withdrawn.hides_page(f"{host}/mepphoto/3.jpg")


def test_a_build_leaves_out_what_is_withdrawn(tmp_path: Path, small_sample: Path) -> None:
    file = tmp_path / "withdrawals.csv"
    withdraw(file, 9000001, Scope.PORTRAIT, Reason.REQUEST, TODAY)
    withdraw(file, 9000002, Scope.PERSON, Reason.REQUEST, TODAY)
    build_package([small_sample], tmp_path / "out", faces=False, withdrawals=file)
    assert list(check(tmp_path / "out")) == []
    package = open_package(tmp_path / "out")
    for table in package.tables:
        rows = package.read(table.name).to_pylist()
        if table.name != "withdrawals":
            assert not [row for row in rows if "9000002" in str(row)], table.name
    mine = [row for row in package.read("portraits").to_pylist() if row["mep_id"] == 9000001]
    assert [(row["portrait_id"], row["status"], row["path"]) for row in mine] == [
        ("9000001-withdrawn", "withdrawn", None)
    ]
    assert not list((tmp_path / "out").rglob("900000[12]*.jpg"))
    said = [row["property"] for row in package.read("statements").to_pylist() if row["mep_id"] == 9000001]
    assert "name" in said
    assert "portrait" not in said


def test_a_withdrawn_picture_is_held_back_under_another_number(
    built: Path, tmp_path: Path, small_sample: Path
) -> None:
    rows = open_package(built).read("portraits").to_pylist()
    digest = next(row["sha256"] for row in rows if row["mep_id"] == 9000001 and row["path"])
    file = tmp_path / "withdrawals.csv"
    withdraw(file, 42, Scope.PORTRAIT, Reason.REQUEST, TODAY)
    assert remember_portraits(file, 42, [digest, digest]) == 1
    assert remember_portraits(file, 42, [digest]) == 1
    assert digest not in (tmp_path / WITHDRAWN_PORTRAITS).read_text()
    made = build_package([small_sample], tmp_path / "out", faces=False, withdrawals=file)
    assert list(check(tmp_path / "out")) == []
    package = open_package(tmp_path / "out")
    assert not [t.name for t in package.tables if digest in str(package.read(t.name).to_pylist())]
    mine = [row for row in package.read("portraits").to_pylist() if row["mep_id"] == 9000001]
    assert [(row["status"], row["status_reason"], row["path"]) for row in mine if row["is_current"]] == [
        ("unknown", "held_back", None)
    ]
    assert ("9000001, of 42",) in [kind.where for kind in made.notes]
    forget_portraits(file, 42)
    assert read_withdrawn_portraits(file).rows == ()


@pytest.mark.parametrize(
    "line", ["", "42", "42,xx,yy", f"0,{'a' * 32},{'b' * 64}", f"42,{'a' * 32},{'B' * 64}"]
)
def test_a_damaged_file_of_pictures_is_never_guessed_at(line: str, tmp_path: Path) -> None:
    (tmp_path / WITHDRAWN_PORTRAITS).write_text(f"mep_id,salt,digest\n{line}\n" if line else "")
    with pytest.raises(UsageError, match=WITHDRAWN_PORTRAITS):
        read_withdrawn_portraits(tmp_path / "withdrawals.csv")


def test_the_command_remembers_the_portraits_of_the_packages_beside_it(
    built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "package").symlink_to(built)
    monkeypatch.chdir(tmp_path)
    words = ["withdraw", "9000001", "--scope", "portrait"]
    assert CliRunner().invoke(main, [*words, "--reason", "request"]).exit_code == 0
    assert {row.mep_id for row in read_withdrawn_portraits(Path("withdrawals.csv")).rows} == {9000001}
    assert CliRunner().invoke(main, [*words, "--undo"]).exit_code == 0
    assert read_withdrawn_portraits(Path("withdrawals.csv")).rows == ()


def test_what_was_released_with_fewer_columns_is_redacted_all_the_same(edit: Any, tmp_path: Path) -> None:
    def without_noai(schema: dict[str, Any]) -> None:
        schema["fields"] = [field for field in schema["fields"] if field["name"] != "noai"]

    release_package(edit.schema("portraits", without_noai).folder, None, tmp_path / "1.0.0")
    withdrawn = Withdrawals((WithdrawalRow(9000001, "portrait", TODAY, "request"),))
    redaction = Redaction(open_package(tmp_path / "1.0.0"), withdrawn)
    assert redaction.people == {9000001}
    redaction.write(tmp_path / "redacted")
    assert list(check(tmp_path / "redacted")) == []
    assert not (tmp_path / "redacted/portraits/9000001.jpg").exists()


@pytest.mark.parametrize("command", ["collect", "build", "refresh"])
def test_no_command_goes_on_with_a_damaged_file(command: str, tmp_path: Path, small_sample: Path) -> None:
    file = tmp_path / "withdrawals.csv"
    file.write_text("mep_id,scope,withdrawn_on,reason\n9000001,everything,2026-02-01,request\n")
    words = {
        "collect": ["--output", str(tmp_path / "new.warc.gz"), "--dry-run"],
        "build": [str(small_sample), "--output", str(tmp_path / "out")],
        "refresh": ["--sample", "--output", str(tmp_path / "out")],
    }
    done = CliRunner().invoke(main, [command, *words[command], "--withdrawals", str(file)])
    assert done.exit_code == 2
    assert "line 2 is not a withdrawal: 'everything' is not a valid Scope" in done.stderr
    assert not (tmp_path / "out").exists()


def run(*words: object) -> Any:
    return CliRunner().invoke(main, [str(word) for word in words])


def test_a_withdrawal_shows_the_name_and_can_be_listed_and_undone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    words = ("withdraw", 9000001, "--scope", "portrait", "--reason", "request")
    unknown = run(*words)
    assert unknown.exit_code == 2
    assert "has MEP 9000001" in unknown.stderr
    (tmp_path / "out").mkdir()
    (tmp_path / "out/package").symlink_to(sample.package_path())
    rows = open_package(sample.package_path()).read("meps").to_pylist()
    name = next(row["name"] for row in rows if row["mep_id"] == 9000001)
    done = run(*words)
    assert done.exit_code == 0, done.output
    assert f"Withdrawn: {name} (MEP 9000001), portrait" in done.stdout
    assert run("withdraw", 9000999, *words[2:]).exit_code == 2
    assert run("withdraw", 9000999, *words[2:], "--unknown-too").exit_code == 0
    listed = run("withdraw", "--list").stdout
    assert [line.split()[1:3] for line in listed.rstrip().split("\n")] == [["portrait", "request"]] * 2
    assert name in listed
    assert run("withdraw", 9000001, "--scope", "person", "--undo").exit_code == 2
    undone = run("withdraw", 9000001, "--scope", "portrait", "--undo")
    assert undone.exit_code == 0, undone.output
    assert read_withdrawals(tmp_path / "withdrawals.csv").people == {9000999}
    assert run("withdraw", 9000001).exit_code == 2


@pytest.mark.parametrize(
    "number", ["1.0", "+1", " 1", "1 ", "0", "-1", "01", "1e3", "\u0661", "1_0", "1000000000"]
)
def test_numbers_are_whole_and_positive_as_they_are_written(number: str, tmp_path: Path) -> None:
    file = tmp_path / "withdrawals.csv"
    file.write_text(f"mep_id,scope,withdrawn_on,reason\n{number},portrait,2026-02-01,request\n")
    with pytest.raises(UsageError, match="line 2 is not a withdrawal") as error:
        read_withdrawals(file)
    assert "A line is like" in error.value.hint


def test_a_refresh_of_a_part_is_not_published(tmp_path: Path) -> None:
    words = (
        "refresh",
        "-o",
        tmp_path / "out",
        "--target",
        tmp_path / "target",
        "--captures",
        tmp_path / "captures",
    )
    for part in (("--limit", 5), ("--mep", 9000001), ("--country", "MT")):
        done = run(*words, *part)
        assert done.exit_code == 2
        assert part[0] in done.stderr
        assert "--accept" in done.stderr
    assert list(tmp_path.iterdir()) == []
