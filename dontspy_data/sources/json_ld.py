"""The framed JSON-LD of the Open Data API, where a field holds one value or a list of them."""

import re
from collections.abc import Mapping
from typing import Any

from dontspy_data.capture.captures import Page
from dontspy_data.errors import PageError
from dontspy_data.sources.values import calendar_day, vague_day

XSD_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:T[\d:.]+)?(?:Z|[+-]\d{2}:\d{2})?")


def records(row: Mapping[str, Any], key: str, page: Page, source: str) -> list[dict[str, Any]]:
    """The objects in a field; empty where it is missing.

    Raises:
        PageError: the field holds something else.
    """
    values = entries(row.get(key))
    for value in values:
        if not isinstance(value, dict):
            raise PageError(source, page.url, f"objects in {key!r} (read: {str(value)[:80]!r})")
    return values


def texts(row: Mapping[str, Any], key: str, page: Page, source: str) -> list[str]:
    """The texts in a field, typed literals and references among them; empty where it is missing or blank.

    Raises:
        PageError: the field holds something else.
    """
    found = []
    for value in entries(row.get(key)):
        text = value.get("@value", value.get("id")) if isinstance(value, dict) else value
        if not isinstance(text, str):
            raise PageError(source, page.url, f"text in {key!r} (read: {str(value)[:80]!r})")
        found.append(text.strip())
    return [text for text in found if text]


def day(text: str) -> str | None:
    """`YYYY-MM-DD` from an xsd:date or xsd:dateTime as printed, a vague day as it stands; None where it is none."""
    match = XSD_DAY.fullmatch(text)
    return calendar_day(*match.groups()) if match else vague_day(text)


def last_part(reference: str) -> str:
    """The last part of a reference: `FEMALE` of `…/authority/human-sex/FEMALE`."""
    return reference.rpartition("/")[2]


def entries(value: Any) -> list[Any]:
    """Return the values in a field, which holds one, a list of them, or nothing."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
