"""Which pictures were withdrawn, so that the same one under another number is not published by accident.

The file is `withdrawn_portraits.csv`, beside `withdrawals.csv`: of each picture a salted digest, from which nobody can
tell whether a picture is it without having that picture. It is the project's own and is never part of a release.
"""

import csv
import hashlib
import io
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from dontspy_data.errors import UsageError
from dontspy_data.model.withdrawals import write_whole

FILE = "withdrawn_portraits.csv"
COLUMNS = ("mep_id", "salt", "digest")
LINE = (re.compile(r"[1-9][0-9]{0,8}"), re.compile(r"[0-9a-f]{32}"), re.compile(r"[0-9a-f]{64}"))
LARGEST = 16 << 20


@dataclass(frozen=True, slots=True)
class WithdrawnPortrait:
    """A picture that was withdrawn.

    Attributes:
        mep_id: under whose number.
        salt: 32 hexadecimal digits, drawn for this line.
        digest: SHA-256 of the salt and the SHA-256 of the picture's bytes, 64 hexadecimal digits.
    """

    mep_id: int
    salt: str
    digest: str

    def is_of(self, sha256: str) -> bool:
        """Return whether this is the picture whose bytes have that SHA-256."""
        return _digest(self.salt, sha256) == self.digest


@dataclass(frozen=True, slots=True)
class WithdrawnPortraits:
    """Every picture that was withdrawn.

    Attributes:
        rows: in the order in which they were withdrawn.
    """

    rows: tuple[WithdrawnPortrait, ...] = ()

    def withdrawn_from(self, sha256: str) -> int | None:
        """Return under whose number the picture with that SHA-256 was withdrawn; None if it never was."""
        return next((row.mep_id for row in self.rows if row.is_of(sha256)), None)


def read_withdrawn_portraits(withdrawals: Path | None) -> WithdrawnPortraits:
    """Read the file beside a file of withdrawals; nothing if there is none.

    Raises:
        UsageError: a line of it is none, or it cannot be read.
    """
    path = withdrawals.with_name(FILE) if withdrawals else None
    if path is None or not path.is_file():
        return WithdrawnPortraits()
    if path.stat().st_size > LARGEST:
        raise UsageError(f"{path} has more than {LARGEST:,} bytes", hint="Is it the right file?")
    try:
        header, *lines = csv.reader(io.StringIO(path.read_text(encoding="utf-8"), newline=""), strict=True)
    except (UnicodeDecodeError, csv.Error, ValueError) as error:
        raise UsageError(f"{path} is no CSV file in UTF-8: {error}", hint="Take it from a backup.") from error
    if tuple(header) != COLUMNS:
        raise UsageError(
            f"{path} does not have the columns {', '.join(COLUMNS)}", hint="Take it from a backup."
        )
    return WithdrawnPortraits(tuple(_row(cells, path, number) for number, cells in enumerate(lines, start=2)))


def remember_portraits(withdrawals: Path, mep_id: int, digests: Iterable[str]) -> int:
    """Add pictures of a person to the file beside a file of withdrawals; it is written whole or not at all.

    Args:
        withdrawals: the file of withdrawals.
        mep_id: the Parliament's number for the person.
        digests: SHA-256 of each picture's bytes, 64 hexadecimal digits.

    Returns:
        how many pictures of the person the file has now.

    Raises:
        UsageError: the file is damaged.
        DontspyError: it cannot be written.
    """
    known = read_withdrawn_portraits(withdrawals)
    new = [
        WithdrawnPortrait(mep_id, salt := secrets.token_hex(16), _digest(salt, sha256))
        for sha256 in sorted(set(digests))
        if known.withdrawn_from(sha256) != mep_id
    ]
    rows = (*known.rows, *new)
    if new:
        _write(withdrawals.with_name(FILE), rows)
    return sum(row.mep_id == mep_id for row in rows)


def forget_portraits(withdrawals: Path, mep_id: int) -> None:
    """Remove the pictures of a person, whose portrait was withdrawn by mistake.

    Raises:
        UsageError: the file is damaged.
        DontspyError: it cannot be written.
    """
    known = read_withdrawn_portraits(withdrawals)
    kept = [row for row in known.rows if row.mep_id != mep_id]
    if len(kept) < len(known.rows):
        _write(withdrawals.with_name(FILE), kept)


def _digest(salt: str, sha256: str) -> str:
    return hashlib.sha256(bytes.fromhex(salt) + bytes.fromhex(sha256)).hexdigest()


def _row(cells: list[str], path: Path, number: int) -> WithdrawnPortrait:
    if len(cells) != len(COLUMNS) or not all(
        form.fullmatch(cell) for form, cell in zip(LINE, cells, strict=True)
    ):
        raise UsageError(f"{path}, line {number}, is no withdrawn portrait", hint="Take it from a backup.")
    return WithdrawnPortrait(int(cells[0]), cells[1], cells[2])


def _write(path: Path, rows: Iterable[WithdrawnPortrait]) -> None:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows((row.mep_id, row.salt, row.digest) for row in rows)
    write_whole(path, stream.getvalue())
