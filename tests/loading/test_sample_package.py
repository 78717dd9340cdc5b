"""The bundled sample package is what the bundled sample capture builds."""

import zipfile
from pathlib import Path

from dontspy_data import sample
from dontspy_data.package.build import build_package
from dontspy_data.package.files import files_below

# Where no faces are looked for, these differ: they are not compared here.
WITH_FACES = ("data/faces.", "data/portraits.", "derived/", "datapackage.json", "README.md")


def test_run_make_sample_where_this_fails(tmp_path: Path) -> None:
    built = tmp_path / "built"
    build_package([sample.path()], built, faces=False)
    with zipfile.ZipFile(sample.package_path()) as archive:
        bundled = {name for name in archive.namelist() if not name.startswith(WITH_FACES)}
        names = {name for name in files_below(built) if not name.startswith(WITH_FACES)}
        assert bundled - {"checksums.sha256"} == names
        for name in names:
            if not name.endswith(".parquet"):  # its bytes depend on the version of pyarrow
                assert archive.read(name) == (built / name).read_bytes(), name
