"""Words for people: what codes of the tables are called on the pages."""

import unicodedata
from datetime import date

from dontspy_data import sources

SOURCES = {source.name: source.label for source in sources.SOURCES}
PROPERTIES = {
    "name": "Name",
    "given_name": "Given name",
    "family_name": "Family name",
    "official_given_name": "Given name, official script",
    "official_family_name": "Family name, official script",
    "gender": "Gender, as published",
    "birth_date": "Born on",
    "birth_place": "Born in",
    "death_date": "Died on",
    "citizenship": "Citizenship",
    "wikidata_id": "Wikidata item",
    "email": "E-mail",
    "website": "Website",
    "facebook": "Facebook",
    "instagram": "Instagram",
    "linkedin": "LinkedIn",
    "x": "X",
    "youtube": "YouTube",
    "other_account": "Other account",
}
KINDS = {
    "mandate": "Mandate",
    "political_group": "Political group",
    "national_party": "National party",
    "committee": "Committee",
    "delegation": "Delegation",
    "other_body": "Other body",
}
PORTRAIT_STATUS = {
    "present": "Official portrait",
    "placeholder": "The Parliament shows a stock silhouette instead of a portrait.",
    "absent": "The Parliament was asked and has no portrait.",
    "unknown": "No usable answer about a portrait is in this release.",
    "withdrawn": "The portrait was withdrawn and is not published.",
}
UNFOLDED = str.maketrans(
    {
        "ł": "l",
        "ø": "o",
        "đ": "d",
        "ð": "d",
        "ß": "ss",
        "æ": "ae",
        "œ": "oe",
        "þ": "th",
        "ħ": "h",
        "\u0131": "i",
        **dict.fromkeys("\u2019\u2018\u02bc\u00b4`", "'"),
        **dict.fromkeys("\u2010\u2011\u2013", "-"),
    }
)


def label_of(source: str) -> str:
    """Return what people call a source; its name if another version of the project knows it and this one does not."""
    return SOURCES.get(source, source)


def fold(text: str) -> str:
    """Return text to sort and search by: no accents, no case, plain apostrophes and hyphens.

    `static/people.js` folds the same way.
    """
    parts = unicodedata.normalize("NFD", text.lower())
    return "".join(c for c in parts if unicodedata.category(c)[0] != "M").translate(UNFOLDED)


def day(value: date | None) -> str:
    """Format a date such as `5 April 1965`; empty for none. English whatever the locale."""
    return f"{value.day} {MONTHS[value.month - 1]} {value.year}" if value else ""


def completed_years(born: date, on: date) -> int:
    """Age on a day, as people count it."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def slug(code: str) -> str:
    """Format a code as part of an address: `S&D` is `S-D`, as in the Parliament's own parameters."""
    return "".join(c if c.isascii() and c.isalnum() else "-" for c in code)


MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
