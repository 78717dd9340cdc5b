"""Texts that come from others: addresses that are safe to link to, and letters that are safe to show."""

import re
import unicodedata
from urllib.parse import urlsplit

UNSAFE = frozenset(" \"'<>\\`{|}^")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Control characters but tab and line feed, separators of lines, and marks that reverse what is read."""

IRREGULAR = {"person": "people"}

BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180e\u2800\u3164\uffa0")
"""Letters and marks that nobody sees, though Unicode counts them among those that are seen."""
JOINED = re.compile(
    "(?<=[\u2600-\u27bf\ufe0f\U0001f000-\U0001faff])\u200d(?=[\u2600-\u27bf\U0001f000-\U0001faff])"
)
"""The joiner inside an emoji of several parts."""


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, such as `1 entry` or `1,200 files`."""
    if number != 1:
        noun = IRREGULAR.get(noun) or (f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s")
    return f"{number:,} {noun}"


def hidden_characters(text: str) -> str:
    """Return the characters of a text that cannot be seen or that reverse what is read, tabs and line ends aside."""
    return "".join(
        letter
        for letter in JOINED.sub("", text)
        if letter in BLANK
        or (unicodedata.category(letter) in ("Cc", "Cf", "Co", "Cs", "Zl", "Zp") and letter not in "\t\r\n")
    )


def web_address(value: str) -> str | None:
    """Return an address that is safe to link to; None if the value is none.

    Safe is http or https, a host, no name or password before it, and no character that ends an attribute or a line.
    An address without a scheme, such as `example.org/me`, gets https.
    """
    try:
        parts = urlsplit(value if "://" in value else f"https://{value}")
        host = parts.hostname or ""
    except ValueError:  # an address that is none, such as `[`
        return None
    hidden = any(unicodedata.category(letter)[0] in "CZ" for letter in value)
    safe = parts.scheme in ("http", "https") and "." in host and "@" not in parts.netloc
    return parts.geturl() if safe and not hidden and not UNSAFE & set(value) else None


def shown(text: str) -> str:
    """Return a text in which control characters stand as `\\x1b`, so that no terminal or page obeys them."""
    return CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), text)
