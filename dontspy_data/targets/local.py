"""Folders of this machine, read without fsspec, whose import would take longer than the reading."""

import shutil
from pathlib import Path
from typing import BinaryIO


class LocalFiles:
    """The methods of an fsspec file system that `Target` uses, with their names, for absolute paths."""

    protocol = ("file", "local")

    def cat_file(self, path: str) -> bytes:
        """A file's bytes."""
        return Path(path).read_bytes()

    def open(self, path: str, mode: str, block_size: int | None = None) -> BinaryIO:  # noqa: ARG002
        """A file, open for reading bytes."""
        return Path(path).open("rb")

    def get_file(self, path: str, to: str) -> None:
        """Copy a file."""
        shutil.copyfile(path, to)

    def ls(self, path: str, detail: bool) -> list[str]:  # noqa: ARG002
        """Paths of what is in a folder."""
        return [str(below) for below in Path(path).iterdir()]
