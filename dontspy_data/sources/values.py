"""From what sources print to what statements hold: days, addresses, parties and kinds of bodies."""

import re
from contextlib import suppress
from datetime import date
from urllib.parse import urlsplit

from dontspy_data.errors import UnknownCodeError
from dontspy_data.model import codes
from dontspy_data.model.statements import Property

PERSON = re.compile(r"[1-9][0-9]{0,8}")
EMAIL = re.compile(r"[^@\s<>/:;,]+@[^@\s<>/:;,]+\.[^@\s<>/:;,.]+")
LONGEST_CODE = 3
WEB_SCHEMES = ("http", "https")


def person_id(text: str) -> int | None:
    """Parse the Parliament's number for a person; None if the text is none."""
    return int(text) if PERSON.fullmatch(text) else None


def calendar_day(year: str, month: str, day: str) -> str | None:
    """`YYYY-MM-DD` from digits; None where there is no such day."""
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return None


def email(text: str) -> str | None:
    """Parse an e-mail address: plain, after `mailto:`, or scrambled as on the site; None if it is none.

    The site writes an address backwards, with `[at]` and `[dot]` in place of `@` and of one or more dots.
    """
    address = text.strip().removeprefix("mailto:")
    if "[at]" in address:
        address = address.replace("[at]", "@").replace("[dot]", ".")[::-1]
    return address if EMAIL.fullmatch(address) else None


def web_address(text: str) -> str | None:
    """Return an http or https address as given; None where it is none."""
    address = text.strip()
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    return address if parts.scheme in WEB_SCHEMES and parts.netloc and " " not in address else None


def party(text: str) -> tuple[str | None, str | None]:
    """Parse a national party's name and its country's code from `Name (Country)`.

    Returns:
        The name, None where the site prints a dash for no party; the code, None where no country is named.
    """
    name, bracket, suffix = text.removesuffix(")").rpartition("(")
    # Codes are left: parties have abbreviations of two or three letters in brackets.
    if bracket and text.endswith(")") and len(suffix) > LONGEST_CODE:
        with suppress(UnknownCodeError):  # then the brackets are part of the name
            return _party_name(name), codes.country(suffix)
    return _party_name(text), None


def party_name(text: str) -> str:
    """Return a national party's name; empty if the site prints a dash for no party."""
    return party(text)[0] or ""


def _party_name(text: str) -> str | None:
    name = text.strip()
    return None if name in ("", "-", "\u2013") else name


def body_property(name: str) -> Property:
    """Return what a membership of a body is a statement about, from the body's English name."""
    if name.startswith(("Delegation", "Members from the European Parliament to the Joint")):
        return Property.DELEGATION
    if "committee" in name.casefold() and not name.startswith("Conference of"):
        return Property.COMMITTEE
    return Property.OTHER_BODY
