"""Files of a package: whole or not at all, and listed with their digests."""

import ctypes
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dontspy_data.errors import UsageError

CHECKSUMS = "checksums.sha256"
DESCRIPTOR = "datapackage.json"
RENAME_EXCHANGE = 2
AT_FDCWD = -100


def json_text(document: Any) -> str:
    """A document as every JSON file of a package is written: indented, letters as they are, a line end last."""
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, 64 hexadecimal digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def files_below(folder: Path) -> list[str]:
    """Every file below a folder but the checksums, as sorted paths with forward slashes."""
    found = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir())
    return sorted(path for path in found if path != CHECKSUMS)


def checksums(folder: Path) -> str:
    """What `checksums.sha256` says of a folder: a line a file, as `sha256sum` writes and reads it."""
    return "".join(f"{sha256_of(folder / path)}  {path}\n" for path in files_below(folder))


@contextmanager
def whole_folder(output: Path, *, marker: str = DESCRIPTOR, kind: str = "package") -> Iterator[Path]:
    """A new folder to write into, which takes the place of `output` when all went well.

    Readers see the old folder or the new one. When anything is raised, `output` stays as it was.

    Args:
        output: where the folder will be.
        marker: a file that every folder of this kind has.
        kind: what such a folder is called.

    Raises:
        UsageError: `output` exists and is not of this kind, so replacing it could lose something.
    """
    if output.exists() and not (output / marker).is_file():
        if not output.is_dir() or any(output.iterdir()):
            raise UsageError(
                f"{output} exists and is not a {kind}",
                hint="Name another folder with --output, or move it away.",
            )
        output.rmdir()
    output.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{output.name}-", dir=output.parent))
    try:
        draft.chmod(0o755)
        yield draft
        _put_in_place(draft, output)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _put_in_place(draft: Path, output: Path) -> None:
    if not output.exists():
        draft.rename(output)
    elif not _exchange(draft, output):
        aside = draft.with_name(f"{draft.name}-old")
        output.rename(aside)
        draft.rename(output)
        shutil.rmtree(aside)


def _exchange(draft: Path, output: Path) -> bool:
    """Swap two folders in one step; False where the system cannot (renameat2(2) is Linux's)."""
    renameat2 = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if renameat2 is None:
        return False
    paths = (os.fsencode(draft), os.fsencode(output))
    return bool(renameat2(AT_FDCWD, paths[0], AT_FDCWD, paths[1], RENAME_EXCHANGE) == 0)
