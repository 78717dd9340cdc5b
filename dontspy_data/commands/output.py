"""What commands print: outcomes for people and as JSON, errors with a hint, progress on a terminal."""

import functools
import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn, ParamSpec, TypeVar

import rich_click as click

from dontspy_data.errors import DontspyError, Exit
from dontspy_data.model.texts import CONTROL, counted, shown

if TYPE_CHECKING:
    from dontspy_data.collect.outcome import Stats, Watch
    from dontspy_data.model.problems import Kind, ProblemGroup, Progress
    from dontspy_data.pipeline.build import Built
    from dontspy_data.release.release import Difference

P = ParamSpec("P")
T = TypeVar("T")
MOST_PROBLEMS = 10
KEPT = {
    **dict.fromkeys(
        ("build", "release", "site", "audit"), "The output is unchanged; the same command starts again."
    ),
    "refresh": "The package is unchanged, and what was collected is kept; the same command continues from there.",
    "publish": "What was uploaded is kept, and readers see the old state; the same command continues from there.",
    "get": "What was downloaded is kept; the same command continues from there.",
}
"""What a stopped command leaves behind."""


json_option = click.option("--json", "as_json", is_flag=True, help="Print the outcome as JSON.")


def reporting(command: Callable[P, T]) -> Callable[P, T]:
    """Return a command with `--json`, which turns the project's errors into a sentence, a hint and an exit status."""

    @functools.wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> T:
        as_json = bool(kwargs.get("as_json"))
        try:
            return command(*args, **kwargs)
        except DontspyError as error:
            if error.exit is not Exit.UNCHANGED:
                fail(error, as_json=as_json)
            about = {"outcome": "unchanged", "message": str(error), "hint": error.hint}
            answer(about, f"Unchanged: {error}", as_json=as_json)
            finish(error.exit, fail_unchanged=bool(kwargs.get("fail_unchanged")))
        except KeyboardInterrupt:
            kept = KEPT.get(command.__name__, "Nothing was changed.")
            fail(DontspyError("stopped before the end", hint=kept), as_json=as_json)
        except BrokenPipeError:  # the reader of the output is gone; click ends quietly
            raise
        except OSError as error:
            what = f"{error.filename}: {error.strerror}" if error.filename else str(error)
            hint = "Check that the folder exists, is writable, and has free space."
            fail(DontspyError(what, hint=hint), as_json=as_json)

    return json_option(wrapped)


def fail(error: DontspyError, *, as_json: bool) -> NoReturn:
    """Print an error and end with its exit status."""
    if as_json:
        outcome = "refused" if error.exit is Exit.REFUSED else "failed"
        print_json({"outcome": outcome, "error": str(error), "hint": error.hint})
    else:
        print_error(str(error), error.hint)
    sys.exit(error.exit)


def print_error(message: str, hint: str) -> None:
    """Print on standard error what went wrong, and what to do next if that is known."""
    echo(f"Error: {message}", err=True)
    if hint:
        echo(f"  {hint}", err=True)


def finish(status: Exit, *, fail_unchanged: bool) -> NoReturn:
    """End a command with an exit status; `UNCHANGED` counts as done unless `--fail-unchanged` was given."""
    sys.exit(Exit.DONE if status is Exit.UNCHANGED and not fail_unchanged else status)


def echo(text: str, *, err: bool = False) -> None:
    """Print a text for people; control characters are shown escaped, so that no terminal obeys them."""
    click.echo("\n".join(map(shown, text.split("\n"))), err=err)


def print_json(value: Mapping[str, Any]) -> None:
    """Print an outcome for programs, on standard output."""
    text = json.dumps(value, ensure_ascii=False, indent=2, default=str)
    click.echo(CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", text))


def answer(about: Mapping[str, Any], text: str, *, as_json: bool, hint: str = "") -> None:
    """Print an outcome for programs; or for people, with the next step on standard error; empty texts are left out."""
    if as_json:
        print_json(about)
        return
    if text:
        echo(text)
    if hint:
        echo(hint, err=True)


def end_check(about: Mapping[str, Any], lines: Iterable[str], *, as_json: bool) -> NoReturn:
    """Print what a check found, and end with the status that says whether anything is wrong.

    Args:
        about: the same for programs; its `problems` are what is wrong.
        lines: for people.
        as_json: whether to print for programs.
    """
    status = Exit.INVALID if about["problems"] else Exit.DONE
    answer({"outcome": "invalid" if status else "done", **about}, "\n".join(lines), as_json=as_json)
    sys.exit(status)


def headline(found: "Difference") -> list[str]:
    """Return lines: which version a difference makes, and what is below the floors."""
    title = "Nothing changed" if found.is_unchanged else f"This would be {found.version}"
    return [title, *(f"Below the floors: {clause}" for clause in found.worse)]


def print_difference(found: "Difference") -> None:
    """Print what changed, and which version that makes."""
    for line in headline(found):
        echo(line)
    for section in found.sections:
        echo(f"\n{section.title}")
        for change in section.lines:
            echo(f"  {change}")


def print_notes(notes: "Sequence[Kind]", *, verbose: bool) -> None:
    """Print on standard error what could not be used: one line per kind, and each item if wanted."""
    for kind in notes:
        echo(f"Note: {kind}", err=True)
        for where in kind.where if verbose and len(kind.where) > 1 else ():
            echo(f"  {where}", err=True)


def print_problems(built: "Built", groups: "Sequence[ProblemGroup] | None" = None, *, verbose: bool) -> None:
    """Print on standard error what could not be read or is unknown, worst first, and which budgets are exceeded.

    Args:
        built: what was built.
        groups: the problems to show in full; None for all.
        verbose: whether to list every group.
    """
    from dontspy_data.model.problems import in_words

    if built.problems:
        counts: Counter[str] = Counter()
        for group in built.problems:
            counts[group.kind] += group.count
        echo(f"Problems: {in_words(counts)}. List them with: dontspy-data problems {built.folder}", err=True)
    told = built.problems if groups is None else groups
    for group in told[: None if verbose else MOST_PROBLEMS]:
        echo(f"  {group}", err=True)
    if not verbose and len(told) > MOST_PROBLEMS:
        echo(f"  and {len(told) - MOST_PROBLEMS:,} more kinds", err=True)
    for clause in built.over_budget:
        echo(f"Over budget: {clause}", err=True)


@contextmanager
def progress_bar(label: str) -> "Iterator[Progress | None]":
    """Yield a function that draws (done, total) on standard error; None if that is not a terminal."""
    with progress_bars(label) as (report,):
        yield report


@contextmanager
def progress_bars(*labels: str) -> "Iterator[Sequence[Progress | None]]":
    """Yield a function of `progress_bar` for each label; bars after the first appear when first used."""
    if not sys.stderr.isatty():
        yield [None] * len(labels)
        return
    from rich import progress as bar
    from rich.console import Console

    columns = (
        bar.TextColumn("{task.description}"),
        bar.BarColumn(),
        bar.MofNCompleteColumn(),
        bar.TimeRemainingColumn(),
    )
    with bar.Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        tasks = [bars.add_task(label, total=None, visible=label == labels[0]) for label in labels]

        def report(task: bar.TaskID, done: int, total: int) -> None:
            bars.update(task, completed=done, total=total, visible=True)

        yield [functools.partial(report, task) for task in tasks]


PER_SECOND = 4


@contextmanager
def watching() -> "Iterator[Watch]":
    """Yield a function that draws counts on standard error, or nothing if that is not a terminal."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console, Group
    from rich.live import Live
    from rich.table import Table

    started = time.monotonic()
    drawn = 0.0

    def drawing(stats: "Stats") -> "Group":
        rows = Table(box=None, pad_edge=False)
        for name in ("page", "done", "of", "missing"):
            rows.add_column(name, justify="left" if name == "page" else "right")
        for endpoint, count in stats.endpoints.items():
            missing = count.missing + count.not_asked
            rows.add_row(
                endpoint.name, f"{count.done:,}", f"{count.total:,}", f"{missing:,}" if missing else ""
            )
        return Group(rows, speed(stats, time.monotonic() - started))

    with Live(console=Console(stderr=True), transient=True, auto_refresh=False) as live:

        def watch(stats: "Stats") -> None:
            nonlocal drawn
            if time.monotonic() - drawn > 1 / PER_SECOND:
                drawn = time.monotonic()
                live.update(drawing(stats), refresh=True)

        yield watch


def speed(stats: "Stats", seconds: float) -> str:
    """Return rate, time left, retries and refusals, in one line."""
    from dontspy_data.collect.outcome import in_words

    done = sum(count.done for count in stats.endpoints.values())
    asked = done - sum(count.held for count in stats.endpoints.values())
    left = sum(count.total for count in stats.endpoints.values()) - done
    rate = asked / seconds if seconds else 0.0
    words = [f"{rate:.1f} pages per second"]
    if rate:
        words.append(f"{in_words(left / rate)} left")
    return ", ".join([*words, f"{counted(stats.retries, 'retry')}", f"{counted(stats.refusals, 'refusal')}"])
