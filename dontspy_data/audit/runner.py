"""Asking about many portraits: on any `concurrent.futures.Executor`, resumed where an earlier run was stopped.

Answers are kept in a journal beside the output, one JSON line per portrait and model, and looked up by everything that
determines them: model, version, weights, the picture's digest, its box and what is asked. A line that was cut off by
the stop is dropped. The journal is removed when the audit is complete.

Only a limited number of pictures is in flight, so that memory does not grow with their number.
"""

import hashlib
import json
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from dontspy_data.audit.looks import DETECTION, Answered, Look, Plan, Portrait, look_at
from dontspy_data.audit.model import Attribute, Box, BoxSource, Guess, Model, Sight, open_model
from dontspy_data.audit.subjects import Subject, drawn
from dontspy_data.errors import DontspyError
from dontspy_data.model.problems import Progress

UNDER_WAY = 64
"""Portraits that workers have or wait for: more than there are workers."""
SEED = 20240613
DETECTION_SAMPLE = 25
"""Portraits whose changed copies are also examined without the known box."""


@dataclass(frozen=True, slots=True)
class _Task:
    """A portrait, and the models that have not answered yet about it, each with its key in the journal."""

    subject: Subject
    keys: dict[str, str]
    missing: tuple[Model, ...]
    anew: bool


def look_at_all(
    subjects: Sequence[Subject],
    models: Sequence[Model],
    plan: Plan,
    journal: Path,
    *,
    seed: int = SEED,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> Iterator[Look]:
    """Yield the answers of all models about all portraits, in the order of the portraits.

    Args:
        subjects: the portraits, from `choose`.
        models: the models to ask. Workers open them by name.
        plan: the questions.
        journal: file of answers, including those of an earlier run; created or continued.
        seed: decides which portraits `detection` is asked about.
        executor: where to ask; None for this process.
        progress: receives (done, total) of the portraits.

    Raises:
        DontspyError: a model does not answer as its card says, a picture cannot be read, the journal is damaged, or a
            worker has died.
    """
    known = dict(_read_journal(journal))
    anew = drawn(subjects, DETECTION_SAMPLE, seed) if DETECTION in plan.choices else frozenset()
    tasks = (_task(subject, models, plan, known, anew) for subject in subjects)
    with journal.open("a", encoding="utf-8") as stream:
        for done, (task, new) in enumerate(_answered(tasks, plan, executor), start=1):
            for model, answers in zip(task.missing, new, strict=True):
                key = task.keys[model.card.name]
                stream.write(json.dumps([key, [asdict(answered) for answered in answers]]) + "\n")
                stream.flush()
                known[key] = answers
            for model in models:
                for answered in known.pop(task.keys[model.card.name]):
                    yield Look(task.subject, model.card.name, answered)
            if progress:
                progress(done, len(subjects))


def _task(
    subject: Subject, models: Sequence[Model], plan: Plan, known: Mapping[str, Any], anew: frozenset[str]
) -> _Task:
    looked_anew = subject.portrait_id in anew
    keys = {model.card.name: _key(model, subject, plan, anew=looked_anew) for model in models}
    missing = tuple(model for model in models if keys[model.card.name] not in known)
    return _Task(subject, keys, missing, looked_anew)


def _key(model: Model, subject: Subject, plan: Plan, *, anew: bool) -> str:
    card = model.card
    parts = [
        card.name,
        card.version,
        [file.sha256 for file in card.weights],
        [asdict(choice) for choice in card.choices],
        subject.portrait_id,
        subject.sha256,
        asdict(subject.box) if subject.box else None,
        asdict(plan),
        anew,
    ]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _answered(
    tasks: Iterable[_Task], plan: Plan, executor: Executor | None
) -> Iterator[tuple[_Task, list[list[Answered]]]]:
    """Yield every task with the answers of its missing models, in the order of the tasks."""
    waiting: deque[tuple[_Task, Future[list[list[Answered]]] | None]] = deque()
    for task in tasks:
        names = tuple(model.card.name for model in task.missing)
        future = executor.submit(look_by_name, names, _portrait(task), plan) if executor and names else None
        waiting.append((task, future))
        while waiting and (executor is None or len(waiting) > UNDER_WAY):
            yield _result(*waiting.popleft(), plan)
    while waiting:
        yield _result(*waiting.popleft(), plan)


def _result(
    task: _Task, future: Future[list[list[Answered]]] | None, plan: Plan
) -> tuple[_Task, list[list[Answered]]]:
    if not task.missing:
        return task, []
    if future is None:
        return task, look_at(task.missing, _portrait(task), plan)
    try:
        return task, future.result()
    except BrokenExecutor as error:
        raise DontspyError(
            f"a worker died over {task.subject.path.name}, or over a portrait that it had at the time: {error}",
            hint="Run the same command again: it continues from here. If memory is short, use fewer --workers.",
        ) from error


def _portrait(task: _Task) -> Portrait:
    subject = task.subject
    try:
        body = subject.path.read_bytes()
    except OSError as error:
        raise DontspyError(
            f"{subject.path} cannot be read: {error}",
            hint="See what is wrong with the package with: dontspy-data check FOLDER",
        ) from error
    return Portrait(f"{subject.path.parent.name}/{subject.path.name}", body, subject.box, task.anew)


def look_by_name(names: Sequence[str], portrait: Portrait, plan: Plan) -> list[list[Answered]]:
    """Ask installed models about one portrait, as `look_at` does, in a worker.

    Raises:
        ModelMissingError: a model is not installed where the work is done.
    """
    return look_at([_opened(name) for name in names], portrait, plan)


_opened = cache(open_model)


def _read_journal(path: Path) -> Iterator[tuple[str, list[Answered]]]:
    """Yield the whole lines of a journal, and cut off what follows the last one."""
    body = path.read_bytes() if path.exists() else b""
    whole = body[: body.rfind(b"\n") + 1]
    if whole != body:
        path.write_bytes(whole)
    try:
        for line in whole.splitlines():
            key, answers = json.loads(line)
            yield key, [_answer(parsed) for parsed in answers]
    except (ValueError, KeyError, TypeError) as error:
        raise DontspyError(
            f"{path} is damaged, so the audit cannot continue from it", hint="Remove it and start again."
        ) from error


def _answer(parsed: dict[str, Any]) -> Answered:
    sight = parsed["sight"]
    return Answered(
        **{**parsed, "box_source": BoxSource(parsed["box_source"]), "sight": _sight(sight) if sight else None}
    )


def _sight(parsed: dict[str, Any]) -> Sight:
    guesses = (Guess(**{**guess, "attribute": Attribute(guess["attribute"])}) for guess in parsed["guesses"])
    box = parsed["box"]
    return Sight(parsed["score"], tuple(guesses), Box(**box) if box else None)
