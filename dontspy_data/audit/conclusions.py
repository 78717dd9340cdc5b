"""What an audit found, in sentences that are computed from its tables: women first, in natural frequencies.

A sentence is a message with gaps and their values, so that it can be translated; `Message` lists all messages.
Reports and pages use only these sentences about the figures.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import partial

from dontspy_data.audit.attributions import ALL
from dontspy_data.audit.gaps import AGE_ADJUSTED, NOTHING_ADJUSTED, GapRow
from dontspy_data.audit.looks import ORIGINAL
from dontspy_data.audit.measures import ChoiceRow, ErrorRow
from dontspy_data.audit.model import GENDERS, Attribute
from dontspy_data.audit.observations import ANY_LABEL
from dontspy_data.audit.observations import FAR_OFF as FAR_OFF_YEARS

HAPPY, MIRRORED = "happy", "mirrored"
BASELINES = frozenset({"always-fifty"})
"""Models that do not look: yardsticks for the others, without findings of their own."""
RARE = 4
"""A rate of one in this many, or rarer, is written as `one in …`."""


class Message(StrEnum):
    """Every sentence about the figures, with gaps."""

    NEITHER = "No woman was called a man, and no man a woman"
    ONLY_WOMEN = "No man was called a woman; one woman in {women} was called a man"
    ONLY_WOMEN_OF = "No man was called a woman; of {of} women, {women} were called men"
    ONLY_MEN = "No woman was called a man; one man in {men} was called a woman"
    ONLY_MEN_OF = "No woman was called a man; of {of} men, {men} were called women"
    MISREAD = "Of {of} women, {women} were called men; of {of} men, {men} were called women"
    FAR_OFF = (
        "Of {of} women, {women} were taken for more than ten years older or younger than they are; "
        "of {of} men, {men}"
    )
    CALLED_HAPPY = "Of {of} women, {women} were called “happy”; of {of} men, {men}"
    MOVES = "Mirror the photograph, and the guessed age moves by {years} years on average"
    NO_BETTER = "About women's ages, {model} knows no more than somebody who always says “fifty”"
    NO_BETTER_SEVERAL = (
        "About women's ages, {count} of {of} programs know no more than somebody who always says “fifty”"
    )
    THEY_ARE = "They are {models}."
    ALL_BETTER = (
        "Somebody who always says “fifty” is {baseline} years off women's ages on average; "
        "the software is {years}"
    )
    MORE_WOMEN = (
        "{model}: {value} more women in 100 than men in 100 (95 % interval {low} to {high}); "
        "{adjusted} more at the same age."
    )
    FEWER_WOMEN = (
        "{model}: {value} fewer women in 100 than men in 100 (95 % interval {low} to {high}); "
        "{adjusted} fewer at the same age."
    )
    UNCLEAR = "{model}: whether women and men differ is not clear ({low} to {high} more women in 100 than men in 100)."
    CLEAR_FOR = (
        "With {count} of {of} programs the difference between women and men is more than chance explains."
    )
    BEST_AND_WORST = "The lower number is that of {low}, the higher that of {high}."
    FLIPS = "{model}: mirrored, {count} of {n} people are given another gender."
    OTHERWISE = "{model}: {low} to {high} in 100 women, depending on how the same software is used."
    OTHERWISE_YEARS = (
        "{model}: {low} to {high} years for women, depending on how the same software is used and on which day "
        "the age is counted."
    )
    STRIP = "{model}: half of all ages are within {median} years, and {far} of {of} people are more than ten years off"
    YARDSTICK = "{model}: {value} years off for women, and {baseline} if everybody is fifty."


@dataclass(frozen=True, slots=True)
class ConclusionFigure(ErrorRow):
    """One number behind a conclusion, for women, men or all.

    Attributes:
        title: of the model.
        choice_low: lowest estimate if the same software is used otherwise; None if nothing else was tried.
        choice_high: highest such estimate.
    """

    title: str
    choice_low: float | None
    choice_high: float | None


Figures = Sequence[ConclusionFigure]


@dataclass(frozen=True, slots=True)
class Evidence:
    """The tables that conclusions are drawn from, and the models' titles in their order."""

    errors: Sequence[ErrorRow]
    gaps: Sequence[GapRow]
    choices: Sequence[ChoiceRow]
    titles: Mapping[str, str]

    def figures(
        self, attribute: str, measure: str, *, label: str = ANY_LABEL, variant: str = ORIGINAL
    ) -> tuple[ConclusionFigure, ...]:
        """Return the figures of a measure for women, men and all, by model."""
        groups, models = (*GENDERS, ALL), list(self.titles)
        rows = [
            row
            for row in self.errors
            if (row.attribute, row.measure, row.label, row.variant) == (attribute, measure, label, variant)
            and row.group in groups
            and row.compared_with not in self.titles
            and row.model in models
        ]
        rows.sort(key=lambda row: (models.index(row.model), groups.index(row.group)))
        return tuple(self._figure(row) for row in rows)

    def _figure(self, row: ErrorRow) -> ConclusionFigure:
        key = (row.model, row.attribute, row.measure, row.label, row.group)
        estimates = [
            other.estimate
            for other in self.choices
            if (other.model, other.attribute, other.measure, other.label, other.group) == key
            and row.variant == ORIGINAL
        ]
        return ConclusionFigure(
            **asdict(row),
            title=self.titles[row.model],
            choice_low=min(estimates, default=None),
            choice_high=max(estimates, default=None),
        )

    def gap(self, model: str, attribute: str, measure: str, adjusted_for: str) -> GapRow | None:
        """Return the difference between women and men."""
        wanted = (model, attribute, measure, ALL, "gender", adjusted_for)
        found = (
            row
            for row in self.gaps
            if (row.model, row.attribute, row.measure, row.among, row.group_by, row.adjusted_for) == wanted
        )
        return next(found, None)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A message and the values for its gaps."""

    message: Message
    parameters: Mapping[str, str]

    def __str__(self) -> str:
        """Return the sentence in English."""
        return self.message.format(**self.parameters)


@dataclass(frozen=True, slots=True)
class Conclusion:
    """One finding.

    Attributes:
        kind: `gender`, `age`, `stability`, `yardstick` or `expression`; each at most once.
        title: the finding.
        summary: what qualifies it, in short: for several models together.
        notes: what qualifies it, one sentence per model.
        figures: by model, women before men before all.
    """

    kind: str
    title: Sentence
    summary: tuple[Sentence, ...]
    notes: tuple[Sentence, ...]
    figures: tuple[ConclusionFigure, ...]


Tell = Callable[[Figures, Figures], tuple[Sentence, Figures]]
"""Turns the figures of women and of men into a title, and the figures in it, one per model."""


def conclude(
    errors: Sequence[ErrorRow],
    gaps: Sequence[GapRow],
    choices: Sequence[ChoiceRow],
    titles: Mapping[str, str],
) -> tuple[Conclusion, ...]:
    """Return the findings, the most important first; a kind that the models do not answer is left out.

    Args:
        errors: rows of `attribution_errors`.
        gaps: rows of `attribution_gaps`.
        choices: rows of `attribution_choices`.
        titles: of the models, by name, in the order of the report.
    """
    tables = Evidence(errors, gaps, choices, that_look(titles))
    far_off, happy = (partial(_of_hundred, message) for message in (Message.FAR_OFF, Message.CALLED_HAPPY))
    found = (
        _shares(tables, "gender", _misread, Attribute.GENDER, "disagreement"),
        _shares(tables, "age", far_off, Attribute.AGE, "off_by_more_than_10_years"),
        _stability(tables),
        _yardstick(tables),
        _shares(tables, "expression", happy, Attribute.EXPRESSION, "share", HAPPY),
    )
    return tuple(conclusion for conclusion in found if conclusion)


def that_look(titles: Mapping[str, str]) -> Mapping[str, str]:
    """Return the models that look at the picture; all if none does."""
    return {name: title for name, title in titles.items() if name not in BASELINES} or titles


def _of(figures: Iterable[ConclusionFigure], group: str) -> Figures:
    return [figure for figure in figures if figure.group == group]


def _shares(
    tables: Evidence, kind: str, tell: Tell, attribute: Attribute, measure: str, label: str = ANY_LABEL
) -> Conclusion | None:
    """Return a conclusion about the share of women and of men."""
    figures = tables.figures(attribute, measure, label=label)
    women, men = (_of(figures, group) for group in GENDERS)
    if not women or not men:
        return None
    title, told = tell(women, men)
    notes = (*_share_gaps(tables, attribute, measure, women), *_otherwise(women))
    return _conclusion(kind, title, figures, told, notes)


def _misread(women: Figures, men: Figures) -> tuple[Sentence, Figures]:
    """Return the sentence on whose gender is misread, and its figures."""
    of_women, of_men = (any(figure.count for figure in group) for group in (women, men))
    if of_women and of_men:
        return _of_hundred(Message.MISREAD, women, men)
    if of_women:
        return _one_in(women, "women", Message.ONLY_WOMEN, Message.ONLY_WOMEN_OF), women
    if of_men:
        return _one_in(men, "men", Message.ONLY_MEN, Message.ONLY_MEN_OF), men
    return Sentence(Message.NEITHER, {}), men


def _conclusion(
    kind: str,
    title: Sentence,
    figures: tuple[ConclusionFigure, ...],
    told: Figures,
    by_model: tuple[Sentence, ...],
    digits: int = 2,
) -> Conclusion:
    """Return a conclusion, with a summary for a single model, or for several together.

    Args:
        kind: of the conclusion.
        title: what was found.
        figures: all figures behind it.
        told: those in the title, one per model.
        by_model: sentences about each model.
        digits: number of digits in the title.
    """
    if len(told) == 1:
        return Conclusion(kind, title, by_model, by_model, figures)
    ends = tuple(_best_and_worst(told, digits))
    clear = sum(note.message in (Message.MORE_WOMEN, Message.FEWER_WOMEN) for note in by_model)
    compared = clear + sum(note.message == Message.UNCLEAR for note in by_model)
    counted = Sentence(Message.CLEAR_FOR, {"count": str(clear), "of": str(compared)})
    return Conclusion(kind, title, (*ends, *([counted] if compared else ())), (*ends, *by_model), figures)


def _one_in(figures: Figures, name: str, one_in: Message, of: Message) -> Sentence:
    """Return `one in …` if the rates of all models are rare, else how many in a hundred."""
    number, *others = sorted({round(1 / figure.value) if figure.value else 0 for figure in figures})
    if not others and number >= RARE:
        return Sentence(one_in, {name: str(number)})
    out_of = _out_of(figures)
    return Sentence(of, {"of": f"{out_of:,}", name: _between(figures, out_of)})


def _out_of(figures: Figures) -> int:
    """Return the base of shares: a hundred, or a thousand if a share would be rounded to none."""
    return 1000 if any(0 < figure.value < 0.005 for figure in figures) else 100


def _of_hundred(message: Message, women: Figures, men: Figures) -> tuple[Sentence, Figures]:
    """Return the sentence with shares in a hundred, and the figures of women, which come first."""
    out_of = _out_of([*women, *men])
    counts = {"women": _between(women, out_of), "men": _between(men, out_of)}
    return Sentence(message, {"of": f"{out_of:,}", **counts}), women


def _between(figures: Figures, scale: int = 1, digits: int = 0) -> str:
    """Return the lowest and highest values of several models, times a scale; one number if they agree."""
    numbers = [figure.value * scale for figure in figures]
    return _range(min(numbers), max(numbers), digits)


def _range(low: float, high: float, digits: int) -> str:
    ends = dict.fromkeys(f"{end:.{digits}f}" for end in (low, high))
    return " to ".join(ends)


def _best_and_worst(figures: Figures, digits: int) -> Iterator[Sentence]:
    """Yield the sentence on which models are at the ends of a range, if there is a range."""
    low, high = (end(figures, key=lambda figure: figure.value) for end in (min, max))
    if round(low.value, digits) != round(high.value, digits):
        yield Sentence(Message.BEST_AND_WORST, {"low": low.title, "high": high.title})


def _otherwise(figures: Figures) -> Iterator[Sentence]:
    """Yield how far figures move if the same software is used otherwise, one sentence per model."""
    for figure in figures:
        if figure.choice_low is None or figure.choice_high is None:
            continue
        message, scale = (Message.OTHERWISE, 100) if figure.unit == "share" else (Message.OTHERWISE_YEARS, 1)
        low, high = (f"{end * scale:.1f}" for end in (figure.choice_low, figure.choice_high))
        if low != high:
            yield Sentence(message, {"model": figure.title, "low": low, "high": high})


def strip_title(title: str, errors: Sequence[float]) -> Sentence:
    """Return the sentence on a strip of ages.

    Args:
        title: of the model.
        errors: guess minus official age of each portrait, in years; at least one.
    """
    sizes = sorted(abs(error) for error in errors)
    far = sum(size > FAR_OFF_YEARS for size in sizes)
    middle = sizes[(len(sizes) - 1) // 2]
    return Sentence(
        Message.STRIP,
        {"model": title, "median": f"{middle:.1f}", "far": f"{far:,}", "of": f"{len(sizes):,}"},
    )


def _share_gaps(tables: Evidence, attribute: Attribute, measure: str, women: Figures) -> Iterator[Sentence]:
    """Yield how women and men differ, one sentence per model."""
    for figure in women:
        gap = tables.gap(figure.model, attribute, measure, NOTHING_ADJUSTED)
        same_age = tables.gap(figure.model, attribute, measure, AGE_ADJUSTED)
        if not gap or not same_age:
            continue
        if gap.low <= 0 <= gap.high:
            message, sign, told = Message.UNCLEAR, 1, {}
        else:
            sign = 1 if gap.value > 0 else -1
            message = Message.MORE_WOMEN if sign > 0 else Message.FEWER_WOMEN
            told = {"value": _in_hundred(gap.value * sign), "adjusted": _in_hundred(same_age.value * sign)}
        low, high = sorted((gap.low * sign, gap.high * sign))
        ends = {"low": _in_hundred(low), "high": _in_hundred(high)}
        yield Sentence(message, {"model": figure.title, **ends, **told})


def _in_hundred(share: float) -> str:
    return f"{share * 100:.1f}"


def _stability(tables: Evidence) -> Conclusion | None:
    figures = tables.figures(Attribute.AGE, "mean_absolute_change", variant=MIRRORED)
    everybody = _of(figures, ALL)
    if not everybody:
        return None
    flips = _of(tables.figures(Attribute.GENDER, "changed_answer", variant=MIRRORED), ALL)
    notes = tuple(
        Sentence(Message.FLIPS, {"model": figure.title, "count": f"{figure.count:,}", "n": f"{figure.n:,}"})
        for figure in flips
        if figure.count
    )
    title = Sentence(Message.MOVES, {"years": _between(everybody, digits=1)})
    return _conclusion("stability", title, figures, everybody, notes, 1)


def _yardstick(tables: Evidence) -> Conclusion | None:
    figures = tables.figures(Attribute.AGE, "mean_absolute_error")
    held = [(one, one.baseline) for one in _of(figures, GENDERS[0]) if one.baseline is not None]
    if not held:
        return None
    women, baselines = [figure for figure, _ in held], [baseline for _, baseline in held]
    no_better = [figure.title for figure, baseline in held if figure.value >= baseline]
    summary: tuple[Sentence, ...] = ()
    if len(no_better) == 1:
        title = Sentence(Message.NO_BETTER, {"model": no_better[0]})
    elif no_better:
        summary = (Sentence(Message.THEY_ARE, {"models": ", ".join(no_better)}),)
        title = Sentence(Message.NO_BETTER_SEVERAL, {"count": str(len(no_better)), "of": str(len(held))})
    else:
        baseline = _range(min(baselines), max(baselines), 1)
        title = Sentence(Message.ALL_BETTER, {"baseline": baseline, "years": _between(women, digits=1)})
        summary = tuple(_best_and_worst(women, 1))
    notes = (
        *(
            Sentence(
                Message.YARDSTICK,
                {"model": figure.title, "value": f"{figure.value:.1f}", "baseline": f"{baseline:.1f}"},
            )
            for figure, baseline in held
        ),
        *_otherwise(women),
    )
    return Conclusion("yardstick", title, notes if len(held) == 1 else summary, notes, figures)
