"""The line of progress: for people who wait, and only for them."""

import pytest

from dontspy_data.loading import tables as progress


def told(monkeypatch: pytest.MonkeyPatch, patience: float) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.setattr(progress, "PATIENCE", patience)
    monkeypatch.setattr(progress, "INTERVAL", 0)
    with progress.download_line() as report:
        assert report
        report(1, 1200)
        report(1200, 1200)


def test_a_long_download_is_told_on_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    told(monkeypatch, patience=0)
    assert capsys.readouterr().err == ("\rDownloading: 1 of 1,200 files\rDownloading: 1,200 of 1,200 files\n")


def test_a_short_one_is_not(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    told(monkeypatch, patience=60)
    assert capsys.readouterr().err == ""


def test_where_nobody_looks_nothing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: False)
    monkeypatch.delitem(__import__("sys").modules, "ipykernel", raising=False)
    with progress.download_line() as report:
        assert report is None
