"""Languages: whole catalogues, numbers and plurals, and a typeface with every letter."""

from importlib.resources import files
from io import BytesIO

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import ImageFont

from dontspy_data.audit.conclusions import Message
from dontspy_data.site.languages import CODES, LANGUAGES, Language, language_of_country, read_catalogue
from dontspy_data.site.pictures import script_of
from scripts.messages import as_bytes, missing, updated

LETTERS = (
    "abcdefghijklmnopqrstuvwxyz\u00df\u00e0\u00e1\u00e2\u00e3\u00e4\u00e5\u00e6\u00e7\u00e8\u00e9\u00ea"
    "\u00eb\u00ec\u00ed\u00ee\u00ef\u00f1\u00f2\u00f3\u00f4\u00f5\u00f6\u00f8\u00f9\u00fa\u00fb\u00fc"
    "\u00fd\u00ff\u0101\u0103\u0105\u0107\u010b\u010d\u010f\u0111\u0113\u0117\u0119\u011b\u0121\u0123"
    "\u0127\u012b\u012f\u0131\u0137\u013a\u013c\u013e\u0142\u0144\u0146\u0148\u0151\u0153\u0155\u0159"
    "\u015b\u015f\u0161\u0163\u0165\u016b\u016f\u0171\u0173\u017a\u017c\u017e\u0219\u021b\u0390\u03ac"
    "\u03ad\u03ae\u03af\u03b0\u03b1\u03b2\u03b3\u03b4\u03b5\u03b6\u03b7\u03b8\u03b9\u03ba\u03bb\u03bc"
    "\u03bd\u03be\u03bf\u03c0\u03c1\u03c2\u03c3\u03c4\u03c5\u03c6\u03c7\u03c8\u03c9\u03ca\u03cb\u03cc"
    "\u03cd\u03ce\u0430\u0431\u0432\u0433\u0434\u0435\u0436\u0437\u0438\u0439\u043a\u043b\u043c\u043d"
    "\u043e\u043f\u0440\u0441\u0442\u0443\u0444\u0445\u0446\u0447\u0448\u0449\u044a\u044c\u044e\u044f"
    "\u045d"
)
"""Those of the 24 official languages."""


@pytest.mark.parametrize("code", CODES[1:])
def test_catalogues_have_every_text_of_the_site_and_nothing_else(code: str) -> None:
    catalogue = updated(code)
    assert missing(catalogue) == []
    assert as_bytes(catalogue) == (files("dontspy_data.site") / "locale" / f"{code}.po").read_bytes()
    assert [(message.id, errors) for message, errors in catalogue.check()] == []
    for message in Message:
        gaps = {part.split("}")[0] for part in message.split("{")[1:]}
        told = str(read_catalogue(code)[message].string)
        assert {part.split("}")[0] for part in told.split("{")[1:]} == gaps, message


@given(st.floats(0, 1), st.integers(0, 2), st.sampled_from(LANGUAGES))
@example(0.005, 0, LANGUAGES[0])
def test_nothing_less_than_all_is_all_and_nothing_more_than_none_is_none(
    share: float, digits: int, language: Language
) -> None:
    shown = language.percent(share, digits)
    assert (shown == language.percent(1, digits)) == (share == 1)
    assert (shown == language.percent(0, digits)) == (share == 0)


def test_plurals_and_countries_are_the_languages_own() -> None:
    polish = Language("pl")
    told = [polish.plural("%(count)s year", "%(count)s years", count) for count in (1, 2, 5, 22)]
    assert told == ["1 rok", "2 lata", "5 lat", "22 lata"]
    assert Language("fr").country("LV", "Latvia") == "Lettonie"
    assert Language("fr").country("XX", "Elsewhere") == "Elsewhere"
    assert [language_of_country(code) for code in ("GR", "BE", None)] == ["el", "", ""]


def test_the_typeface_has_every_letter_of_the_24_languages() -> None:
    fonts = {}
    for letter in sorted(set(LETTERS + LETTERS.upper()) - {" "}):
        script = script_of(letter)
        if script not in fonts:
            body = files("dontspy_data.site").joinpath(f"static/fonts/sofia-sans-{script}.woff2").read_bytes()
            fonts[script] = ImageFont.truetype(BytesIO(body), 40)
        drawn, nothing = (bytes(fonts[script].getmask(text)) for text in (letter, "\uffff"))
        assert drawn != nothing, letter
