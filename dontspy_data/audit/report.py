"""The report: what a policymaker reads in two minutes, as Markdown and as one HTML page with its charts inside."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from dontspy_data.audit.attributions import FACE
from dontspy_data.audit.errors import ALL, ANY_LABEL, NOTHING, OFFICIAL, ErrorRow
from dontspy_data.audit.figures import GENDER_WORDS, Figure, interval_text, value_text
from dontspy_data.audit.model import Attribute, Card
from dontspy_data.audit.pictures import ORIGINAL
from dontspy_data.audit.statistics import SMALL

if TYPE_CHECKING:
    from jinja2 import Environment


def render(
    rows: Sequence[ErrorRow], cards: Mapping[str, Card], drawn: Sequence[Figure], facts: Mapping[str, Any]
) -> dict[str, str]:
    """`audit.md` and `audit.html`, by name.

    Args:
        rows: of `attribution_errors`.
        cards: of the models, by name.
        drawn: from `figures`.
        facts: about the release and the run, see the templates.
    """
    context = {
        **facts,
        "cards": tuple(cards.values()),
        "headlines": tuple(headlines(rows, cards)),
        "agreements": tuple(_agreements(rows, cards)),
        "charts": [figure for figure in drawn if figure.svg],
        "tables": [figure for figure in drawn if not figure.svg],
        "small": SMALL,
    }
    return {
        name: _templates().get_template(f"{name}.j2").render(context) for name in ("audit.md", "audit.html")
    }


def headlines(rows: Iterable[ErrorRow], cards: Mapping[str, Card]) -> Iterator[str]:
    """A sentence a model and attribute."""
    cells = {
        (row.model, row.attribute, row.measure, row.label, row.group): row
        for row in rows
        if row.variant == ORIGINAL
        and row.group_by in (ALL, "gender")
        and row.compared_with in (OFFICIAL, NOTHING)
    }

    def said(model: str, attribute: str, measure: str, label: str = ANY_LABEL) -> str:
        parts = {
            group: cells[key]
            for group in GENDER_WORDS
            if (key := (model, attribute, measure, label, group)) in cells
        }
        total = parts.pop(ALL)
        by_gender = ", ".join(f"{value_text(row)} for {GENDER_WORDS[group]}" for group, row in parts.items())
        return f"{value_text(total)} (95 % interval {interval_text(total)}){f': {by_gender}' if by_gender else ''}"

    for card in cards.values():
        if (card.name, Attribute.GENDER, "disagreement", ANY_LABEL, ALL) in cells:
            share = said(card.name, Attribute.GENDER, "disagreement")
            yield f"{card.title} gives another gender than the official one in {share}."
        if (card.name, Attribute.AGE, "mean_absolute_error", ANY_LABEL, ALL) in cells:
            error = said(card.name, Attribute.AGE, "mean_absolute_error")
            yield f"{card.title} misses the official age by {error}."
        if (card.name, Attribute.EXPRESSION, "share", "happy", ALL) in cells:
            happy = said(card.name, Attribute.EXPRESSION, "share", "happy")
            yield f"{card.title} calls “happy” {happy}."
        missed = cells[card.name, FACE, "not_found", ANY_LABEL, ALL]
        if missed.value:
            yield f"{card.title} finds no face in {value_text(missed)} of the portraits."


def _agreements(rows: Iterable[ErrorRow], cards: Mapping[str, Card]) -> Iterator[str]:
    for row in rows:
        if row.compared_with in cards and row.group_by == ALL:
            one, other = cards[row.model].title, cards[row.compared_with].title
            what = (
                f"ages that lie {value_text(row)} apart in the mean"
                if row.attribute == Attribute.AGE
                else f"different answers about the {row.attribute} in {value_text(row)} of the portraits"
            )
            yield f"{one} and {other} give {what} (95 % interval {interval_text(row)}, n = {row.n})."


@cache
def _templates() -> "Environment":
    from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

    return Environment(
        loader=PackageLoader("dontspy_data.audit"),
        undefined=StrictUndefined,
        autoescape=select_autoescape(["html.j2"]),
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
