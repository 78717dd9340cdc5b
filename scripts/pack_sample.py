"""Build the bundled sample capture into the bundled sample package: `python -m scripts.pack_sample`.

The extra `faces` must be installed, since the package is to have all tables filled.
"""

import tempfile
import zipfile
from pathlib import Path

from dontspy_data import sample
from dontspy_data.package.build import build_package
from dontspy_data.package.files import CHECKSUMS, files_below

EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time that ZIP can say; the same every time


def main() -> None:
    """Write `dontspy_data/sample/sample.zip`."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "sample"
        build_package([sample.path()], folder, faces=True)
        with zipfile.ZipFile(sample.package_path(), "w") as archive:
            for name in sorted([*files_below(folder), CHECKSUMS]):
                # Portraits do not get smaller, so that they can be read without unpacking.
                method = zipfile.ZIP_STORED if name.endswith(".jpg") else zipfile.ZIP_DEFLATED
                info = zipfile.ZipInfo(name, EPOCH)
                archive.writestr(info, (folder / name).read_bytes(), method, compresslevel=9)
    print(f"{sample.package_path()}: {sample.package_path().stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
