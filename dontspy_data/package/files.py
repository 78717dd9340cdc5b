"""Files of a package: whole or not at all, and listed with their digests.

Untrusted paths, from a table, a list of digests or an entry, may lead only into their folder.
"""

import ctypes
import fcntl
import glob
import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any

from dontspy_data.errors import DontspyError, UsageError
from dontspy_data.model.texts import CONTROLS_AND_LINE_ENDS, MalformedError

LONGEST_PATH = 1000
NUMBER = "[1-9][0-9]{0,17}"
PICTURE = re.compile(rf"(portraits/(earlier/)?{NUMBER}(-[0-9a-f]{{12}})?|derived/faces/{NUMBER})\.jpg")
"""Paths of pictures, as `schemas/portraits.json` and `schemas/faces.json` have them."""
PORTRAIT_KEY = re.compile(rf"{NUMBER}-([0-9a-f]{{12}}|absent|unknown|withdrawn)")
"""Keys of portraits, as `schemas/portraits.json` has them."""
MADE = re.compile(r"[^/]+\.(parquet|sqlite|xlsx|zip|tar)")
CHECKSUMS = "checksums.sha256"
DESCRIPTOR = "datapackage.json"
PARTIAL = "partial.txt"
"""In a folder that a part of a release was downloaded to: the paths that were asked for, one per line."""
CHANGELOG = "CHANGELOG.md"
CHANGES = "changelog.json"
DELTA = "delta.jsonl"
RENAME_EXCHANGE = 2
AT_FDCWD = -100
LINE = re.compile(r"(?P<digest>[0-9a-f]{64})  (?P<path>\S[^\n]*)")
LARGEST = 256 << 20
SHOWN = 60
WHOLE = "Take a whole copy, or tell its publisher."


class PathError(DontspyError):
    """A path or key that would lead to a wrong file."""

    def __init__(self, value: object, where: str) -> None:
        super().__init__(
            f"{where} has {value!r}, which is not a valid file name",
            hint="Take a whole copy from its publisher; do not use this one.",
        )


def is_picture(path: str) -> bool:
    """Return whether a path in a package is that of a portrait or crop."""
    return PICTURE.fullmatch(path) is not None


def person_shown(path: str) -> int | None:
    """Return the number of the person that a portrait or crop at a path in a package shows; None if it is neither."""
    return int(PurePosixPath(path).stem.split("-")[0]) if is_picture(path) else None


def is_made(path: str) -> bool:
    """Return whether a file of a release is made from its tables and pictures, so that it can be made again.

    Inline pictures, SQLite and the spreadsheet lie beside the descriptor, as bundles did in older releases.
    """
    return MADE.fullmatch(path) is not None


def is_inside(path: str) -> bool:
    """Return whether a path with forward slashes stays below its starting folder, links aside."""
    parts = path.split("/")
    plain = "\\" not in path and not CONTROLS_AND_LINE_ENDS.search(path)
    return plain and len(path) <= LONGEST_PATH and not {"", ".", ".."} & set(parts)


def inside(folder: Path, path: str) -> Path:
    """Return where a path leads to.

    Args:
        folder: where the path starts.
        path: with forward slashes.

    Raises:
        PathError: it leads out of the folder, by itself or by a link.
    """
    if not is_inside(path):
        raise PathError(path, str(folder))
    found = folder / path
    if not found.resolve().is_relative_to(folder.resolve()):
        raise PathError(path, str(folder))
    return found


def picture_file(folder: Path, path: str) -> Path:
    """Return the file of a portrait or crop.

    Args:
        folder: of the package.
        path: from its tables.

    Raises:
        PathError: it is not the path of a picture, or leads out of the folder.
    """
    if not PICTURE.fullmatch(path):
        raise PathError(path, f"a table of {folder}")
    return inside(folder, path)


def portrait_key(value: str) -> str:
    """Return a portrait's key, as a part of a file's name.

    Raises:
        PathError: it is not the key of a portrait.
    """
    if not PORTRAIT_KEY.fullmatch(value):
        raise PathError(value, "the column portrait_id")
    return value


def json_text(document: Any) -> str:
    """Format a document as every JSON file of a package: indented, letters unescaped, a line end last."""
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, 64 hexadecimal digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def files_below(folder: Path) -> list[str]:
    """List every file below a folder except the lists of files themselves, as sorted paths with forward slashes."""
    files = (path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir())
    found = (path.relative_to(folder).as_posix() for path in files)
    return sorted(path for path in found if path not in (CHECKSUMS, PARTIAL))


def sizes_there(folder: Path, paths: Iterable[str]) -> dict[str, int]:
    """Return the bytes by path of those files of a folder that are there."""
    return {path: (folder / path).stat().st_size for path in paths if (folder / path).is_file()}


def checksums(folder: Path, elsewhere: Mapping[str, str] | None = None) -> str:
    """Return the text of `checksums.sha256` for a folder.

    Args:
        folder: whose files are listed.
        elsewhere: SHA-256 by path of its files that lie somewhere else.
    """
    return checksums_text(
        {**(elsewhere or {}), **{path: sha256_of(folder / path) for path in files_below(folder)}}
    )


def checksums_text(digests: Mapping[str, str]) -> str:
    """Return the text of `checksums.sha256`: one line per file, sorted, as `sha256sum` writes and reads it."""
    return "".join(f"{digests[path]}  {path}\n" for path in sorted(digests))


def parse_checksums(text: bytes, where: str) -> dict[str, str]:
    """Parse the untrusted text of `checksums.sha256`: SHA-256 by path.

    Args:
        text: of the list.
        where: whose list it is, for messages.

    Raises:
        MalformedError: a line is not a digest and path, its path leads out of the folder, or is listed twice.
    """
    digests: dict[str, str] = {}
    for path, digest in parse_digest_lines(text, f"{CHECKSUMS} of {where}"):
        if path in digests:
            raise MalformedError(
                f"{CHECKSUMS} of {where}", "", f"{path[:SHOWN]!r} is listed twice", hint=WHOLE
            )
        digests[path] = digest
    if not digests:
        raise MalformedError(f"{CHECKSUMS} of {where}", "", "it lists no file", hint=WHOLE)
    return digests


def parse_digest_lines(text: bytes, file: str) -> Iterator[tuple[str, str]]:
    """Yield path and SHA-256 from lines as `sha256sum` writes them.

    Raises:
        MalformedError: a line is not a digest and path, or its path leads out of the folder.
    """
    if len(text) > LARGEST:
        raise MalformedError(file, "", f"it has more than {LARGEST:,} bytes", hint=WHOLE)
    if not text:
        return
    for number, line in enumerate(text.removesuffix(b"\n").split(b"\n"), start=1):
        match = LINE.fullmatch(line.decode("utf-8", errors="replace"))
        if not match or not is_inside(match["path"]):
            raise MalformedError(file, f"line {number}", "is not a digest and path in the folder", hint=WHOLE)
        yield match["path"], match["digest"]


def read_checksums(folder: Path) -> dict[str, str]:
    """Read a folder's `checksums.sha256`: SHA-256 by path.

    Raises:
        DontspyError: the list is missing or damaged.
    """
    try:
        text = (folder / CHECKSUMS).read_bytes()
    except OSError as error:
        raise DontspyError(
            f"{folder} has no {CHECKSUMS} that can be read: {error.strerror}",
            hint="Without it, its files cannot be verified. Take a whole copy, or build it again.",
        ) from error
    return parse_checksums(text, str(folder))


def all_digests(release: Path) -> dict[str, str]:
    """Return the SHA-256 of every file of a release by path, `checksums.sha256` included.

    Raises:
        DontspyError: its list of digests is missing or damaged.
    """
    return {**read_checksums(release), CHECKSUMS: sha256_of(release / CHECKSUMS)}


def expected(folder: Path) -> dict[str, str]:
    """Return SHA-256 by path of the files that a folder should hold: all listed, or those that were asked for.

    Raises:
        DontspyError: the list is missing or damaged.
    """
    digests = read_checksums(folder)
    asked = asked_for(folder)
    return digests if asked is None else {path: digests[path] for path in digests if path in asked}


def asked_for(folder: Path) -> frozenset[str] | None:
    """Return the paths that were asked for when a part of a release was downloaded; None for a whole one."""
    try:
        return frozenset((folder / PARTIAL).read_text("utf-8").split("\n"))
    except (OSError, ValueError):
        return None


def require_downloaded(folder: Path, path: str) -> None:
    """Raise UsageError if a file is missing because it was never asked for."""
    asked = asked_for(folder)
    if asked is not None and path not in asked and not (folder / path).exists():
        raise UsageError(
            f"{path} was not downloaded to {folder}",
            hint=f"Get all of the release: dontspy-data get TARGET --output {folder}",
        )


def copy_listed(folder: Path, target: Path) -> None:
    """Copy only `checksums.sha256` of a folder and the files that it lists.

    Args:
        folder: a package or audit.
        target: folder to make.

    Raises:
        DontspyError: the list is damaged, or a file is missing, a link, or does not have the digest that the list
            gives.
    """
    listed = expected(folder)
    for name in (*listed, CHECKSUMS):
        copy = target / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        try:
            shutil.copyfile(inside(folder, name), copy, follow_symlinks=False)
        except FileNotFoundError as error:
            raise DontspyError(
                f"{folder} has no {name}, which it lists", hint="Take a whole copy."
            ) from error
        if copy.is_symlink() or (name in listed and sha256_of(copy) != listed[name]):
            raise DontspyError(
                f"{name} of {folder} is not the file that {CHECKSUMS} lists", hint="Take a whole copy."
            )


@contextmanager
def making(output: Path) -> Iterator[None]:
    """Turn operating-system errors, such as a full disk, into an error that a person can act on.

    Args:
        output: what is being made.

    Raises:
        DontspyError: something cannot be written or read.
    """
    try:
        yield
    except OSError as error:
        why = _why(error)
        if not why:
            raise
        raise DontspyError(
            f"{output} was not made: {why}",
            hint="What was there before is unchanged. Free disk space or grant permission to write, then try again.",
        ) from error


def _why(error: OSError) -> str:
    """Return the system's message; empty if a library reports damaged data as a system error."""
    if isinstance(error, shutil.Error) and isinstance(error.args[0], list):  # of a folder: one tuple per file
        return str(error.args[0][0][-1])
    return str(error) if error.errno else ""


@contextmanager
def whole_folder(output: Path, *, marker: str = DESCRIPTOR, kind: str = "package") -> Iterator[Path]:
    """Yield a new folder to write into, which replaces `output` on success.

    Readers see the old folder or the new one. On any error, `output` stays unchanged.

    Args:
        output: where the folder will be.
        marker: a file that every folder of this kind has.
        kind: what such a folder is called.

    Raises:
        UsageError: `output` exists and is not of this kind, so replacing it could lose something; or it is the
            working directory or holds it, so replacing it would remove that.
        DontspyError: something cannot be written or read.
    """
    output = output.resolve()  # `.` and `..` have no name of their own
    with making(output):
        _make_way(output, marker, kind)
        output.parent.mkdir(parents=True, exist_ok=True)
        _clear_drafts(output)
        draft = Path(tempfile.mkdtemp(prefix=_draft_prefix(output), dir=output.parent))
        handle = os.open(draft, os.O_RDONLY)
        try:
            fcntl.flock(
                handle, fcntl.LOCK_EX
            )  # released when this process ends, so that the next one recognises an abandoned draft
            draft.chmod(0o755)
            yield draft
            _put_in_place(draft, output)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
            os.close(handle)


def _draft_prefix(output: Path) -> str:
    return f".{output.name}.draft-"


def _clear_drafts(output: Path) -> None:
    """Remove the drafts of processes that were killed while they wrote to the same place."""
    for draft in output.parent.glob(f"{glob.escape(_draft_prefix(output))}*"):
        if draft.is_symlink() or not draft.is_dir():
            continue
        handle = os.open(draft, os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(draft, ignore_errors=True)
        except BlockingIOError:
            continue  # its process is still running
        finally:
            os.close(handle)


def _make_way(output: Path, marker: str, kind: str) -> None:
    if Path.cwd().is_relative_to(output):
        raise UsageError(
            f"{output} is the working directory, or holds it", hint="Name another folder with --output."
        )
    if output.exists() and not (output / marker).is_file():
        if not output.is_dir() or any(output.iterdir()):
            raise UsageError(
                f"{output} exists and is not a {kind}",
                hint="Name another folder with --output, or move it away.",
            )
        output.rmdir()


def _put_in_place(draft: Path, output: Path) -> None:
    if not output.exists():
        draft.rename(output)
    elif not _exchange(draft, output):
        aside = draft.with_name(f"{draft.name}-old")
        output.rename(aside)
        draft.rename(output)
        shutil.rmtree(aside)


def _exchange(draft: Path, output: Path) -> bool:
    """Swap two folders in one step; False if the system cannot (renameat2(2) is Linux's)."""
    renameat2 = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if renameat2 is None:
        return False
    paths = (os.fsencode(draft), os.fsencode(output))
    return bool(renameat2(AT_FDCWD, paths[0], AT_FDCWD, paths[1], RENAME_EXCHANGE) == 0)
