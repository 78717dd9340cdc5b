"""Untrusted texts and JSON: safe to read, show and link to; errors name the file and place.

`json.loads` alone accepts NaN, duplicate names, lone surrogates and any depth, and fails in five ways.
"""

import json
import math
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, NoReturn
from urllib.parse import urlsplit

from dontspy_data.errors import DontspyError

LARGEST = 64 << 20
DEEPEST = 24
LONGEST = 100_000
MOST = 1_000_000
MOST_EXACT = 2**53
SHOWN = 60
CONTROLS_AND_LINE_ENDS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
"""Control characters and line separators: they end lines and steer terminals."""


def one_line(text: str) -> str:
    """Return a text with a blank in place of control characters and line separators, and none around it."""
    return CONTROLS_AND_LINE_ENDS.sub(" ", text).strip() if CONTROLS_AND_LINE_ENDS.search(text) else text


class MalformedError(DontspyError):
    """An untrusted file that is malformed.

    Attributes:
        file: name or address of the file.
        place: where in the file; empty for the whole of it.
    """

    def __init__(self, file: str, place: str, why: str, *, hint: str = "") -> None:
        super().__init__(f"{file} is damaged: {f'{place} ' if place else ''}{why}", hint=hint)
        self.file = file
        self.place = place


@dataclass(frozen=True, slots=True)
class JsonValue:
    """A value of a JSON document, which knows its place in it.

    Attributes:
        value: as `json` gives it.
        file: name or address of the document.
        place: of the value, such as `releases[3].version`; empty for the whole document.
        hint: what to do about a damaged document.
    """

    value: Any
    file: str
    place: str = ""
    hint: str = ""

    def fail(self, why: str) -> NoReturn:
        """Raise a `MalformedError` that names file and place."""
        raise MalformedError(self.file, self.place, why, hint=self.hint)

    def __getitem__(self, name: str) -> "JsonValue":
        """Return a member of an object.

        Raises:
            MalformedError: this is not an object, or lacks the member.
        """
        members = self._expect(dict, "an object")
        if name not in members:
            self.fail(f"has no {name!r}")
        return self._below(members[name], f".{name}")

    def get(self, name: str) -> "JsonValue | None":
        """Return a member of an object; None if it is absent or null."""
        found = self._expect(dict, "an object").get(name)
        return None if found is None else self._below(found, f".{name}")

    def members(self, most: int = MOST) -> Mapping[str, "JsonValue"]:
        """Return all members of an object, by name."""
        found = self._expect(dict, "an object")
        self._at_most(len(found), most)
        return {name: self._below(value, f".{name[:SHOWN]}") for name, value in found.items()}

    def items(self, most: int = MOST) -> Iterator["JsonValue"]:
        """Yield the items of a list."""
        found = self._expect(list, "a list")
        self._at_most(len(found), most)
        return (self._below(value, f"[{number}]") for number, value in enumerate(found))

    def text(self, pattern: re.Pattern[str] | None = None, longest: int = LONGEST) -> str:
        """Return a text, which matches a pattern as a whole."""
        found: str = self._expect(str, "a text")
        if len(found) > longest:
            self.fail(f"has {len(found):,} characters, and at most {longest:,} are expected")
        if pattern and not pattern.fullmatch(found):
            self.fail(f"is {found[:SHOWN]!r}, which is not of the form {pattern.pattern}")
        return found

    def whole(self, least: int = 0, most: int = MOST_EXACT) -> int:
        """Return a whole number."""
        if type(self.value) is not int or not least <= self.value <= most:  # True is an int, too
            self.fail(f"is {self._shown()}, and not a whole number from {least} to {most}")
        return self.value

    def flag(self) -> bool:
        """Return a truth value."""
        found: bool = self._expect(bool, "true or false")
        return found

    def day(self) -> date:
        """Return a day, `YYYY-MM-DD`."""
        text = self.text(longest=40)
        try:
            return date.fromisoformat(text)
        except ValueError:
            self.fail(f"is {text!r}, and not a day")

    def _expect(self, kind: type, called: str) -> Any:
        if not isinstance(self.value, kind):
            self.fail(f"is {self._shown()}, and not {called}")
        return self.value

    def _at_most(self, count: int, most: int) -> None:
        if count > most:
            self.fail(f"has {count:,} entries, and at most {most:,} are expected")

    def _below(self, value: Any, step: str) -> "JsonValue":
        place = f"{self.place}{step}".lstrip(".")
        return JsonValue(value, self.file, place, self.hint)

    def _shown(self) -> str:
        return (
            repr(self.value)[:SHOWN] if not isinstance(self.value, list | dict) else type(self.value).__name__
        )


def read_json(body: bytes | str, file: str, *, hint: str = "", largest: int = LARGEST) -> JsonValue:
    """Read an untrusted JSON document.

    Args:
        body: of the document, UTF-8.
        file: its name or address, for people.
        hint: what to do if it is damaged.
        largest: number of bytes that it may have.

    Raises:
        MalformedError: it is not JSON, is too large or too deep, or has numbers or texts that cannot be written back.
    """
    if len(body) > largest:
        raise MalformedError(file, "", f"it has more than {largest:,} bytes", hint=hint)
    try:
        text = body.decode("utf-8") if isinstance(body, bytes) else body
        document = json.loads(text, object_pairs_hook=_object, parse_constant=_constant)
        _check(document, 0)
    except RecursionError:
        raise MalformedError(file, "", "it is nested too deep", hint=hint) from None
    except ValueError as error:
        raise MalformedError(file, "", str(error), hint=hint) from error
    return JsonValue(document, file, hint=hint)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("an object has the same name twice")
    return found


def _constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a valid number")


def _check(value: Any, depth: int) -> None:
    if depth > DEEPEST:
        raise ValueError(f"it is nested more than {DEEPEST} deep")
    if isinstance(value, dict):
        for name, below in value.items():
            _check(name, depth)
            _check(below, depth + 1)
    elif isinstance(value, list):
        for below in value:
            _check(below, depth + 1)
    elif isinstance(value, str) and not value.isascii():
        value.encode()  # a lone surrogate cannot be
    elif isinstance(value, float) and not math.isfinite(value):
        raise ValueError("a number is too large")


UNSAFE = frozenset(" \"'<>\\`{|}^")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Control characters other than tab and line feed, line separators, and marks that reverse the reading direction."""

IRREGULAR = {"person": "people"}

BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180e\u2800\u3164\uffa0")
"""Letters and marks that are invisible, although Unicode counts them as visible."""
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
    """Return the characters of a text that are invisible or reverse the reading direction, tabs and line ends aside."""
    return "".join(
        letter
        for letter in JOINED.sub("", text)
        if letter in BLANK
        or (unicodedata.category(letter) in ("Cc", "Cf", "Co", "Cs", "Zl", "Zp") and letter not in "\t\r\n")
    )


@lru_cache(maxsize=10_000)  # each page behind a person's facts is looked up many times
def safe_link(value: str) -> str | None:
    """Return an address that is safe to link to; None if the value is not one.

    Safe is http or https, a host, no user name or password, and no character that ends an attribute or a line.
    An address without a scheme, such as `example.org/me`, gets https.
    """
    try:
        parts = urlsplit(value if "://" in value else f"https://{value}")
        host = parts.hostname or ""
    except ValueError:  # not an address, such as `[`
        return None
    hidden = any(unicodedata.category(letter)[0] in "CZ" for letter in value)
    safe = parts.scheme in ("http", "https") and "." in host and "@" not in parts.netloc
    return parts.geturl() if safe and not hidden and not UNSAFE & set(value) else None


def shown(text: str) -> str:
    """Return a text with control characters escaped as `\\x1b`, so that no terminal or page obeys them."""
    return CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), text)
