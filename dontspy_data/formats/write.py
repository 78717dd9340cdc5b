"""Every format of a release, in the order in which they can be written.

Data first, since the descriptions have its digests; then the descriptions. Files made from tables and pictures can be
left out, and made later by `make_file`.

Bundles are a release in one file: a zip of the package, or a tar of its portraits for WebDataset. They are made from a
release, never stored in it: a program that reads a release's folder of pictures would find each of them twice. Both
have the same bytes wherever and whenever they are made: entries are sorted, have the day of the package's data as their
time and fixed permissions, and are stored rather than compressed, since the output of zlib differs between
machines (pictures and Parquet files would not shrink anyway).

The zip holds what `get` downloads by default, below one folder: tables, pictures and documents, `checksums.sha256` with
the digest in the ledger, and `partial.txt`, which says that files that can be made from these are left out.

The tar holds one sample per portrait, a picture and a JSON file of its facts that share the portrait's id:
https://github.com/webdataset/webdataset#the-webdataset-format. In the JSON, columns that every portrait has are typed
and all others are text as in the CSV, empty if missing: Hugging Face's datasets takes the types from the first samples,
where a null would set the type of the whole column.
"""

import io
import json
import tarfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from dontspy_data.formats.card import write_card
from dontspy_data.formats.citation import CITATION, DATACITE, citation_cff, datacite
from dontspy_data.formats.croissant import CROISSANT, croissant
from dontspy_data.formats.dcat import DCAT, dcat
from dontspy_data.formats.pictures import INLINE, METADATA, published, write_inline, write_metadata
from dontspy_data.formats.ro_crate import RO_CRATE, ro_crate
from dontspy_data.formats.tables import (
    DATASETTE,
    SPREADSHEET,
    SQLITE,
    datasette,
    write_spreadsheet,
    write_sqlite,
)
from dontspy_data.package.files import (
    CHECKSUMS,
    DESCRIPTOR,
    PARTIAL,
    checksums,
    inside,
    is_made,
    json_text,
    picture_file,
    portrait_key,
    read_checksums,
)
from dontspy_data.package.open import Package, open_package
from dontspy_data.package.write import cell, file_entry, table_resources

DOCUMENTS = {
    CROISSANT: croissant,
    DATACITE: datacite,
    DATASETTE: datasette,
    DCAT: dcat,
    RO_CRATE: ro_crate,
}
FILES = {
    INLINE["train"]: "Current portraits, with the facts of their people; to train on",
    INLINE["test"]: "Current portraits of other people, with their facts; to test on",
    METADATA: "Every portrait by file name, for loading the folder",
    SQLITE: "All tables in one SQLite file",
    SPREADSHEET: "All tables in one spreadsheet",
}
WRITERS: Mapping[str, Callable[[Package], object]] = {
    **dict.fromkeys(INLINE.values(), write_inline),
    SQLITE: write_sqlite,
    SPREADSHEET: write_spreadsheet,
}
FORMATS = frozenset({*FILES, "zip", "tar", *DOCUMENTS, CITATION})
REGULAR_FILE = 0o100644
UNIX = 3
TYPED = frozenset({"mep_id", "is_current", "width", "height"})


def format_names(package: Package) -> frozenset[str]:
    """Return the formats that a release has; for a package, those that its release would have."""
    release = package.descriptor.get("release")
    return frozenset(release["formats"]) if release else FORMATS


def write_formats(
    package: Package, *, with_made: bool = True, elsewhere: Mapping[str, str] | None = None
) -> Package:
    """Write every format of a release into it, and rewrite its descriptor, card and checksums.

    Args:
        package: whole tables and portraits, and a descriptor that has `version` and `release`.
        with_made: whether to write what is made from tables and pictures: inline pictures, SQLite, the spreadsheet.
        elsewhere: SHA-256 by path of files of the release that are not in the folder; they are listed, too.

    Returns:
        The release.
    """
    write_metadata(package)
    if with_made:
        for write in dict.fromkeys(WRITERS.values()):
            write(package)
    descriptor = {
        **package.descriptor,
        "release": {
            **package.descriptor["release"],
            "formats": sorted(FORMATS),
            "files": _files(package),
        },
        "resources": table_resources(package.folder, package.tables),
    }
    (package.folder / DESCRIPTOR).write_text(json_text(descriptor), encoding="utf-8")
    release = open_package(package.folder)
    write_card(release)
    for name, document in DOCUMENTS.items():
        (release.folder / name).write_text(json_text(document(release)), encoding="utf-8")
    (release.folder / CITATION).write_text(citation_cff(release), encoding="utf-8")
    (release.folder / CHECKSUMS).write_text(checksums(release.folder, elsewhere), encoding="utf-8")
    return release


def make_file(package: Package, name: str) -> Path:
    """Make a file of a package that is made from its tables and pictures; return where it is, in the package's folder.

    Args:
        package: whole, except for such files.
        name: inline pictures, SQLite or the spreadsheet by their names, or any that ends in `.zip` or `.tar`.
    """
    path = package.folder / name
    bundle = {".zip": write_zip, ".tar": write_tar}.get(path.suffix)
    if bundle:
        bundle(package, path)
    else:
        WRITERS[name](package)
    return path


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
        package: with every file that its `checksums.sha256` lists, except those that are made from others.
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
            entry.size, entry.mtime = len(body), int(package.created.timestamp())
            archive.addfile(entry, io.BytesIO(body))


def _files(package: Package) -> list[dict[str, Any]]:
    # Not resources: they only repeat the tables, and frictionless would read them as tables.
    there = {path: title for path, title in FILES.items() if (package.folder / path).is_file()}
    return [{"title": title, **file_entry(package.folder, path)} for path, title in there.items()]


def _samples(package: Package) -> Iterator[tuple[str, bytes]]:
    for row in published(package):
        yield (
            f"{portrait_key(row['portrait_id'])}.jpg",
            picture_file(package.folder, row["path"]).read_bytes(),
        )
        facts = {name: value if name in TYPED else cell(value) for name, value in row.items()}
        yield f"{row['portrait_id']}.json", json.dumps(facts, ensure_ascii=False, sort_keys=True).encode()


def _zip_entry(package: Package, name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, package.created.timetuple()[:6])
    entry.external_attr, entry.create_system = REGULAR_FILE << 16, UNIX
    return entry
