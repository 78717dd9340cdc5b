"""The bundled sample package is whole, and is what the bundled sample capture builds."""

from pathlib import Path

from dontspy_data import sample
from dontspy_data.check.check import check
from dontspy_data.package.files import files_below
from dontspy_data.pipeline.build import build_package

# Where no faces are looked for, these differ: they are not compared here.
WITH_FACES = ("data/faces.", "data/portraits.", "derived/", "datapackage.json", "README.md")


def test_it_is_whole() -> None:
    assert list(check(sample.package_path())) == []


def test_run_make_sample_where_this_fails(tmp_path: Path) -> None:
    build_package([sample.path()], tmp_path / "built", faces=False)
    bundled, built = (
        {name for name in files_below(folder) if not name.startswith(WITH_FACES)}
        for folder in (sample.package_path(), tmp_path / "built")
    )
    assert bundled == built
    for name in built:
        if not name.endswith(".parquet"):  # its bytes depend on the version of pyarrow
            same = (sample.package_path() / name).read_bytes() == (tmp_path / "built" / name).read_bytes()
            assert same, name
