"""A release that was made before something was withdrawn, without what was withdrawn."""

import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from dontspy_data.errors import DontspyError
from dontspy_data.formats.write import write_formats
from dontspy_data.model.withdrawals import Withdrawals
from dontspy_data.package.digests import CHANGELOG, DELTA, sha256_of
from dontspy_data.package.open import Package
from dontspy_data.package.write import arrow_schema, write_arrow
from dontspy_data.release.changelog import changelog_without
from dontspy_data.release.delta import delta_without

Rows = dict[str, list[dict[str, Any]]]


def redacted(release: Package, withdrawn: Withdrawals, folder: Path) -> frozenset[int]:
    """Write a release without what has been withdrawn since; every format of it is made anew.

    Args:
        release: as it was; its tables, portraits, crops, changelog and delta are read, of what is not withdrawn.
        withdrawn: everything withdrawn so far.
        folder: empty; the release is written there.

    Returns:
        The people of whom something was removed.

    Raises:
        DontspyError: the release is damaged.
    """
    whole = _read(release)
    kept = {name: [row for row in rows if not withdrawn.hides_row(name, row)] for name, rows in whole.items()}
    removed = frozenset(
        row["mep_id"]
        for name, rows in whole.items()
        for row in rows
        if row.get("mep_id") in withdrawn.people and withdrawn.hides_row(name, row)
    )
    kept["withdrawals"] = [
        {"mep_id": r.mep_id, "scope": r.scope, "withdrawn_on": r.withdrawn_on, "reason": r.reason}
        for r in withdrawn.rows
    ]
    kept["portraits"] = _with_withdrawn(release, kept, (withdrawn.people - withdrawn.persons) & removed)
    _write_tables(release, kept, folder)
    _copy_pictures(release, kept, folder)
    texts = {CHANGELOG: changelog_without, DELTA: delta_without}
    for name, without in texts.items():
        text = (release.folder / name).read_text("utf-8")
        (folder / name).write_text(without(text, withdrawn), encoding="utf-8")
    write_formats(Package(folder, release.descriptor, release.tables))
    return removed


def _read(release: Package) -> Rows:
    try:
        return {table.name: release.read(table.name).to_pylist() for table in release.tables}
    except DontspyError as error:
        raise DontspyError(
            f"the tables of {release.descriptor['version']} cannot be read: {error}",
            hint="Publish a whole copy of that release again, or remove it from the target.",
        ) from error


def _with_withdrawn(release: Package, kept: Rows, people: Iterable[int]) -> list[dict[str, Any]]:
    """The rows of `portraits`, with one for each person whose portraits are withdrawn that says so."""
    names = [field.name for field in release.table("portraits").fields]
    said = {row["mep_id"] for row in kept["portraits"] if row["status"] == "withdrawn"}
    rows = [
        {
            **dict.fromkeys(names),
            "portrait_id": f"{mep_id}-withdrawn",
            "mep_id": mep_id,
            "status": "withdrawn",
            "is_current": True,
        }
        for mep_id in set(people) - said
    ]
    return sorted([*kept["portraits"], *rows], key=lambda row: (row["mep_id"], row["portrait_id"]))


def _write_tables(release: Package, rows: Rows, folder: Path) -> None:
    import pyarrow as pa

    (folder / "data").mkdir()
    for table in release.tables:
        arrow = pa.Table.from_pylist(rows[table.name], schema=arrow_schema(table))
        write_arrow(table, arrow, folder / "data")


def _copy_pictures(release: Package, rows: Rows, folder: Path) -> None:
    digests: Mapping[str, str] = {row["path"]: row["sha256"] for row in rows["portraits"] if row["path"]}
    crops = {row["crop_path"] for row in rows["faces"] if row["crop_path"]}
    for path in sorted({*digests, *crops}):
        if path in digests and sha256_of(release.folder / path) != digests[path]:
            raise DontspyError(
                f"{path} of {release.descriptor['version']} does not have the digest that `portraits` gives",
                hint="Publish a whole copy of that release again, or remove it from the target.",
            )
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(release.folder / path, folder / path)
