"""Paths that come from others: from a table, a list of digests or an entry. They lead nowhere but into their folder."""

import re
from pathlib import Path

from dontspy_data.errors import DontspyError
from dontspy_data.model.foreign import CONTROLS

LONGEST_PATH = 1000
NUMBER = "[1-9][0-9]{0,17}"
PICTURE = re.compile(rf"(portraits/(earlier/)?{NUMBER}(-[0-9a-f]{{12}})?|derived/faces/{NUMBER})\.jpg")
"""Paths of pictures, as `schemas/portraits.json` and `schemas/faces.json` have them."""
PORTRAIT_KEY = re.compile(rf"{NUMBER}-([0-9a-f]{{12}}|absent|unknown|withdrawn)")
"""Keys of portraits, as `schemas/portraits.json` has them."""
MADE = re.compile(r"[^/]+\.(parquet|sqlite|xlsx|zip|tar)")


class PathError(DontspyError):
    """A path or key that would lead to another file than it should."""

    def __init__(self, value: object, where: str) -> None:
        super().__init__(
            f"{where} has {value!r}, which names no file of its own",
            hint="Take a whole copy from its publisher; do not use this one.",
        )


def is_picture(path: str) -> bool:
    """Return whether a path in a package is that of a portrait or crop."""
    return PICTURE.fullmatch(path) is not None


def is_made(path: str) -> bool:
    """Return whether a file of a release is made from its tables and pictures, and can be made again.

    Inline pictures, SQLite and the spreadsheet lie beside the descriptor, as bundles did in older releases.
    """
    return MADE.fullmatch(path) is not None


def is_inside(path: str) -> bool:
    """Return whether a path with forward slashes stays below the folder that it starts from, links aside."""
    parts = path.split("/")
    plain = "\\" not in path and not CONTROLS.search(path)
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
        PathError: it is no path of a picture, or leads out of the folder.
    """
    if not PICTURE.fullmatch(path):
        raise PathError(path, f"a table of {folder}")
    return inside(folder, path)


def portrait_key(value: str) -> str:
    """Return a portrait's key, as a part of a file's name.

    Raises:
        PathError: it is no key of a portrait.
    """
    if not PORTRAIT_KEY.fullmatch(value):
        raise PathError(value, "the column portrait_id")
    return value
