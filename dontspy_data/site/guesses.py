"""What software says of a portrait, beside the official fact, and how wrong it is.

Guesses come from the audit's table `attributions` and are labelled as guesses wherever they are shown.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from dontspy_data.site.labels import completed_years
from dontspy_data.site.material import Row

Known = tuple[str | None, date | None]
"""Official gender and day of birth; None where not known."""
ORDER = ("face", "gender", "age", "expression")
CLOSE_YEARS = 1


@dataclass(frozen=True, slots=True)
class GuessView:
    """A model's answer for one attribute of one portrait.

    Attributes:
        portrait_id: what it looked at.
        model: its name.
        attribute: `face`, `age`, `gender` or `expression`.
        label: the answer, in the model's words; of an age `years`, of a face `found`.
        value: years, of an age; None otherwise.
        score: the model's own confidence, 0 to 1; None where it gives none.
        says: the answer for people.
        official: the official fact for people; None where there is none.
        verdict: how the two compare, for people.
        is_wrong: whether they differ; None where there is nothing to compare with.
    """

    portrait_id: str
    model: str
    attribute: str
    label: str
    value: float | None
    score: float | None
    says: str
    official: str | None
    verdict: str
    is_wrong: bool | None


def guesses_by_person(
    attributions: Sequence[Row], known: Mapping[int, Known]
) -> Mapping[int, tuple[GuessView, ...]]:
    """The models' answers by person, by model, then gender, age, expression.

    That a model finds a face is no guess about anybody; that it finds none is said.
    """
    found: dict[int, list[GuessView]] = {}
    for row in attributions:
        if row["is_answer"] != (row["attribute"] == "face"):
            about = known.get(row["mep_id"], (None, None))
            found.setdefault(row["mep_id"], []).append(_guess(row, about))
    return {
        mep_id: tuple(sorted(guesses, key=lambda g: (g.model, g.portrait_id, ORDER.index(g.attribute))))
        for mep_id, guesses in found.items()
    }


def _guess(row: Row, known: Known) -> GuessView:
    gender, born = known
    says, official, verdict, wrong = _age(row, born) if row["attribute"] == "age" else _label(row, gender)
    return GuessView(
        portrait_id=row["portrait_id"],
        model=row["model"],
        attribute=row["attribute"],
        label=row["label"],
        value=row["value"],
        score=row["score"],
        says=says,
        official=official,
        verdict=verdict,
        is_wrong=wrong,
    )


def _age(row: Row, born: date | None) -> tuple[str, str | None, str, bool | None]:
    guessed = round(row["value"])
    says = _years(guessed)
    if not born or not row["reference_date"]:
        return says, None, "the day of birth or of the picture is not known", None
    age = completed_years(born, row["reference_date"])
    when = "when the picture was taken" if row["reference_source"] == "picture" else "when the term began"
    official = f"{_years(age)} {when}"
    error = guessed - age  # of the numbers that are shown, so that the three add up
    if abs(error) <= CLOSE_YEARS:
        return says, official, "within a year", False
    return says, official, f"{_years(abs(error))} too {'old' if error > 0 else 'young'}", True


def _years(number: int) -> str:
    return "1 year" if number == 1 else f"{number} years"


def _label(row: Row, gender: str | None) -> tuple[str, str | None, str, bool | None]:
    if row["attribute"] == "face":
        return "no face here", None, "there is one", True
    score = f", {row['score'] * 100:.0f} % sure" if row["score"] is not None else ""
    says = f"{row['label']}{score}"
    if row["attribute"] == "expression":
        return says, None, "nobody can read a feeling off a picture", None
    if gender is None:
        return says, None, "no gender is published", None
    wrong = row["label"] != gender
    return says, gender, "wrong" if wrong else "agrees", wrong
