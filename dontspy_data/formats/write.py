"""Every format of a release, in the order in which they can be written.

Data first, since the descriptions have its digests; then the descriptions; then the archives, which hold all of it.
"""

from typing import Any

from dontspy_data.formats.bundles import archive_names, write_tar, write_zip
from dontspy_data.formats.card import write_card
from dontspy_data.formats.citation import CITATION, citation_cff
from dontspy_data.formats.croissant import CROISSANT, croissant
from dontspy_data.formats.datacite import DATACITE, datacite
from dontspy_data.formats.datasette import DATASETTE, datasette
from dontspy_data.formats.dcat import DCAT, dcat
from dontspy_data.formats.pictures import INLINE, METADATA, write_inline, write_metadata
from dontspy_data.formats.ro_crate import RO_CRATE, ro_crate
from dontspy_data.formats.spreadsheet import SPREADSHEET, write_spreadsheet
from dontspy_data.formats.sqlite import SQLITE, write_sqlite
from dontspy_data.package.describe import file_entry, table_resources
from dontspy_data.package.digests import CHECKSUMS, DESCRIPTOR, checksums, json_text
from dontspy_data.package.open import Package, open_package

DOCUMENTS = {
    CROISSANT: croissant,
    CITATION: citation_cff,
    DATACITE: datacite,
    DATASETTE: datasette,
    DCAT: dcat,
    RO_CRATE: ro_crate,
}
FORMATS = frozenset({INLINE, METADATA, SQLITE, SPREADSHEET, "zip", "tar", *DOCUMENTS})


def format_names(package: Package) -> frozenset[str]:
    """Return the formats that a release has; of a package, those that its release would have."""
    release = package.descriptor.get("release")
    return frozenset(release["formats"]) if release else FORMATS


def write_formats(package: Package) -> Package:
    """Write every format of a release into it, and its descriptor, card and checksums anew.

    Args:
        package: whole tables and portraits, and a descriptor that has `version` and `release`.

    Returns:
        The release.
    """
    write_inline(package)
    write_metadata(package)
    write_sqlite(package)
    write_spreadsheet(package)
    descriptor = {
        **package.descriptor,
        "release": {
            **package.descriptor["release"],
            "formats": sorted(FORMATS),
            "files": _format_files(package),
        },
        "resources": table_resources(package.folder, package.tables),
    }
    (package.folder / DESCRIPTOR).write_text(json_text(descriptor), encoding="utf-8")
    release = open_package(package.folder)
    write_card(release)
    for name, document in DOCUMENTS.items():
        (release.folder / name).write_text(document(release), encoding="utf-8")
    _write_archives(release)
    return release


def _format_files(package: Package) -> list[dict[str, Any]]:
    # Not resources: they say nothing that the tables do not, and frictionless would read them as tables.
    titles = {
        INLINE: "Current portraits, with the facts of their people",
        METADATA: "Every portrait by file name, for loading the folder",
        SQLITE: "All tables in one SQLite file",
        SPREADSHEET: "All tables in one spreadsheet",
    }
    return [{"title": title, **file_entry(package.folder, path)} for path, title in titles.items()]


def _write_archives(release: Package) -> None:
    for name in archive_names(release.descriptor):
        (release.folder / name).unlink(missing_ok=True)
    (release.folder / CHECKSUMS).unlink(missing_ok=True)
    inside = checksums(release.folder)
    write_zip(release, inside)
    write_tar(release)
    (release.folder / CHECKSUMS).write_text(checksums(release.folder), encoding="utf-8")
