"""Bundles: a release in one file, a zip of the package or a tar of its portraits for WebDataset.

They are made from a release, never stored in it: a program that reads a release's folder of pictures would find each
of them twice. Both have the same bytes wherever and whenever they are made: entries are sorted, have the day of the
package's data as their time and fixed rights, and are stored rather than compressed, since what zlib makes of the same
bytes differs between machines (pictures and Parquet files would not shrink anyway).

The zip holds what `get` downloads unasked, below one folder: tables, pictures and documents, `checksums.sha256` as the
ledger vouches for it, and `partial.txt`, which says that the files that can be made from these are left out.

The tar holds one sample a portrait, a picture and a JSON file of its facts that share the portrait's id:
https://github.com/webdataset/webdataset#the-webdataset-format. In the JSON, what every portrait has is typed and
everything else is text as in the CSV, empty if there is none: Hugging Face's datasets takes the types from the first
samples, and a null there for the type of the whole column.
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
from dontspy_data.package.digests import (
    CHECKSUMS,
    PARTIAL,
    inside,
    is_made,
    picture_file,
    portrait_key,
    read_checksums,
)
from dontspy_data.package.open import Package
from dontspy_data.package.write import cell

REGULAR_FILE = 0o100644
UNIX = 3
TYPED = frozenset({"mep_id", "is_current", "width", "height"})


def bundle_name(descriptor: Mapping[str, Any], kind: str) -> str:
    """Return the name of a bundle of a package.

    Args:
        descriptor: of the package.
        kind: `zip` or `tar`.
    """
    return "-".join(filter(None, (descriptor["name"], descriptor.get("version")))) + f".{kind}"


def write_zip(package: Package, path: Path) -> None:
    """Write the zip of a package, or of a release.

    Args:
        package: with every file that its `checksums.sha256` lists, but those that are made from others.
        path: of the zip.
    """
    names = sorted(name for name in read_checksums(package.folder) if not is_made(name))
    top = path.stem
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name in (*names, CHECKSUMS):
            with (
                inside(package.folder, name).open("rb") as source,
                archive.open(_zip_entry(package, f"{top}/{name}"), "w", force_zip64=True) as target,
            ):
                while chunk := source.read(1 << 20):
                    target.write(chunk)
        archive.writestr(_zip_entry(package, f"{top}/{PARTIAL}"), "\n".join(names))


def write_tar(package: Package, path: Path) -> None:
    """Write the tar of a package's portraits."""
    with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as archive:
        for name, body in _samples(package):
            entry = tarfile.TarInfo(name)
            entry.size, entry.mtime = len(body), int(_created(package).timestamp())
            archive.addfile(entry, io.BytesIO(body))


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
