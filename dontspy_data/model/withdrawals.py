"""Withdrawals: what people asked to have removed, kept in a file of the project, and what that hides.

The file is `withdrawals.csv`, with the columns of `schemas/withdrawals.json` and no others: people who are
withdrawn are identified by number, never by name.

Beside it is `withdrawn_portraits.csv`, so that the same picture is not published by accident under another number. It
holds a salted digest of each picture, which can be matched only by somebody who has that picture. It belongs to the
project and is never part of a release.
"""

import csv
import hashlib
import io
import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Any

from dontspy_data.errors import DontspyError, UsageError
from dontspy_data.model.statements import Property

WITHDRAWALS = "withdrawals.csv"
LARGEST = 16 << 20
MOST = 10**9
NUMBER = re.compile(r"[1-9][0-9]{0,8}")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
EXAMPLE = "A line is like: 9000001,portrait,2026-02-01,request"
PORTRAIT_IN_ADDRESS = "/mepphoto/"
PERSON_IN_ADDRESS = re.compile(r"/(?:mepphoto|meps|meps/[a-z]{2})/(\d+)\b")
"""Where a page's address has the number of the person it is about."""

WITHDRAWN_PORTRAITS = "withdrawn_portraits.csv"
PORTRAITS_COLUMNS = ("mep_id", "salt", "digest")
PORTRAITS_LINE = (NUMBER, re.compile(r"[0-9a-f]{32}"), re.compile(r"[0-9a-f]{64}"))


class Scope(StrEnum):
    """What is withdrawn."""

    PORTRAIT = "portrait"  # every portrait of the person
    PERSON = "person"  # the person, portraits included


class Reason(StrEnum):
    """Why; a closed list, so that no private matter is ever published here."""

    REQUEST = "request"
    RIGHTS = "rights"
    LEGAL = "legal"
    MISTAKE = "mistake"


@dataclass(frozen=True, slots=True)
class WithdrawalRow:
    """A row of the table `withdrawals`, see its schema."""

    mep_id: int
    scope: str
    withdrawn_on: date
    reason: str


COLUMNS = tuple(field.name for field in fields(WithdrawalRow))


@dataclass(frozen=True)
class Withdrawals:
    """Everything withdrawn so far, and what that hides.

    Attributes:
        rows: sorted by MEP number and scope.
    """

    rows: tuple[WithdrawalRow, ...] = ()

    @cached_property
    def persons(self) -> frozenset[int]:
        """The people about whom nothing is published."""
        return frozenset(row.mep_id for row in self.rows if row.scope == Scope.PERSON)

    @cached_property
    def people(self) -> frozenset[int]:
        """The people whose portraits are not requested, built or published."""
        return frozenset(row.mep_id for row in self.rows)

    def hides_statement(self, mep_id: int, prop: str) -> bool:
        """Return whether a statement is hidden: about a withdrawn person, or the digest of a withdrawn portrait."""
        return mep_id in self.persons or (prop == Property.PORTRAIT and mep_id in self.people)

    def hides_page(self, url: str) -> bool:
        """Return whether a page is hidden: it is about a withdrawn person, or is a withdrawn portrait."""
        hidden = self.people if PORTRAIT_IN_ADDRESS in url else self.persons
        about = PERSON_IN_ADDRESS.search(url)
        return about is not None and int(about[1]) in hidden

    def hides_row(self, table: str, row: Mapping[str, Any]) -> bool:
        """Return whether a row of any table is hidden; `portraits` keeps one row for a withdrawn portrait."""
        if table == "withdrawals" or self._says_withdrawn(row):
            return False
        if table in ("pages", "problems") and self.hides_page(row.get("url", "")):
            return True
        mep_id = row.get("mep_id")
        if mep_id is None:
            return False
        if table == "statements":
            return self.hides_statement(mep_id, row.get("property", ""))
        hidden = self.people if table in ("portraits", "portrait_periods", "faces") else self.persons
        return mep_id in hidden

    def _says_withdrawn(self, row: Mapping[str, Any]) -> bool:
        return row.get("status") == "withdrawn" and row.get("mep_id") not in self.persons

    def with_row(self, row: WithdrawalRow) -> "Withdrawals":
        """Return a copy with one more row; an earlier row for the same person and scope stays as it is."""
        found = {(one.mep_id, one.scope): one for one in (row, *self.rows)}
        return Withdrawals(tuple(found[key] for key in sorted(found)))

    def to_csv(self) -> str:
        """Return the text of `withdrawals.csv`."""
        return _as_csv(
            COLUMNS, ((r.mep_id, r.scope, r.withdrawn_on.isoformat(), r.reason) for r in self.rows)
        )


def read_withdrawals(path: Path | None) -> Withdrawals:
    """Read the withdrawals in a file; empty if no file is given.

    Raises:
        UsageError: there is no such file, or a line of it is not a withdrawal. Nothing is guessed: a line that
            cannot be read might be somebody's request.
    """
    if path is None:
        return Withdrawals()
    if not path.is_file():
        raise UsageError(f"there is no file {path}", hint="dontspy-data withdraw makes one.")
    lines = _lines(path, COLUMNS)
    return as_withdrawals((_cells(cells), f"{path}, line {number}") for number, cells in lines)


def _lines(path: Path, columns: Sequence[str]) -> list[tuple[int, list[str]]]:
    """Return number and cells of each line of a file that has these columns, without the header and empty lines.

    Raises:
        UsageError: it is too large, no CSV file, or has other columns.
    """
    hint = "Take it from a backup."
    if path.stat().st_size > LARGEST:
        raise UsageError(f"{path} has more than {LARGEST:,} bytes", hint="Is it the right file?")
    try:
        reader = csv.reader(io.StringIO(path.read_bytes().decode("utf-8"), newline=""), strict=True)
        header, *lines = [(reader.line_num, cells) for cells in reader if cells] or [(0, [])]
    except (UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"{path} is not a CSV file in UTF-8: {error}", hint=hint) from error
    if header[1] != list(columns):
        raise UsageError(f"{path} does not have the columns {', '.join(columns)}", hint=hint)
    return lines


def as_withdrawals(rows: Iterable[tuple[Mapping[str, Any], str]]) -> Withdrawals:
    """Return withdrawals from rows of text or of values, each with where it stands.

    Raises:
        UsageError: a row is not a withdrawal.
    """
    found: dict[tuple[int, str], WithdrawalRow] = {}
    for row, place in rows:
        try:
            one = _row(row)
        except (ValueError, TypeError, KeyError) as error:
            raise UsageError(f"{place} is not a withdrawal: {error}", hint=EXAMPLE) from error
        found.setdefault((one.mep_id, one.scope), one)
    return Withdrawals(tuple(found[key] for key in sorted(found)))


def _cells(cells: list[str]) -> dict[str, str]:
    """Return a line's cells by column; with too few or too many, none, so that the line is refused."""
    return dict(zip(COLUMNS, cells, strict=True)) if len(cells) == len(COLUMNS) else {}


def _row(row: Mapping[str, Any]) -> WithdrawalRow:
    if not row:
        raise ValueError(f"it does not have {len(COLUMNS)} cells")
    return WithdrawalRow(
        mep_id=_number(row["mep_id"]),
        scope=Scope(row["scope"]).value,
        withdrawn_on=_day(row["withdrawn_on"]),
        reason=Reason(row["reason"]).value,
    )


def _number(value: Any) -> int:
    """Return a person's number; as a text, it is digits without anything around them."""
    if type(value) is int and 0 < value < MOST:
        return value
    if isinstance(value, str) and NUMBER.fullmatch(value):
        return int(value)
    raise ValueError(f"{value!r} is not a whole positive number")


def _day(value: Any) -> date:
    if isinstance(value, str) and DAY.fullmatch(value):
        return date.fromisoformat(value)
    if type(value) is date:
        return value
    raise ValueError(f"{value!r} is not a day such as 2026-02-01")


class AlreadyWithdrawnError(DontspyError):
    """The file has this withdrawal already."""


def withdraw(path: Path, mep_id: int, scope: Scope, reason: Reason, day: date) -> Withdrawals:
    """Add a row to `withdrawals.csv`; the file is written whole or not at all.

    Args:
        path: the file; created if missing.
        mep_id: the Parliament's number for the person.
        scope: what to withdraw.
        reason: why.
        day: on which it is withdrawn, UTC.

    Returns:
        Everything withdrawn now.

    Raises:
        AlreadyWithdrawnError: the file has a row for the person and scope.
        UsageError: the file is damaged.
        DontspyError: the file cannot be written.
    """
    before = read_withdrawals(path if path.exists() else None)
    after = before.with_row(WithdrawalRow(mep_id, scope.value, day, reason.value))
    if after == before:
        raise AlreadyWithdrawnError(f"MEP {mep_id}, {scope.value}, is withdrawn already in {path}")
    write_whole(path, after.to_csv())
    return after


def undo_withdrawal(path: Path, mep_id: int, scope: Scope) -> Withdrawals:
    """Remove a row that was added to `withdrawals.csv` by mistake; the file is written whole or not at all.

    Returns:
        Everything withdrawn now.

    Raises:
        UsageError: the file has no such row, or is damaged.
        DontspyError: the file cannot be written.
    """
    before = read_withdrawals(path if path.exists() else None)
    after = Withdrawals(tuple(row for row in before.rows if (row.mep_id, row.scope) != (mep_id, scope)))
    if after == before:
        raise UsageError(
            f"MEP {mep_id}, {scope.value}, is not withdrawn in {path}",
            hint="dontspy-data withdraw --list shows what is.",
        )
    write_whole(path, after.to_csv())
    return after


def write_whole(path: Path, text: str) -> None:
    """Write a maintainer's file, whole or not at all.

    Raises:
        DontspyError: it cannot be written; the old file is unchanged.
    """
    draft = path.with_name(f"{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise DontspyError(
            f"{path} cannot be written: {error.strerror}",
            hint="Free disk space, or grant permission to write.",
        ) from error


@dataclass(frozen=True, slots=True)
class WithdrawnPortrait:
    """A picture that was withdrawn.

    Attributes:
        mep_id: MEP number that it was withdrawn under.
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
        """Return the MEP number that the picture with that SHA-256 was withdrawn under; None if it never was."""
        return next((row.mep_id for row in self.rows if row.is_of(sha256)), None)


def read_withdrawn_portraits(withdrawals: Path | None) -> WithdrawnPortraits:
    """Read the file beside a file of withdrawals; empty if it is missing.

    Raises:
        UsageError: a line is not a withdrawn portrait, or the file cannot be read.
    """
    path = withdrawals.with_name(WITHDRAWN_PORTRAITS) if withdrawals else None
    if path is None or not path.is_file():
        return WithdrawnPortraits()
    lines = _lines(path, PORTRAITS_COLUMNS)
    return WithdrawnPortraits(tuple(_withdrawn_portrait(cells, path, number) for number, cells in lines))


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
        _write(withdrawals.with_name(WITHDRAWN_PORTRAITS), rows)
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
        _write(withdrawals.with_name(WITHDRAWN_PORTRAITS), kept)


def _digest(salt: str, sha256: str) -> str:
    return hashlib.sha256(bytes.fromhex(salt) + bytes.fromhex(sha256)).hexdigest()


def _withdrawn_portrait(cells: list[str], path: Path, number: int) -> WithdrawnPortrait:
    if len(cells) != len(PORTRAITS_COLUMNS) or not all(
        form.fullmatch(cell) for form, cell in zip(PORTRAITS_LINE, cells, strict=True)
    ):
        raise UsageError(f"{path}, line {number}, is not a withdrawn portrait", hint="Take it from a backup.")
    return WithdrawnPortrait(int(cells[0]), cells[1], cells[2])


def _write(path: Path, rows: Iterable[WithdrawnPortrait]) -> None:
    write_whole(path, _as_csv(PORTRAITS_COLUMNS, ((row.mep_id, row.salt, row.digest) for row in rows)))


def _as_csv(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator="\n").writerows((columns, *rows))
    return stream.getvalue()
