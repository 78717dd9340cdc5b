"""The report: what a policymaker reads in two minutes, as Markdown and as one HTML page with its charts inside."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from dontspy_data.audit.answers import ALL
from dontspy_data.audit.attributions import FACE
from dontspy_data.audit.figures import GENDER_WORDS, Figure, interval_text, value_text
from dontspy_data.audit.measures import ErrorRow
from dontspy_data.audit.model import Attribute, Card
from dontspy_data.audit.observations import ANY_LABEL, NOTHING, OFFICIAL
from dontspy_data.audit.statistics import SMALL

if TYPE_CHECKING:
    from jinja2 import Environment

SENTENCES = (
    (
        Attribute.GENDER,
        "disagreement",
        ANY_LABEL,
        "gives {} of the people another gender than the Parliament does",
    ),
    (Attribute.AGE, "mean_absolute_error", ANY_LABEL, "is {} off the official age in the mean"),
    (Attribute.EXPRESSION, "share", "happy", "calls {} of the people “happy”"),
    (
        Attribute.AGE,
        "mean_absolute_change",
        ANY_LABEL,
        "says an age that lies {} away in the mean when the same picture is mirrored",
    ),
    (FACE, "not_found", ANY_LABEL, "finds no face in {} of the portraits"),
)
"""What is said first: attribute, measure, label, and the words around the number."""
MIRRORED = ("mean_absolute_change", "mirrored")
"""The one change of the picture that is told among the first things."""


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
    """Yield a sentence a model and attribute, and one where a model finds no face."""
    cells = {
        (row.model, row.attribute, row.measure, row.label, row.group): row
        for row in rows
        if row.group_by in (ALL, "gender")
        and (row.compared_with in (OFFICIAL, NOTHING) or (row.measure, row.variant) == MIRRORED)
    }
    for card in cards.values():
        for attribute, measure, label, sentence in SENTENCES:
            parts = {
                group: cells[key]
                for group in GENDER_WORDS
                if (key := (card.name, attribute, measure, label, group)) in cells
            }
            if ALL in parts and (attribute != FACE or parts[ALL].value):
                yield f"{card.title} {sentence.format(value_text(parts[ALL]))} {_details(parts)}."


def _details(parts: Mapping[str, ErrorRow]) -> str:
    by_gender = (f"{GENDER_WORDS[group]} {value_text(row)}" for group, row in parts.items() if group != ALL)
    return f"({'; '.join([*by_gender, f'95 % interval of all {interval_text(parts[ALL])}'])})"


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

    environment = Environment(
        loader=PackageLoader("dontspy_data.audit"),
        undefined=StrictUndefined,
        autoescape=select_autoescape(["html.j2"]),
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["count"] = lambda number: f"{number:,}"
    return environment
