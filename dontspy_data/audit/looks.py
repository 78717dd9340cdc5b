"""Looking: every model at every view of every portrait, resumed where an earlier run was stopped.

Answers are kept in a journal beside the output, one JSON line each, and found again by everything that
decides them: model, version, weights, the picture's digest, the view and the box. A line that was cut off by
the stop is dropped. The journal goes when the audit is whole.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import IO, Any

from dontspy_data.audit.model import Attribute, Guess, Model, Sight, check_sight
from dontspy_data.audit.subjects import Subject
from dontspy_data.audit.views import VARIANTS, View, read_picture
from dontspy_data.errors import DontspyError
from dontspy_data.model.problems import Progress


class BoxSource(StrEnum):
    """Where the face's box comes from."""

    MODEL = "model"
    PACKAGE = "package"


PICTURE = "picture"
"""What is varied where the picture itself is another one; else the name of a choice."""


@dataclass(frozen=True, slots=True)
class Look:
    """One model's look at one view of one portrait.

    Attributes:
        subject: the portrait.
        model: name of the model.
        variant: name of the view; `original` for the portrait as published.
        sight: what the model says; None where it found no face.
        varied: what the variant differs in from the model's look at the portrait as published.
    """

    subject: Subject
    model: str
    variant: str
    sight: Sight | None
    varied: str = PICTURE


def asked_about(subjects: Iterable[Subject], boxes: BoxSource) -> tuple[Subject, ...]:
    """Return the portraits that models can be asked about: all, or those that the package has a box for."""
    return tuple(subject for subject in subjects if boxes is BoxSource.MODEL or subject.box)


def look_at_all(
    subjects: Sequence[Subject],
    models: Sequence[Model],
    boxes: BoxSource,
    journal: Path,
    progress: Progress | None = None,
) -> tuple[Look, ...]:
    """Look at every portrait with every model and view.

    Args:
        subjects: the portraits, from `asked_about`.
        models: what looks.
        boxes: where the boxes come from.
        journal: file of the answers that an earlier run got to; made or continued.
        progress: told (done, total) of the portraits.

    Raises:
        DontspyError: a model does not answer as its card says, a picture cannot be read, or the journal is damaged.
    """
    known = dict(_read_journal(journal))
    looks: list[Look] = []
    executor = ThreadPoolExecutor(os.cpu_count())
    try:
        pending = executor.map(lambda subject: _look_at(subject, models, boxes, known), subjects)
        with journal.open("a", encoding="utf-8") as stream:
            for done, (found, new) in enumerate(pending, start=1):
                _append(stream, new)
                looks.extend(found)
                if progress:
                    progress(done, len(subjects))
    finally:
        executor.shutdown(cancel_futures=True)
    return tuple(looks)


def _look_at(
    subject: Subject, models: Sequence[Model], boxes: BoxSource, known: dict[str, Sight | None]
) -> tuple[list[Look], dict[str, Sight | None]]:
    """Return all looks at one portrait, and those that are new."""
    view = View(read_picture(subject.path), subject.box if boxes is BoxSource.PACKAGE else None)
    looks: list[Look] = []
    new: dict[str, Sight | None] = {}
    for variant, change in VARIANTS.items():
        keys = {model.card.name: _key(model, subject, variant, boxes) for model in models}
        seen = change(view) if not known.keys() >= set(keys.values()) else view
        for model in models:
            key = keys[model.card.name]
            if key not in known:
                new[key] = _look(model, seen)
            sight = known[key] if key in known else new[key]
            looks.append(Look(subject, model.card.name, variant, sight))
    return looks, new


def _look(model: Model, view: View) -> Sight | None:
    sight = model.look(view.pixels, view.box)
    if sight:
        check_sight(model.card, sight)
    return sight


def _key(model: Model, subject: Subject, variant: str, boxes: BoxSource) -> str:
    card = model.card
    box = asdict(subject.box) if subject.box and boxes is BoxSource.PACKAGE else None
    parts = [
        card.name,
        card.version,
        [file.sha256 for file in card.weights],
        subject.sha256,
        variant,
        boxes,
        box,
    ]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _append(stream: IO[str], answers: dict[str, Sight | None]) -> None:
    for key, sight in answers.items():
        stream.write(json.dumps([key, asdict(sight) if sight else None]) + "\n")
    stream.flush()


def _read_journal(path: Path) -> Iterable[tuple[str, Sight | None]]:
    """Read the whole lines of a journal, and cut off what follows the last of them."""
    if not path.exists():
        return ()
    body = path.read_bytes()
    whole = body[: body.rfind(b"\n") + 1]
    if whole != body:
        path.write_bytes(whole)
    return _entries(whole, path)


def _entries(body: bytes, path: Path) -> Iterator[tuple[str, Sight | None]]:
    try:
        for line in body.splitlines():
            key, sight = json.loads(line)
            yield key, _sight(sight) if sight else None
    except (ValueError, KeyError, TypeError) as error:
        raise DontspyError(
            f"{path} is damaged, so the audit cannot go on from it", hint="Remove it and start again."
        ) from error


def _sight(parsed: dict[str, Any]) -> Sight:
    guesses = (Guess(**{**guess, "attribute": Attribute(guess["attribute"])}) for guess in parsed["guesses"])
    return Sight(parsed["score"], tuple(guesses))
