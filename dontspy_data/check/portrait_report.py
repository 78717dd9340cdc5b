"""What a maintainer should look at in a package's portraits."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

from dontspy_data.package.open import Package
from dontspy_data.portraits.describe import Status, StatusReason
from dontspy_data.portraits.faces import FaceRow
from dontspy_data.portraits.fingerprint import Fingerprint, NearDuplicate, near_duplicates
from dontspy_data.portraits.rows import PortraitRow, PortraitTables

# Beyond these a portrait is worth a look. Of the 370 portraits of April 2023 they name 6.
LEAST_SCORE = 0.9
LEAST_EYE_DISTANCE = 24.0
MOST_ROLL = 8.0
MOST_YAW_PROXY = 0.22
LEAST_SHARPNESS = 350.0
MOST_CLIPPED = 0.25  # Mean exposure is no reason to doubt a picture: it depends on the person's skin.
MOST_IMBALANCE = 0.22

SHOWN = 20  # findings of a kind in the report for people


@dataclass(frozen=True, slots=True)
class PortraitFinding:
    """One portrait to look at, and why."""

    portrait_id: str
    mep_id: int
    why: str


@dataclass(frozen=True, slots=True)
class PortraitReport:
    """The current portraits to look at, by kind, each kind sorted by person.

    Attributes:
        current: number of people.
        present: number of people whose portrait is published.
        missing: absent, unknown or withdrawn.
        withheld: their metadata hold or may hold a location, earlier ones included.
        disputed: the source shows them for two people.
        placeholder: a stock picture in place of a portrait.
        unclear_rights: the picture names somebody other than the European Union.
        not_looked_at: nobody looked for faces in it, so that the next three say nothing of it.
        no_face: nobody found in it.
        several_faces: more than one face in it.
        low_quality: the largest face is hard to see.
        near_duplicates: pairs of different people whose portraits look the same, earlier ones included.
    """

    current: int
    present: int
    missing: tuple[PortraitFinding, ...]
    withheld: tuple[PortraitFinding, ...]
    disputed: tuple[PortraitFinding, ...]
    placeholder: tuple[PortraitFinding, ...]
    unclear_rights: tuple[PortraitFinding, ...]
    not_looked_at: tuple[PortraitFinding, ...]
    no_face: tuple[PortraitFinding, ...]
    several_faces: tuple[PortraitFinding, ...]
    low_quality: tuple[PortraitFinding, ...]
    near_duplicates: tuple[NearDuplicate, ...]


def read_tables(package: Package) -> PortraitTables:
    """Read a package's portraits and faces, in those columns that are known here.

    Raises:
        UsageError: the package lacks one of these tables.
    """
    return PortraitTables(
        tuple(PortraitRow(**row) for row in _rows(package, "portraits", PortraitRow)),
        tuple(FaceRow(**row) for row in _rows(package, "faces", FaceRow)),
    )


def _rows(package: Package, name: str, kind: type[PortraitRow] | type[FaceRow]) -> list[dict[str, Any]]:
    # A release of another version of the project can have more columns or fewer.
    there = {field.name for field in package.table(name).fields}
    rows: list[dict[str, Any]] = package.read(
        name, [field.name for field in fields(kind) if field.name in there]
    ).to_pylist()
    return rows


def report(tables: PortraitTables) -> PortraitReport:
    """Find what a person should look at in the rows of a package."""
    current = [row for row in tables.portraits if row.is_current]
    present = [row for row in current if row.status == Status.PRESENT]
    largest = {face.portrait_id: face for face in tables.faces if face.face_id == f"{face.portrait_id}-1"}
    gone = (Status.ABSENT, Status.UNKNOWN, Status.WITHDRAWN)
    return PortraitReport(
        current=len(current),
        present=len(present),
        missing=_found((row, _missing(row)) for row in current if row.status in gone),
        withheld=_found(
            (row, row.problem or "") for row in tables.portraits if row.status_reason == StatusReason.LOCATION
        ),
        disputed=_found(
            (row, row.problem)
            for row in tables.portraits
            if row.status_reason == StatusReason.DISPUTED and row.problem
        ),
        placeholder=_found((row, "a stock picture") for row in current if row.status == Status.PLACEHOLDER),
        unclear_rights=_found(
            (row, f"names {row.rights_holder}") for row in present if row.rights_status == "unclear"
        ),
        not_looked_at=_found((row, "nobody looked for faces") for row in present if row.face_count is None),
        no_face=_found((row, "no face found") for row in present if row.face_count == 0),
        several_faces=_found(
            (row, f"{row.face_count} faces found") for row in present if row.face_count and row.face_count > 1
        ),
        low_quality=_found(
            (row, "; ".join(reasons))
            for row in present
            if (face := largest.get(row.portrait_id)) and (reasons := list(doubts(face)))
        ),
        near_duplicates=tuple(
            near_duplicates(
                Fingerprint(row.mep_id, row.portrait_id, row.phash)
                for row in tables.portraits
                if row.phash and row.status == Status.PRESENT
            )
        ),
    )


def doubts(face: FaceRow) -> Iterator[str]:
    """Why a face is hard to see; nothing if it is not."""
    if face.score < LEAST_SCORE:
        yield f"score {face.score} below {LEAST_SCORE}"
    if face.eye_distance < LEAST_EYE_DISTANCE:
        yield f"eyes {face.eye_distance} pixels apart, below {LEAST_EYE_DISTANCE}"
    if abs(face.roll) > MOST_ROLL:
        yield f"leaning by {face.roll}°, more than {MOST_ROLL}°"
    if abs(face.yaw_proxy) > MOST_YAW_PROXY:
        yield f"turned away (yaw proxy {face.yaw_proxy}, beyond {MOST_YAW_PROXY})"
    if face.sharpness < LEAST_SHARPNESS:
        yield f"sharpness {face.sharpness} below {LEAST_SHARPNESS}"
    if max(face.dark_share, face.bright_share) > MOST_CLIPPED:
        yield f"{face.dark_share:.0%} of it black, {face.bright_share:.0%} white, more than {MOST_CLIPPED:.0%}"
    if abs(face.illumination_balance) > MOST_IMBALANCE:
        yield f"lit from one side (balance {face.illumination_balance}, beyond {MOST_IMBALANCE})"


def _missing(row: PortraitRow) -> str:
    return f"{row.status}: {row.problem}" if row.problem else row.status


def _found(rows: Iterable[tuple[PortraitRow, str]]) -> tuple[PortraitFinding, ...]:
    return tuple(
        sorted(
            (PortraitFinding(row.portrait_id, row.mep_id, why) for row, why in rows),
            key=lambda finding: (finding.mep_id, finding.portrait_id),
        )
    )


def as_text(found: PortraitReport, names: Mapping[int, str]) -> str:
    """Return the report as lines for a person, the first of each kind; `names` are people's, by number."""

    def named(portrait_id: str) -> str:
        name = names.get(int(portrait_id.split("-", maxsplit=1)[0]))
        return f"{portrait_id} ({name})" if name else portrait_id

    lines = [f"{found.present} of {found.current} people have a published portrait."]
    for title, findings in (
        ("Missing", found.missing),
        ("Withheld for a location", found.withheld),
        ("Disputed", found.disputed),
        ("Placeholder", found.placeholder),
        ("Unclear rights", found.unclear_rights),
        ("Not looked at for faces", found.not_looked_at),
        ("No face", found.no_face),
        ("Several faces", found.several_faces),
        ("Low quality", found.low_quality),
    ):
        lines.append(f"{title}: {len(findings) or 'none'}")
        lines += _first(f"{named(finding.portrait_id)}  {finding.why}" for finding in findings)
    lines.append(f"Near-duplicates of different people: {len(found.near_duplicates) or 'none'}")
    lines += _first(
        f"{named(n.first)}  {named(n.second)}  {n.bits} bits apart" for n in found.near_duplicates
    )
    return "\n".join(lines)


def _first(entries: Iterable[str]) -> list[str]:
    lines = [f"  {entry}" for entry in entries]
    rest = len(lines) - SHOWN
    return lines if rest <= 0 else [*lines[:SHOWN], f"  and {rest:,} more; --json shows them all"]
