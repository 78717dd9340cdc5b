"""Words for people: what codes of the tables are called on the pages."""

import unicodedata
from datetime import date

from dontspy_data import sources
from dontspy_data.site.languages import msg

SOURCES = {source.name: source.label for source in sources.SOURCES}
PROPERTIES = {
    "name": msg("Name"),
    "given_name": msg("Given name"),
    "family_name": msg("Family name"),
    "official_given_name": msg("Given name, official script"),
    "official_family_name": msg("Family name, official script"),
    "gender": msg("Gender, as published"),
    "birth_date": msg("Born on"),
    "birth_place": msg("Born in"),
    "death_date": msg("Died on"),
    "citizenship": msg("Citizenship"),
    "wikidata_id": msg("Wikidata item"),
    "email": msg("E-mail"),
    "website": msg("Website"),
    "facebook": msg("Facebook"),
    "instagram": msg("Instagram"),
    "linkedin": msg("LinkedIn"),
    "x": msg("X"),
    "youtube": msg("YouTube"),
    "other_account": msg("Other account"),
}
KINDS = {
    "mandate": msg("Mandate"),
    "political_group": msg("Political group"),
    "national_party": msg("National party"),
    "committee": msg("Committee"),
    "delegation": msg("Delegation"),
    "other_body": msg("Other body"),
}
PORTRAIT_STATUS = {
    "present": msg("Official portrait"),
    "placeholder": msg("The Parliament shows a stock silhouette instead of a portrait."),
    "absent": msg("The Parliament was asked and has no portrait."),
    "unknown": msg("No usable answer about a portrait is in this release."),
    "withdrawn": msg("The portrait was withdrawn and is not published."),
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


def completed_years(born: date, on: date) -> int:
    """Age on a day, as people count it."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def slug(code: str) -> str:
    """Format a code as part of an address: `S&D` is `S-D`, as in the Parliament's own parameters."""
    return "".join(c if c.isascii() and c.isalnum() else "-" for c in code)
