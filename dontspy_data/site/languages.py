"""Languages of the site: messages from catalogues in `locale/`, and plurals, numbers, dates and countries by Babel.

English is the language of the source, and needs no catalogue. A text that a template shows is marked there with
`{% trans %}` or `_()`; one that Python holds, with `msg()` where it stands and `_()` where it is shown. After a change,
`python -m scripts.messages` brings the catalogues up to date; what they lack is shown in English, and a test fails.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from importlib.resources import files
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from babel import Locale
    from babel.messages.catalog import Catalog
    from babel.support import NullTranslations

CODES = ("en", "fr", "de", "it", "es", "pl")
LOCALES = {"en": "en_GB"}
"""Where the locale is not the language alone: days come before months in British English."""
NO_BREAK = "\u00a0"
MAIN_LANGUAGE: Mapping[str, str] = {"CY": "el", "MT": "mt"}
"""Of countries with several official languages, the one that nearly all parties' names are in."""
COUNTS = 101
"""Counts that are tried to learn which form a language has for which; above a hundred they go round again."""


def msg(text: str) -> str:
    """Mark a text for the catalogues; it is translated where it is shown."""
    return text


@dataclass(frozen=True)
class Language:
    """One language of the site.

    Attributes:
        code: as in `lang` of a page.
    """

    code: str

    @property
    def prefix(self) -> str:
        """What stands before every address in this language; empty for English."""
        return "" if self.code == CODES[0] else f"{self.code}/"

    @cached_property
    def locale(self) -> "Locale":
        """What Babel knows of the language."""
        from babel import Locale

        return Locale.parse(LOCALES.get(self.code, self.code))

    @cached_property
    def name(self) -> str:
        """What speakers of the language call it."""
        name = self.locale.get_language_name(self.code) or self.code
        return name[:1].upper() + name[1:]

    @cached_property
    def translations(self) -> "NullTranslations":
        """The messages."""
        return _translations(self.code)

    def say(self, text: str, **values: object) -> str:
        """Translate a text that was marked with `msg`, and put values into its `%(name)s`."""
        told: str = self.translations.ugettext(text)
        return told % values if values else told

    def plural(self, one: str, many: str, count: int, **values: object) -> str:
        """Return the form of a text that a count asks for; `%(count)s` in it is the count as people write it."""
        told: str = self.translations.ungettext(one, many, count)
        return told % {"count": self.number(count), **values}

    def number(self, value: float, digits: int = 0) -> str:
        """Format a number with that many digits after the point."""
        return _number(self.locale, value, digits)

    def percent(self, share: float, digits: int = 0) -> str:
        """Format a share of 1; what is less than all is never 100 %, and what is more than nothing never 0 %."""
        least = 10.0 ** -(digits + 2)
        if 1 - least / 2 <= share < 1:
            return f">{_percent(self.locale, 1 - least, digits)}"
        if 0 < share <= least / 2:  # half of a percent would be rounded to none
            return f"<{_percent(self.locale, least, digits)}"
        return _percent(self.locale, share, digits)

    def day(self, value: date | None) -> str:
        """Format a date in words; empty for none."""
        return _day(self.locale, value) if value else ""

    def size(self, value: int) -> str:
        """Format a number of bytes in the unit that people read."""
        for unit, name in ((1 << 20, "MiB"), (1 << 10, "KiB")):
            if value >= unit:
                return f"{self.number(value / unit, 1 if unit > 1 << 10 else 0)}{NO_BREAK}{name}"
        return f"{self.number(value)}{NO_BREAK}B"

    def country(self, code: str | None, name: str | None) -> str:
        """Return what a country is called: in English as the package says, else as Babel does where it knows it."""
        here = None if self.code == CODES[0] else self.locale.territories.get(code or "")
        return here or name or code or ""

    def script_messages(self) -> bytes:
        """Return the messages that scripts show, as JSON: a text, or forms by plural category."""
        if self.code == CODES[0]:
            return b"{}\n"
        plural = self.translations.plural
        categories = {plural(count): self.locale.plural_form(count) for count in range(COUNTS)}
        told: dict[str, str | dict[str, str]] = {}
        for message in read_catalogue(self.code):
            if any(place.endswith(".js") for place, _ in message.locations):
                text, said = message.id, message.string or ""
                if isinstance(said, str):
                    told[str(text)] = said or str(text)
                elif all(said):
                    told[text[0]] = {categories[place]: form for place, form in enumerate(said)}
        return json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() + b"\n"


LANGUAGES = tuple(Language(code) for code in CODES)
ENGLISH = LANGUAGES[0]
ENGLISH_ONLY = (ENGLISH,)


def read_catalogue(code: str) -> "Catalog":
    """Read the catalogue of a language other than English."""
    from babel.messages.pofile import read_po

    with (files(__package__) / "locale" / f"{code}.po").open("rb") as file:
        return read_po(file, locale=code)


@cache
def language_of_country(code: str | None) -> str:
    """Return the language that names and parties of a country are in; empty if it has several, or none is known."""
    from babel.languages import get_official_languages

    spoken = get_official_languages(code or "") if code else ()
    return spoken[0] if len(spoken) == 1 else MAIN_LANGUAGE.get(code or "", "")


@cache
def _translations(code: str) -> "NullTranslations":
    from babel.messages.mofile import write_mo
    from babel.support import NullTranslations, Translations

    if code == CODES[0]:
        return NullTranslations()
    stream = BytesIO()
    write_mo(stream, read_catalogue(code))
    stream.seek(0)
    return Translations(stream)


@cache
def _number(locale: "Locale", value: float, digits: int) -> str:
    from babel.numbers import format_decimal

    return format_decimal(value, f"#,##0.{'0' * digits}" if digits else "#,##0", locale)


@cache
def _percent(locale: "Locale", share: float, digits: int) -> str:
    from babel.numbers import format_percent

    pattern = str(locale.percent_formats[None].pattern)
    return format_percent(
        share, f"{pattern.replace('#0', '#0.' + '0' * digits) if digits else pattern}", locale
    )


@cache
def _day(locale: "Locale", value: date) -> str:
    from babel.dates import format_date

    return format_date(value, "long", locale)
