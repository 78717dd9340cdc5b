"""What software says: its guesses at one portrait beside the official facts, and the audit's figures for all.

Guesses come from the audit's table `attributions` and are labelled as guesses wherever they are shown.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from dontspy_data.audit.answers import AGE_BANDS
from dontspy_data.model.texts import web_address
from dontspy_data.package.open import Package
from dontspy_data.site.labels import completed_years
from dontspy_data.site.material import AUDIT, Row

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
    """Return the models' answers by person, by model, then gender, age, expression.

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


MEASURES = {
    "disagreement": "says another gender than the published one",
    "mean_absolute_error": "misses the age by, on average",
    "bias": "guesses the age too high (or, below zero, too low) by",
    "off_by_more_than_10_years": "misses the age by more than ten years",
    "share": "calls people “happy”",
    "not_found": "finds no face",
}
FEELING = "happy"
"""The one expression whose share is shown; the others are in the audit's table."""
GROUPINGS = {"all": "Everybody", "gender": "By official gender", "age_band": "By age"}
BANDS = tuple(band for _, band in AGE_BANDS)
REPORT = "audit.html"


@dataclass(frozen=True, slots=True)
class AuditFigure:
    """An estimate with its 95 % interval, in words; `is_small` where it rests on few portraits."""

    grouping: str
    group: str
    value: str
    interval: str
    n: int
    is_small: bool


@dataclass(frozen=True, slots=True)
class AuditFinding:
    """What one model does, and how often or by how much, for everybody and for groups."""

    model: str
    what: str
    figures: tuple[AuditFigure, ...]


@dataclass(frozen=True, slots=True)
class Software:
    """A model, as its card in the audit says; `homepage` is None where that is no web address."""

    name: str
    title: str
    version: str
    licence: str
    homepage: str | None


@dataclass(frozen=True, slots=True)
class AuditSource:
    """Where an audit's figures come from.

    Attributes:
        report: address of the audit's own report, from the site's root; None where it has none.
        digest: SHA-256 of the descriptor of the release that was audited.
        models: what looked at the portraits.
    """

    report: str | None
    digest: str
    models: tuple[Software, ...]


def audit_source(audit: Package) -> AuditSource:
    """Return where the figures of an audit come from.

    Args:
        audit: one that says which release it is of.
    """
    return AuditSource(
        report=f"{AUDIT}/{REPORT}" if (audit.folder / REPORT).is_file() else None,
        digest=audit.descriptor["release"]["descriptor"].removeprefix("sha256:"),
        models=tuple(
            Software(
                card["name"], card["title"], card["version"], card["licence"], web_address(card["homepage"])
            )
            for card in audit.descriptor.get("models", ())
        ),
    )


def findings(errors: Sequence[Row]) -> list[AuditFinding]:
    """Return the audit's figures on portraits as they are, against official facts; by model, then by measure.

    Args:
        errors: rows of `attribution_errors`.
    """
    found: dict[tuple[str, str], list[AuditFigure]] = {}
    for row in errors:
        if _is_told(row):
            found.setdefault((row["model"], row["measure"]), []).append(_figure(row))
    order = list(MEASURES)
    return [
        AuditFinding(model, MEASURES[measure], tuple(sorted(found[model, measure], key=_place)))
        for model, measure in sorted(found, key=lambda key: (key[0], order.index(key[1])))
    ]


def _is_told(row: Row) -> bool:
    plain = row["variant"] == "original" and row["compared_with"] in ("official", "nothing")
    known = row["measure"] in MEASURES and row["group_by"] in GROUPINGS
    return plain and known and (row["measure"] != "share" or row["label"] == FEELING)


def _figure(row: Row) -> AuditFigure:
    return AuditFigure(
        grouping=GROUPINGS[row["group_by"]],
        group=row["group"],
        value=_words(row, row["value"]),
        interval="none" if row["low"] is None else f"{_words(row, row['low'])} to {_words(row, row['high'])}",
        n=row["n"],
        is_small=row["is_small"],
    )


def _words(row: Mapping[str, object], value: float) -> str:
    return f"{value * 100:.1f} %" if row["unit"] == "share" else f"{value:.1f} years"


def _place(figure: AuditFigure) -> tuple[int, int, str]:
    """Age bands from the youngest."""
    band = BANDS.index(figure.group) if figure.group in BANDS else len(BANDS)
    return (list(GROUPINGS.values()).index(figure.grouping), band, figure.group)
