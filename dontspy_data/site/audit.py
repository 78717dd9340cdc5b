"""How wrong the software was: the audit's figures, where there is one, and where they come from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dontspy_data.audit.measures import AGE_BANDS
from dontspy_data.package.open import Package
from dontspy_data.site.facts import web_address
from dontspy_data.site.material import Row

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


def provenance(place: str, audit: Package) -> AuditSource:
    """Where the figures of an audit come from.

    Args:
        place: the audit's folder in the site.
        audit: one that says which release it is of.
    """
    return AuditSource(
        report=f"{place}/{REPORT}" if (audit.folder / REPORT).is_file() else None,
        digest=audit.descriptor["release"]["descriptor"].removeprefix("sha256:"),
        models=tuple(
            Software(
                card["name"], card["title"], card["version"], card["licence"], web_address(card["homepage"])
            )
            for card in audit.descriptor.get("models", ())
        ),
    )


def findings(errors: Sequence[Row]) -> list[AuditFinding]:
    """The audit's figures on portraits as they are, against official facts; by model, then by measure.

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
        interval=f"{_words(row, row['low'])} to {_words(row, row['high'])}",
        n=row["n"],
        is_small=row["is_small"],
    )


def _words(row: Mapping[str, object], value: float) -> str:
    return f"{value * 100:.1f} %" if row["unit"] == "share" else f"{value:.1f} years"


def _place(figure: AuditFigure) -> tuple[int, int, str]:
    """Age bands from the youngest."""
    band = BANDS.index(figure.group) if figure.group in BANDS else len(BANDS)
    return (list(GROUPINGS.values()).index(figure.grouping), band, figure.group)
