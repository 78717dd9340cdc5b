"""What commands share: `--json`, errors for people, progress on a terminal."""

import functools
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, ParamSpec, TypeVar

import rich_click as click

from dontspy_data.errors import DontspyError, Exit
from dontspy_data.model.problems import Kind, ProblemGroup, Progress
from dontspy_data.model.texts import CONTROL, shown

if TYPE_CHECKING:
    from dontspy_data.pipeline.build import Built

P = ParamSpec("P")
T = TypeVar("T")
MOST_PROBLEMS = 10
KEPT = {
    **dict.fromkeys(
        ("build", "release", "site", "audit"), "The output is as it was; the same command begins anew."
    ),
    "refresh": "The package is as it was, and what was collected is kept; the same command goes on from there.",
    "publish": "What was uploaded is kept, and readers see what was there before; the same command goes on from there.",
    "get": "What was downloaded is kept; the same command goes on from there.",
}
"""What a command that was stopped leaves behind."""
OUTCOMES = {Exit.REFUSED: "refused", Exit.UNCHANGED: "unchanged"}


class WholeNumber(click.IntRange):
    """A whole number; what is none is refused in words that people use."""

    name = "whole number"


class Number(click.FloatRange):
    """A number, likewise."""

    name = "number"


json_option = click.option("--json", "as_json", is_flag=True, help="Print the outcome as JSON.")
verbose_option = click.option(
    "-v", "--verbose", is_flag=True, help="List every problem, not only a count of each kind."
)
withdrawals_option = click.option(
    "--withdrawals",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="File of withdrawals.  [default: withdrawals.csv if it exists]",
)


def workers_options(what: str) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Return the options that say who does the work of a command; `what` reads on from "Processes that …"."""

    def with_options(command: Callable[P, T]) -> Callable[P, T]:
        for option in (
            click.option(
                "--scheduler",
                metavar="tcp://HOST:PORT",
                help="Dask scheduler to use instead of processes (extra `distributed`).",
            ),
            click.option(
                "--workers",
                type=WholeNumber(min=1),
                help=f"Processes that {what}; by default one per core.",
            ),
        ):
            command = option(command)
        return command

    return with_options


lookups_option = click.option(
    "--lookups",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Your own lookups, merged over the shipped ones.  [default: lookups if it exists]",
)

break_lock_option = click.option(
    "--break-lock",
    is_flag=True,
    help="Break the lock of a publisher that died. Locks older than a day are broken automatically.",
)
fail_unchanged_option = click.option(
    "--fail-unchanged", is_flag=True, help="End with status 4 instead of 0 if nothing changed."
)


def errors_for_people(command: Callable[P, T]) -> Callable[P, T]:
    """Return a command that ends with one sentence, a hint and an exit status where the project raises an error."""

    @functools.wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return command(*args, **kwargs)
        except DontspyError as error:
            if error.exit is Exit.UNCHANGED:
                _print_unchanged(error, as_json=bool(kwargs.get("as_json")))
                finish(error.exit, fail_unchanged=bool(kwargs.get("fail_unchanged")))
            fail(error, as_json=bool(kwargs.get("as_json")))
        except KeyboardInterrupt:
            kept = KEPT.get(command.__name__, "Nothing was changed.")
            fail(DontspyError("stopped before the end", hint=kept), as_json=bool(kwargs.get("as_json")))
        except BrokenPipeError:  # whoever read the output has gone; click ends quietly
            raise
        except OSError as error:
            what = f"{error.filename}: {error.strerror}" if error.filename else str(error)
            hint = "Is the place there, can it be written to, and has it room?"
            fail(DontspyError(what, hint=hint), as_json=bool(kwargs.get("as_json")))

    return wrapped


def fail(error: DontspyError, *, as_json: bool) -> NoReturn:
    """Print an error and end with its exit status."""
    if as_json:
        print_json({"outcome": OUTCOMES.get(error.exit, "failed"), "error": str(error), "hint": error.hint})
    else:
        echo(f"Error: {error}", err=True)
        if error.hint:
            echo(f"  {error.hint}", err=True)
    sys.exit(error.exit)


def _print_unchanged(error: DontspyError, *, as_json: bool) -> None:
    if as_json:
        print_json({"outcome": OUTCOMES[Exit.UNCHANGED], "message": str(error), "hint": error.hint})
    else:
        echo(f"Unchanged: {error}")


def finish(status: Exit, *, fail_unchanged: bool) -> NoReturn:
    """End a command with an exit status; `UNCHANGED` counts as done unless `--fail-unchanged` was given."""
    sys.exit(Exit.DONE if status is Exit.UNCHANGED and not fail_unchanged else status)


def echo(text: str, *, err: bool = False) -> None:
    """Print a text for people; control characters in it are shown, and no terminal obeys them."""
    click.echo("\n".join(map(shown, text.split("\n"))), err=err)


def print_json(value: Mapping[str, Any]) -> None:
    """Print an outcome for programs, on standard output."""
    text = json.dumps(value, ensure_ascii=False, indent=2, default=str)
    click.echo(CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", text))


def print_notes(notes: Sequence[Kind], *, verbose: bool) -> None:
    """Print on standard error what could not be used: a line a kind, and each one where that is wanted."""
    for kind in notes:
        echo(f"Note: {kind}", err=True)
        for where in kind.where if verbose and len(kind.where) > 1 else ():
            echo(f"  {where}", err=True)


def print_problems(built: "Built", groups: "Sequence[ProblemGroup] | None" = None, *, verbose: bool) -> None:
    """Print on standard error what could not be read or is not known, worst first, and which budgets are spent.

    Args:
        built: what was built.
        groups: those problems that are spelt out; None for all.
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
def progress_bar(label: str) -> Iterator[Progress | None]:
    """Yield a function to report (done, total) to, drawn on standard error; None if that is no terminal."""
    if not sys.stderr.isatty():
        yield None
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
        task = bars.add_task(label, total=None)
        yield lambda done, total: bars.update(task, completed=done, total=total)


def lookups_folder(given: Path | None) -> Path | None:
    """Return the folder given, else the project's own if there is one."""
    from dontspy_data.model.codes import LOOKUPS

    own = Path(LOOKUPS)
    return given or (own if own.is_dir() else None)


def withdrawals_file(given: Path | None) -> Path | None:
    """Return the file given, else the project's own if there is one."""
    from dontspy_data.model.withdrawals import WITHDRAWALS

    own = Path(WITHDRAWALS)
    return given or (own if own.is_file() else None)
