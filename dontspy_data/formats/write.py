"""Every format of a release, in the order in which they can be written.

Data first, since the descriptions have its digests; then the descriptions. What is made from tables and pictures can be
left out, and be made later by `make_file`.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from dontspy_data.formats.bundles import write_tar, write_zip
from dontspy_data.formats.card import write_card
from dontspy_data.formats.citation import CITATION, DATACITE, citation_cff, datacite
from dontspy_data.formats.croissant import CROISSANT, croissant
from dontspy_data.formats.dcat import DCAT, dcat
from dontspy_data.formats.pictures import INLINE, METADATA, write_inline, write_metadata
from dontspy_data.formats.ro_crate import RO_CRATE, ro_crate
from dontspy_data.formats.spreadsheet import SPREADSHEET, write_spreadsheet
from dontspy_data.formats.sqlite import DATASETTE, SQLITE, datasette, write_sqlite
from dontspy_data.package.digests import CHECKSUMS, DESCRIPTOR, checksums, json_text
from dontspy_data.package.open import Package, open_package
from dontspy_data.package.write import file_entry, table_resources

DOCUMENTS = {
    CROISSANT: croissant,
    CITATION: citation_cff,
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
FORMATS = frozenset({*FILES, "zip", "tar", *DOCUMENTS})


def format_names(package: Package) -> frozenset[str]:
    """Return the formats that a release has; of a package, those that its release would have."""
    release = package.descriptor.get("release")
    return frozenset(release["formats"]) if release else FORMATS


def write_formats(
    package: Package, *, with_made: bool = True, elsewhere: Mapping[str, str] | None = None
) -> Package:
    """Write every format of a release into it, and its descriptor, card and checksums anew.

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
        (release.folder / name).write_text(document(release), encoding="utf-8")
    (release.folder / CHECKSUMS).write_text(checksums(release.folder, elsewhere), encoding="utf-8")
    return release


def make_file(package: Package, name: str) -> Path:
    """Make a file of a package that is made from its tables and pictures; return where it is, in the package's folder.

    Args:
        package: whole, but for such files.
        name: inline pictures, SQLite or the spreadsheet by their names, or any that ends in `.zip` or `.tar`.
    """
    path = package.folder / name
    bundle = {".zip": write_zip, ".tar": write_tar}.get(path.suffix)
    if bundle:
        bundle(package, path)
    else:
        WRITERS[name](package)
    return path


def _files(package: Package) -> list[dict[str, Any]]:
    # Not resources: they say nothing that the tables do not, and frictionless would read them as tables.
    there = {path: title for path, title in FILES.items() if (package.folder / path).is_file()}
    return [{"title": title, **file_entry(package.folder, path)} for path, title in there.items()]
