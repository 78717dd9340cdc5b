"""From texts as sources print them to values in statements: literals, days, addresses, parties and kinds of bodies.

A typed literal is `1964-12-25^^http://www.w3.org/2001/XMLSchema#date`, one with a language `"Paris"@fr`: RDF 1.1
Turtle, https://www.w3.org/TR/turtle/#literals. Days are xsd:date, xsd:dateTime, xsd:gYear and xsd:gYearMonth of XML
Schema, or as a spreadsheet writes them.
"""

import re
import unicodedata
from collections.abc import Iterable
from contextlib import suppress
from datetime import date
from enum import Enum
from urllib.parse import urlsplit

from dontspy_data.errors import UnknownCodeError
from dontspy_data.model import codes
from dontspy_data.model.statements import Property

PERSON = re.compile(r"[1-9][0-9]{0,8}")
EMAIL = re.compile(r"[^@\s<>/:;,]+@[^@\s<>/:;,]+\.[^@\s<>/:;,.]+")
LONGEST_CODE = 3
WEB_SCHEMES = ("http", "https")


def person_id(text: str) -> int | None:
    """Parse the Parliament's number for a person; None if the text is not one."""
    return int(text) if PERSON.fullmatch(text) else None


def calendar_day(year: str, month: str, day: str) -> str | None:
    """Return `YYYY-MM-DD` from digits; None if there is no such day."""
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return None


def email(text: str) -> str | None:
    """Parse an e-mail address: plain, after `mailto:`, or scrambled as on the site; None if it is not one.

    The site writes an address backwards, with `[at]` and `[dot]` in place of `@` and of one or more dots.
    """
    address = text.strip().removeprefix("mailto:")
    if "[at]" in address:
        address = address.replace("[at]", "@").replace("[dot]", ".")[::-1]
    return address if EMAIL.fullmatch(address) else None


def http_address(text: str) -> str | None:
    """Return an http or https address as given; None if it is not one."""
    address = text.strip()
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    return address if parts.scheme in WEB_SCHEMES and parts.netloc and " " not in address else None


def party(text: str) -> tuple[str | None, str | None]:
    """Parse a national party's name and its country's code from `Name (Country)`.

    Returns:
        The name, None if the site prints a dash for no party; the code, None if no country is named.
    """
    name, bracket, suffix = text.removesuffix(")").rpartition("(")
    # Codes are not taken from brackets: parties have abbreviations of two or three letters there.
    if bracket and text.endswith(")") and len(suffix) > LONGEST_CODE:
        with suppress(UnknownCodeError):  # so the brackets are part of the name
            return _party_name(name), codes.country(suffix)
    return _party_name(text), None


def party_name(text: str) -> str:
    """Return a national party's name; empty if the site prints a dash for no party."""
    return party(text)[0] or ""


def _party_name(text: str) -> str | None:
    name = text.strip()
    return None if name in ("", "-", "\u2013") else name


def body_property(name: str) -> Property:
    """Return the property for a membership of a body, from the body's English name."""
    if name.startswith(("Delegation", "Members from the European Parliament to the Joint")):
        return Property.DELEGATION
    if "committee" in name.casefold() and not name.startswith("Conference of"):
        return Property.COMMITTEE
    return Property.OTHER_BODY


TYPED = re.compile(r"(?<!\s)\s*\^\^\s*<?[^\s<>^]+>?\s*$")
QUOTED = re.compile(r'"(?P<text>.*)"(?:@[A-Za-z]{2,3}(?:-[A-Za-z0-9]+)*)?', re.DOTALL)
IN_A_LANGUAGE = re.compile(r"(?P<text>.*[^\s@])\s?@[a-z]{2,3}(?:-[A-Za-z0-9]+)*", re.DOTALL)
UNSEEN = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff"))  # characters of no width
NOTHING = frozenset({"-", "\u2013", "\u2014", "null", "nan", "n/a"})

CLOCK = r"(?:(?:T|\s+|,\s*)(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::\d{2}(?:\.\d+)?)?(?:\s*(?P<half>[AaPp])\.?[Mm]\.?)?)?"
ZONE = r"(?:Z|[+-]\d{2}:\d{2})?"
YEAR_FIRST = re.compile(
    rf"(?P<year>\d{{4}})(?P<by>[-/.])(?P<month>\d{{1,2}})(?P=by)(?P<day>\d{{1,2}}){CLOCK}{ZONE}"
)
COMPACT = re.compile(r"(?P<year>(?:1[89]|20)\d{2})(?P<month>\d{2})(?P<day>\d{2})(?P<hour>)")
YEAR_LAST = re.compile(rf"(?P<a>\d{{1,2}})(?P<by>[-/.])(?P<b>\d{{1,2}})(?P=by)(?P<year>\d{{4}}){CLOCK}{ZONE}")
IN_WORDS = re.compile(
    rf"(?:(?P<day>\d{{1,2}})\.?\s+(?P<name>[A-Za-z]+)|(?P<name2>[A-Za-z]+)\s+(?P<day2>\d{{1,2}})),?\s+(?P<year>\d{{4}}){CLOCK}"
)
VAGUE = re.compile(rf"(?P<day>\d{{4}}(?:-(?:0[1-9]|1[0-2]))?){ZONE}")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


class Order(Enum):
    """Which of two numbers before a year is the day."""

    DAY_FIRST = "day first"
    MONTH_FIRST = "month first"
    EITHER = "either"


def clean(text: str) -> str:
    """Return a text in composed letters (NFC), with single blanks and without invisible characters."""
    return " ".join(unicodedata.normalize("NFC", text).translate(UNSEEN).split())


def plain(text: str) -> str:
    """Return a literal's text, without its type, language and quotes; an address keeps its `@`."""
    text = TYPED.sub("", clean(text))
    if match := QUOTED.fullmatch(text):
        return match["text"].replace('\\"', '"').strip()
    return text


def without_language(text: str) -> str:
    """Return a text without an unquoted language at its end, as in `Paris@fr`."""
    match = IN_A_LANGUAGE.fullmatch(text)
    return match["text"] if match else text


def order_of(texts: Iterable[str]) -> Order:
    """Return how to read a column of days, from those of its cells that can be read in only one way.

    Sources print days as `25/12/1964`; a spreadsheet set to American English makes `12/25/1964` of it.
    """
    day_first = month_first = False
    for text in texts:
        if match := YEAR_LAST.fullmatch(text):
            day_first |= int(match["a"]) > 12
            month_first |= int(match["b"]) > 12
    if day_first and month_first:
        return Order.EITHER
    return Order.MONTH_FIRST if month_first else Order.DAY_FIRST


def day(text: str, order: Order = Order.DAY_FIRST) -> str | None:
    """Return a day as `YYYY-MM-DD`, or a year or month as `YYYY` or `YYYY-MM`, in whatever form it is printed.

    Midnight became `01:00`, `02:00` or `01:36` by time zone, or `12:00` on a clock of twelve hours; an hour past noon
    could be the midnight of the next day.

    Args:
        text: as printed, without a literal's type.
        order: of day and month, from `order_of`.

    Returns:
        The day; empty if the text stands for a missing one, None if it is not a day or may be off by one.
    """
    if text.casefold() in NOTHING:
        return ""
    if match := VAGUE.fullmatch(text):
        return match["day"]
    forms = (YEAR_FIRST, YEAR_LAST, IN_WORDS, COMPACT)
    match = next(filter(None, (form.fullmatch(text) for form in forms)), None)
    if match is None or _past_noon(match):
        return None
    parts = match.groupdict()
    if "a" in parts:
        parts["day"], parts["month"] = _in_order(parts["a"], parts["b"], order)
    elif "name" in parts:
        name = (parts["name"] or parts["name2"] or "")[:3].casefold()
        if name not in MONTHS:
            return None
        parts["day"], parts["month"] = parts["day"] or parts["day2"], str(MONTHS.index(name) + 1)
    return calendar_day(parts["year"], parts["month"], parts["day"])


def whole_day(text: str) -> str | None:
    """Return a day as `YYYY-MM-DD`; None if the text is not a day, or only its year or month."""
    found = day(text)
    return found if found and len(found) == len("2024-07-16") else None


def _in_order(a: str, b: str, order: Order) -> tuple[str, str]:
    """Return day and month; month 0 if they cannot be told apart."""
    if order is Order.EITHER:
        if int(a) <= 12 and int(b) <= 12 and a != b:
            return a, "0"
        return (a, b) if int(a) > 12 else (b, a)
    return (a, b) if order is Order.DAY_FIRST else (b, a)


def _past_noon(match: re.Match[str]) -> bool:
    if not match["hour"]:
        return False
    hour, minute = int(match["hour"]), int(match["minute"])
    if match["half"]:
        hour = hour % 12 + (12 if match["half"] in "Pp" else 0)
    return (hour, minute) > (12, 0)
