"""The framed JSON-LD of the Open Data API, where a field holds one value or a list of them.

A text can be a string, a number, a typed literal (`@value`), a reference (`id`) or a map of languages; a reference can
be short (`def/ep-roles/MEMBER`) or an IRI. JSON-LD 1.1: https://www.w3.org/TR/json-ld11/.
"""

from collections.abc import Mapping
from typing import Any

from dontspy_data.model.problems import ProblemKind
from dontspy_data.model.statements import Property
from dontspy_data.sources.findings import Findings
from dontspy_data.sources.values import clean

BASE = "https://data.europarl.europa.eu/"
LANGUAGES = ("en", "mul", "und", "none", "@none")
"""Languages of a map, the first that it has being taken; any other only if it has none of these."""


def records(
    found: Findings, row: Mapping[str, Any], key: str, *, mep_id: int | None = None
) -> list[dict[str, Any]]:
    """Return the objects in a field; anything else in it is a problem."""
    return [
        value
        for value in entries(row.get(key))
        if isinstance(value, dict) or _report(found, value, f"objects in {key!r}", mep_id)
    ]


def texts(
    found: Findings,
    row: Mapping[str, Any],
    key: str,
    *,
    mep_id: int | None = None,
    prop: Property | None = None,
) -> list[str]:
    """Return the texts in a field that are not blank; what is none is a problem."""
    read = []
    for value in entries(row.get(key)):
        text = _text(value)
        if text is None:
            _report(found, value, f"text in {key!r}", mep_id, prop)
        elif text:
            read.append(text)
    return read


def short(reference: str) -> str:
    """Return a reference of the Parliament's without its base, such as `org/6900`."""
    return reference.removeprefix(BASE).removeprefix("http://data.europarl.europa.eu/")


def last_part(reference: str) -> str:
    """Return the last part of a reference, such as `FEMALE` of `…/human-sex/FEMALE` or of `human-sex:FEMALE`."""
    return reference.rpartition("/")[2].rpartition("#")[2].rpartition(":")[2]


def entries(value: Any) -> list[Any]:
    """Return what a field holds as a list; empty if it is missing."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _text(value: Any) -> str | None:
    if isinstance(value, dict):
        value = next((value[key] for key in ("@value", "id", "@id") if key in value), _in_a_language(value))
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return clean(str(value))


def _in_a_language(names: Mapping[str, Any]) -> Any:
    """Return what a map of languages says in English, or in whatever language it has."""
    name = next((names[language] for language in (*LANGUAGES, *names) if names.get(language)), None)
    return name[0] if isinstance(name, list) else name


def _report(
    found: Findings, value: Any, expected: str, mep_id: int | None, prop: Property | None = None
) -> bool:
    found.problem(ProblemKind.CELL, str(value)[:200], expected, mep_id=mep_id, prop=prop)
    return False
