"""How wrong the software was: the audit's figures, where a release has them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dontspy_data.site.material import Row

MEASURES = {
    "disagreement": "says another gender than the published one",
    "mean_absolute_error": "misses the age by, on average",
    "bias": "guesses the age too high (or, below zero, too low) by",
    "off_by_more_than_10_years": "misses the age by more than ten years",
    "not_found": "finds no face",
}
GROUPINGS = {"all": "Everybody", "gender": "By official gender", "age_band": "By age"}


@dataclass(frozen=True, slots=True)
class Figure:
    """An estimate with its 95 % interval, in words; `is_small` where it rests on few portraits."""

    grouping: str
    group: str
    value: str
    interval: str
    n: int
    is_small: bool


@dataclass(frozen=True, slots=True)
class Finding:
    """What one model does, and how often or by how much, for everybody and for groups."""

    model: str
    what: str
    figures: tuple[Figure, ...]


def findings(errors: Sequence[Row]) -> list[Finding]:
    """The audit's figures against official facts, on portraits as they are; by model, then by measure.

    Args:
        errors: rows of `attribution_errors`.
    """
    found: dict[tuple[str, str], list[Figure]] = {}
    for row in errors:
        plain = row["variant"] == "original" and row["compared_with"] in ("official", "nothing")
        if plain and row["measure"] in MEASURES and row["group_by"] in GROUPINGS:
            found.setdefault((row["model"], row["measure"]), []).append(_figure(row))
    order = list(MEASURES)
    return [
        Finding(model, MEASURES[measure], tuple(sorted(found[model, measure], key=_place)))
        for model, measure in sorted(found, key=lambda key: (key[0], order.index(key[1])))
    ]


def _figure(row: Row) -> Figure:
    return Figure(
        grouping=GROUPINGS[row["group_by"]],
        group=row["group"],
        value=_words(row, row["value"]),
        interval=f"{_words(row, row['low'])} to {_words(row, row['high'])}",
        n=row["n"],
        is_small=row["is_small"],
    )


def _words(row: Mapping[str, object], value: float) -> str:
    return f"{value:.1%}" if row["unit"] == "share" else f"{value:.1f} years"


def _place(figure: Figure) -> tuple[int, str]:
    return (list(GROUPINGS.values()).index(figure.grouping), figure.group)
