"""Archives of a release: the whole package as a zip, and its portraits as a tar for WebDataset.

Both have the same bytes wherever and whenever they are made: entries are sorted, have the day of the package's data
as their time and fixed rights, and are stored rather than compressed, since what zlib makes of the same bytes
differs between machines (pictures and Parquet files would not shrink anyway).

`open-data-faces-<version>.zip` holds every file of the release but the archives, below one folder, with a
`checksums.sha256` of its own that leaves the archives out: unpacked, it is a whole package. The release's own
`checksums.sha256` lists the archives too, so that no file has to hold its own digest.

`open-data-faces-<version>.tar` holds one sample a portrait, a picture and a JSON file of its facts that share the
portrait's id: https://github.com/webdataset/webdataset#the-webdataset-format. In the JSON, what every portrait has is
typed and everything else is text as in the CSV, empty where there is none: Hugging Face's datasets takes the types
from the first samples, and a null there for the type of the whole column.
"""

import io
import json
import tarfile
import zipfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dontspy_data.formats.pictures import published
from dontspy_data.package.digests import CHECKSUMS, files_below
from dontspy_data.package.open import Package
from dontspy_data.package.paths import picture_file, portrait_key
from dontspy_data.package.write import cell

REGULAR_FILE = 0o100644
UNIX = 3
TYPED = frozenset({"mep_id", "is_current", "width", "height"})


def archive_names(descriptor: Mapping[str, Any]) -> tuple[str, str]:
    """Return names of the zip and the tar of a release."""
    stem = f"{descriptor['name']}-{descriptor['version']}"
    return (f"{stem}.zip", f"{stem}.tar")


def write_zip(package: Package, checksums: str) -> Path:
    """Write the zip of a release into it.

    Args:
        package: the release, with every file but its archives and checksums.
        checksums: text of the `checksums.sha256` to put into it.
    """
    path = package.folder / archive_names(package.descriptor)[0]
    others = set(archive_names(package.descriptor))
    top = path.stem
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name in files_below(package.folder):
            if name not in others:
                with (
                    (package.folder / name).open("rb") as source,
                    archive.open(_zip_entry(package, f"{top}/{name}"), "w") as target,
                ):
                    while chunk := source.read(1 << 20):
                        target.write(chunk)
        archive.writestr(_zip_entry(package, f"{top}/{CHECKSUMS}"), checksums)
    return path


def write_tar(package: Package) -> Path:
    """Write the tar of a release into it."""
    path = package.folder / archive_names(package.descriptor)[1]
    with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as archive:
        for name, body in _samples(package):
            entry = tarfile.TarInfo(name)
            entry.size, entry.mtime = len(body), int(_created(package).timestamp())
            archive.addfile(entry, io.BytesIO(body))
    return path


def _samples(package: Package) -> Iterator[tuple[str, bytes]]:
    for row in published(package):
        yield (
            f"{portrait_key(row['portrait_id'])}.jpg",
            picture_file(package.folder, row["path"]).read_bytes(),
        )
        facts = {name: value if name in TYPED else cell(value) for name, value in row.items()}
        yield f"{row['portrait_id']}.json", json.dumps(facts, ensure_ascii=False, sort_keys=True).encode()


def _zip_entry(package: Package, name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _created(package).timetuple()[:6])
    entry.external_attr, entry.create_system = REGULAR_FILE << 16, UNIX
    return entry


def _created(package: Package) -> datetime:
    return datetime.fromisoformat(package.descriptor["created"]).astimezone(UTC)
