"""What software says of one portrait, in values and in words, beside the official facts and the same picture changed.

Guesses come from the audit's tables `attributions` and `attribution_variants`, and are labelled as guesses wherever
they are shown.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property

from dontspy_data.audit.conclusions import Sentence
from dontspy_data.audit.model import GENDERS
from dontspy_data.audit.observations import FAR_OFF
from dontspy_data.package.open import Package
from dontspy_data.site.facts import EN_DASH, completed_years
from dontspy_data.site.languages import Language, msg
from dontspy_data.site.material import Row

Known = tuple[str | None, date | None]
"""Official gender and day of birth; None where not known."""
ORDER = ("face", "age", "gender", "expression")
CLOSE_YEARS = 1
SUREST = 0.99999
"""Scores of an audit have five digits."""
LABELS = {
    "female": msg("female"),
    "male": msg("male"),
    "neutral": msg("neutral"),
    "happy": msg("happy"),
    "sad": msg("sad"),
    "angry": msg("angry"),
    "fearful": msg("fearful"),
    "disgusted": msg("disgusted"),
    "surprised": msg("surprised"),
    "under 40": msg("under 40"),
    "70 and over": msg("70 and over"),
}
ATTRIBUTES = {
    "face": msg("Face"),
    "age": msg("Age"),
    "gender": msg("Gender"),
    "expression": msg("Expression"),
}
VARIANTS = {
    "mirrored": msg("mirrored"),
    "jpeg_40": msg("saved with more compression"),
    "rotated_5": msg("turned by five degrees"),
    "greyscale": msg("without colour"),
    "darker": msg("darker"),
    "upscaled": msg("made twice as large"),
}


class Verdict(StrEnum):
    """How a guess and the official fact compare."""

    AGREES = "agrees"
    WITHIN = "within"
    """Off, but no further than the software is from itself when the picture is changed."""
    OFF = "off"
    FAR_OFF = "far_off"
    UNKNOWN = "unknown"
    """There is nothing to compare with."""


GRADES = ((CLOSE_YEARS, Verdict.AGREES), (FAR_OFF, Verdict.OFF), (1000, Verdict.FAR_OFF))
"""By how many years a guess is off, at most."""


@dataclass(frozen=True, slots=True)
class VariantView:
    """What a model says of the same portrait, changed: how it was changed, and the answer as in `GuessView`."""

    variant: str
    label: str
    value: float | None
    score: float | None


@dataclass(frozen=True)
class GuessView:
    """A model's answer for one attribute of one portrait.

    Attributes:
        portrait_id: what it looked at.
        model: its name.
        title: of the model.
        attribute: `face`, `age`, `gender` or `expression`.
        label: the answer, in the model's words; of an age `years`, of a face `found`.
        value: years, of an age; None otherwise.
        score: the model's own confidence, 0 to 1; None if it gives none.
        official: the published gender; None of anything else, and where it is not known.
        official_age: in completed years on the reference day; None if it is not known, and of anything else.
        reference_source: how that day is known, see `attributions`.
        variants: answers to the same picture, changed.
    """

    portrait_id: str
    model: str
    title: str
    attribute: str
    label: str
    value: float | None
    score: float | None
    official: str | None
    official_age: int | None
    reference_source: str | None
    variants: tuple[VariantView, ...] = ()

    @property
    def years(self) -> int:
        """The guessed age in whole years, as it is shown."""
        return round(self.value or 0)

    @property
    def error(self) -> int | None:
        """Guess minus official age, of the numbers that are shown, so that the three add up."""
        return (
            None if self.official_age is None or self.attribute != "age" else self.years - self.official_age
        )

    @cached_property
    def others(self) -> tuple[VariantView, ...]:
        """Changed pictures to which the answer is another one."""
        return tuple(one for one in self.variants if one.label != self.label)

    @cached_property
    def range(self) -> tuple[int, int]:
        """Lowest and highest age that the model gives this portrait, changed or not."""
        ages = [self.years, *(round(one.value) for one in self.variants if one.value is not None)]
        return min(ages), max(ages)

    @property
    def verdict(self) -> Verdict:
        """How the guess and the fact compare."""
        if self.attribute == "face":
            return Verdict.FAR_OFF
        if self.attribute == "gender" and self.official:
            agrees = Verdict.WITHIN if self.others else Verdict.AGREES
            return agrees if self.label == self.official else Verdict.FAR_OFF
        if self.error is None or self.official_age is None:
            return Verdict.UNKNOWN
        low, high = self.range
        if low <= self.official_age <= high and abs(self.error) > CLOSE_YEARS:
            return Verdict.WITHIN
        return next(verdict for most, verdict in GRADES if abs(self.error) <= most)

    @property
    def is_wrong(self) -> bool | None:
        """Whether guess and fact differ by more than the software differs from itself; None if nothing is known."""
        return None if self.verdict == Verdict.UNKNOWN else self.verdict in (Verdict.OFF, Verdict.FAR_OFF)


def guesses_by_person(
    attributions: Iterable[Row],
    variants: Iterable[Row],
    known: Mapping[int, Known],
    titles: Mapping[str, str],
) -> Mapping[int, tuple[GuessView, ...]]:
    """Return the models' answers by person, by attribute, then in the order of the models.

    Finding a face is not a guess about anybody; finding none is reported.

    Args:
        attributions: rows of that table.
        variants: rows of `attribution_variants`, of changed pictures and of answers alone.
        known: official facts, by person.
        titles: of the models, by name, in their order.
    """
    changed: dict[tuple[str, str, str], list[VariantView]] = {}
    for row in variants:
        view = VariantView(row["variant"], row["label"], row["value"], row["score"])
        changed.setdefault((row["portrait_id"], row["model"], row["attribute"]), []).append(view)
    found: dict[int, list[GuessView]] = {}
    for row in attributions:
        if row["is_answer"] != (row["attribute"] == "face"):
            views = changed.get((row["portrait_id"], row["model"], row["attribute"]), ())
            guess = _guess(row, known.get(row["mep_id"], (None, None)), titles[row["model"]], tuple(views))
            found.setdefault(row["mep_id"], []).append(guess)
    models = list(titles)
    return {
        mep_id: tuple(sorted(guesses, key=lambda g: (ORDER.index(g.attribute), models.index(g.model))))
        for mep_id, guesses in found.items()
    }


def _guess(row: Row, known: Known, title: str, variants: tuple[VariantView, ...]) -> GuessView:
    gender, born = known
    attribute, day = row["attribute"], row["reference_date"]
    return GuessView(
        portrait_id=row["portrait_id"],
        model=row["model"],
        title=title,
        attribute=attribute,
        label=row["label"],
        value=row["value"],
        score=row["score"],
        official=gender if attribute == "gender" else None,
        official_age=completed_years(born, day) if attribute == "age" and born and day else None,
        reference_source=row["reference_source"],
        variants=variants,
    )


def worst(guesses: Iterable[GuessView]) -> GuessView | None:
    """Return the guess that is furthest from the fact: a misread gender, else the age that is most years off."""
    compared = [
        guess for guess in guesses if guess.attribute in ("age", "gender") and guess.is_wrong is not None
    ]
    return max(
        compared,
        key=lambda guess: (guess.attribute == "gender" and guess.is_wrong, abs(guess.error or 0)),
        default=None,
    )


@dataclass(frozen=True, slots=True)
class ScaleMark:
    """A model's place on a scale: its guess, and between which ends its own answers lie, in per cent of the width."""

    guess: GuessView
    at: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Scale:
    """An axis with the official fact and the models' guesses on it; places are in per cent of its width.

    Attributes:
        attribute: `age` or `gender`.
        official: place of the fact; None if it is not known.
        ticks: labels and places.
        marks: a model each.
    """

    attribute: str
    official: float | None
    ticks: tuple[tuple[str, float], ...]
    marks: tuple[ScaleMark, ...]


INSET = 5
"""Per cent of the width that is left free at either end, for the words of what stands there."""
YOUNGEST, OLDEST, TEN = 20, 80, 10


def scales_of(guesses: Sequence[GuessView]) -> tuple[Scale, ...]:
    """Return the scales of one portrait: its age, and its gender."""
    ages, genders = ([one for one in guesses if one.attribute == name] for name in ("age", "gender"))
    return (*([_age_scale(ages)] if ages else ()), *([_gender_scale(genders)] if genders else ()))


def _age_scale(guesses: Sequence[GuessView]) -> Scale:
    official = next((guess.official_age for guess in guesses if guess.official_age is not None), None)
    every = [end for guess in guesses for end in guess.range] + ([official] if official is not None else [])
    low = min(YOUNGEST, min(every) // TEN * TEN)
    high = max(OLDEST, -(-max(every) // TEN) * TEN)

    def at(years: float) -> float:
        return round(INSET + (years - low) / (high - low) * (100 - 2 * INSET), 2)

    ticks = tuple((str(year), at(year)) for year in range(low, high + 1, TEN))
    marks = tuple(ScaleMark(guess, at(guess.years), *(at(end) for end in guess.range)) for guess in guesses)
    return Scale("age", None if official is None else at(official), ticks, marks)


def _gender_scale(guesses: Sequence[GuessView]) -> Scale:
    places = dict(zip(GENDERS, (INSET, 100 - INSET), strict=True))
    official = next((guess.official for guess in guesses if guess.official), None)
    marks = []
    for guess in guesses:
        changed = [_leaning(one.label, one.score) for one in guess.variants]
        at = [_leaning(guess.label, guess.score), *changed]
        marks.append(ScaleMark(guess, at[0], min(at), max(at)))
    return Scale("gender", places.get(official or ""), tuple(places.items()), tuple(marks))


def _leaning(label: str, score: float | None) -> float:
    """Return how far to the side of its answer a model leans: all the way where it does not say how sure it is."""
    sure = 1.0 if score is None else score
    return round(INSET + (1 - sure if label == GENDERS[0] else sure) * (100 - 2 * INSET), 2)


def titles_of(audit: Package | None) -> dict[str, str]:
    """Return the titles of an audit's models by name, in their order; empty without an audit."""
    cards = audit.descriptor.get("models", ()) if audit else ()
    return {card["name"]: card["title"] for card in cards}


@dataclass(frozen=True, slots=True)
class GuessWords:
    """A guess, the official fact (None if there is none) and how they compare, in words."""

    says: str
    official: str | None
    verdict: str


def guess_words(guess: GuessView, language: Language) -> GuessWords:
    """Return a guess in words."""
    if guess.attribute == "age":
        return GuessWords(
            years(guess.years, language), _official_age(guess, language), _age_verdict(guess, language)
        )
    if guess.attribute == "face":
        return GuessWords(language.say(msg("no face here")), None, language.say(msg("there is one")))
    says = label(guess.label, language)
    if guess.score is not None:
        says = language.say(
            msg("%(guess)s, %(share)s sure"), guess=says, share=sureness(guess.score, language)
        )
    if guess.attribute == "expression":
        return GuessWords(says, None, language.say(msg("nobody can read a feeling off a picture")))
    official = label(guess.official, language) if guess.official else None
    return GuessWords(says, official, _gender_verdict(guess, language))


def sureness(score: float, language: Language) -> str:
    """Return how sure a model is, in per cent; never 100: scores are rounded, and one of them may stand for less."""
    return language.percent(min(score, SUREST))


def label(name: str, language: Language) -> str:
    """Return what an answer is called; an answer that is not known here is called what the model calls it."""
    return language.say(LABELS[name]) if name in LABELS else name


def years(number: int, language: Language) -> str:
    """Return a number of years, such as `57 years`."""
    return language.plural("%(count)s year", "%(count)s years", number)


def _official_age(guess: GuessView, language: Language) -> str | None:
    if guess.official_age is None:
        return None
    age = years(guess.official_age, language)
    if guess.reference_source == "picture":
        return language.say(msg("%(years)s when the picture was taken"), years=age)
    return language.say(msg("%(years)s when the term began"), years=age)


def _age_verdict(guess: GuessView, language: Language) -> str:
    if guess.error is None:
        return language.say(msg("the day of birth or of the picture is not known"))
    if guess.verdict == Verdict.AGREES:
        return language.say(msg("within a year"))
    older, off = guess.error > 0, abs(guess.error)
    if older:
        away = language.plural("%(count)s year too old", "%(count)s years too old", off)
    else:
        away = language.plural("%(count)s year too young", "%(count)s years too young", off)
    if guess.verdict == Verdict.WITHIN:
        return language.say(msg("%(away)s: within the software's own variation"), away=away)
    return away


def _gender_verdict(guess: GuessView, language: Language) -> str:
    if guess.verdict == Verdict.UNKNOWN:
        return language.say(msg("no gender is published"))
    if guess.verdict == Verdict.FAR_OFF:
        return language.say(msg("wrong"))
    if guess.verdict == Verdict.AGREES:
        return language.say(msg("agrees"))
    other = guess.others[0]
    return language.say(
        msg("agrees, but says “%(other)s” when the picture is %(changed)s"),
        other=label(other.label, language),
        changed=language.say(VARIANTS[other.variant]) if other.variant in VARIANTS else other.variant,
    )


def told(sentence: Sentence, language: Language) -> str:
    """Return what an audit found in the reader's language."""
    between = " to " if language.prefix == "" else EN_DASH
    filled = {name: value.replace(" to ", between) for name, value in sentence.parameters.items()}
    return language.say(sentence.message).format(**filled)
