"""The contest's own rules: days and limits from its file, words of disclosure, links and forbidden columns.

Links must be public, and one link in several spellings counts once.
The file is TOML, with a table per contest; see docs/contest.md. Lists of words are data files beside this module.
"""

import json
import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from dontspy_data.errors import UsageError
from dontspy_data.model.texts import safe_link

FILE = "contest.toml"
"""Name of the file beside the entries that is read by default."""
CONTESTS = ("enrichment", "fakeface")
TEXTS = ("prize", "enter_at")
FORMS = {
    date: "a day like 2026-01-20, without quotes",
    int: "a whole number from 1 up, without quotes",
    str: "words in quotes",
}
MAIL = re.compile(r"[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+")
BEFORE = 3
"""The largest distance, in words, of a denial before the word that it denies."""
SERIES = 32
"""This many columns that differ only by a number are a vector."""
PORTS = {"http": 80, "https": 443}
MIRRORS = ("www.", "m.", "mobile.", "amp.")
"""Subdomains of a site that lead to the same posts."""
TRACKING = re.compile(
    r"utm_.*|mc_[ce]id|pk_.*|mtm_.*|hsa_.*|_ga|_gl|(fb|g|d|ms|tt|tw|y|wbra|gbra)clid|gclsrc|wbraid|gbraid|twclid|"
    r"igsh(id)?|si|ref(_src|_url)?|referrer|feature|mibextid|rcm|trk|trackingid|spm|ncid|cmpid|sfnsn|sr_share|share_id",
    re.IGNORECASE,
)
"""Names of parameters that say where a visitor came from, not which page it is."""
SHARING = {"x.com": {"s", "t"}, "twitter.com": {"s", "t"}, "youtube.com": {"t", "pp"}, "youtu.be": {"t"}}
"""The same for single sites; elsewhere such a name may say which page it is."""
PRIVATE = re.compile(
    r"(.*\.)?(localhost|local|internal|intranet|lan|home|corp|private|localdomain|home\.arpa|invalid|test|onion)"
)
NUMERIC = re.compile(r"(.*\.)?(0x[0-9a-f]*|[0-9]+)")


@dataclass(frozen=True, slots=True)
class Rules:
    """Rules of one contest.

    Attributes:
        prize: what there is to win, in words; None if the file does not say.
        enter_at: where entries are sent: a web address or a mail address; None if the file does not say.
        opens_on: first day on which an entry can be published; None for any.
        closes_on: last day; None for any.
        entries_per_author: at most; None for any number.
        most_shares: larger numbers are refused until somebody has checked them.
        most_likes: likewise.
        weight_reach: of shares and likes, relative to the jury's score.
        weight_jury: of the jury's score; 0 without a jury.
    """

    prize: str | None = None
    enter_at: str | None = None
    opens_on: date | None = None
    closes_on: date | None = None
    entries_per_author: int | None = None
    most_shares: int = 10_000_000
    most_likes: int = 10_000_000
    weight_reach: int = 1
    weight_jury: int = 0

    @property
    def enter_link(self) -> str:
        """Where an entry is sent, as a link; empty if the rules do not say."""
        where = self.enter_at or ""
        return f"mailto:{where}" if "@" in where else safe_link(where) or ""


def read_rules(path: Path | None) -> Mapping[str, Rules]:
    """Return the rules of each contest.

    Args:
        path: of the contest's file; None for rules without days and numbers.

    Raises:
        UsageError: the file cannot be read, or has something that is not a rule.
    """
    if path is None:
        return {name: Rules() for name in CONTESTS}
    hint = f"It has a table for each contest ({', '.join(CONTESTS)}); see docs/contest.md."
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} cannot be read as a contest's rules: {error}", hint=hint) from error
    if unknown := document.keys() - set(CONTESTS):
        raise UsageError(f"{path} has {sorted(unknown)[0]!r}, which is not a contest", hint=hint)
    return {name: _rules(path, name, document.get(name, {})) for name in CONTESTS}


def rules_for(entries: Path | None, named: Path | None) -> Mapping[str, Rules]:
    """Return the rules of each contest from the named file, else from the one beside the entries.

    Args:
        entries: the file of entries; None if there is none.
        named: the contest's file; None for `contest.toml` beside the entries, where there is one.

    Raises:
        UsageError: the file cannot be read, or has something that is not a rule.
    """
    beside = entries.parent / FILE if entries else None
    return read_rules(named or (beside if beside and beside.is_file() else None))


def _rules(path: Path, contest: str, table: Any) -> Rules:
    kinds = {
        field.name: date if field.name.endswith("_on") else str if field.name in TEXTS else int
        for field in fields(Rules)
    }
    if not isinstance(table, dict):
        raise UsageError(f"{path}: {contest} is not a table", hint=f"Write [{contest}] on its own line.")
    for name, value in table.items():
        if name not in kinds:
            raise UsageError(f"{path}: {contest} has no rule {name!r}", hint=f"Rules: {', '.join(kinds)}.")
        is_good = value > 0 if type(value) is int else bool(value)
        if type(value) is not kinds[name] or not is_good:
            raise UsageError(f"{path}: {name} of {contest} is {value!r}", hint=f"Give {FORMS[kinds[name]]}.")
    if (where := table.get("enter_at")) and not (safe_link(where) or MAIL.fullmatch(where)):
        raise UsageError(
            f"{path}: enter_at of {contest} is {where!r}",
            hint="Give a full web address (https://…) or a mail address.",
        )
    return Rules(**table)


def says_artificial(text: str) -> bool:
    """Return whether a text says in an official language of the EU that a picture is artificial.

    A word that is denied ("not artificial") does not count. Words are in `disclosure.json`: `*` stands for any ending,
    capitals for an acronym that in lower case is a word in other languages.
    """
    words = re.findall(r"[^\W_]+(?:[-'\u2019][^\W_]+)*", unicodedata.normalize("NFKC", text))
    if len(text.strip()) < _data("disclosure.json")["least_characters"]:
        return False
    phrases = [phrase.split() for said in _data("disclosure.json")["says"].values() for phrase in said]
    return any(_is_said(words, phrase) for phrase in phrases)


def _is_said(words: list[str], phrase: list[str]) -> bool:
    denies = set(_data("disclosure.json")["denies"])
    for start in range(len(words) - len(phrase) + 1):
        before = {word.casefold() for word in words[max(0, start - BEFORE) : start]}
        here = words[start : start + len(phrase)]
        if all(map(_matches, here, phrase)) and (phrase[0] in denies or not before & denies):
            return True
    return False


def _matches(word: str, pattern: str) -> bool:
    stem = pattern.removesuffix("*")
    found = word if stem.isupper() else word.casefold()
    return found == stem or (stem != pattern and found.startswith(stem))


def forbidden(names: Iterable[str]) -> tuple[str, str] | None:
    """Return the first forbidden column, and what it is about; None if there is none.

    Columns are recognised by their names, whatever their case and separators, and vectors by columns that
    differ only by a number.
    """
    series: dict[str, int] = {}
    for name in names:
        words = f" {' '.join(_column_words(name))} "
        for topic, phrases in _data("forbidden_columns.json").items():
            if any(f" {phrase} " in words for phrase in phrases):
                return name, topic
        stem = re.sub(r"\d+$", "", name)
        if stem != name:
            series[stem] = series.get(stem, 0) + 1
            if series[stem] >= SERIES:
                return name, "face templates"
    return None


def _column_words(name: str) -> list[str]:
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=\D)(?=\d)", " ", unicodedata.normalize("NFKC", name))
    return re.findall(r"[^\W_]+", parted.casefold())


@cache
def _data(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(files(__package__).joinpath(name).read_text("utf-8"))
    return loaded


class LinkError(ValueError):
    """A link that no contest admits; the message continues the link's place."""


def link_key(url: str) -> str:
    """Return the common form of a link's spellings: without scheme, case, default port, fragment and tracking.

    Raises:
        LinkError: its host is private, a number, or not a valid name.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise LinkError(f"is not a link: {error}") from error
    host = public_host(parts.hostname or "")
    for mirror in MIRRORS:
        if host.startswith(mirror) and "." in host.removeprefix(mirror):
            host = host.removeprefix(mirror)
    place = host if port in (None, PORTS.get(parts.scheme)) else f"{host}:{port}"
    asked = sorted(
        (name, value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
        if not TRACKING.fullmatch(name) and name not in SHARING.get(host, ())
    )
    path = _plain_path(parts.path)
    return f"{place}{path}{'?' + urlencode(asked) if asked else ''}".casefold()


def public_host(host: str) -> str:
    """Return a host's name as in DNS: in lower case, other scripts as `xn--…`.

    Raises:
        LinkError: it is private, a number, or not a valid name.
    """
    try:
        name = host.encode("idna").decode().lower().removesuffix(".")
    except UnicodeError as error:
        raise LinkError(f"has the host {host!r}, which cannot be looked up") from error
    if NUMERIC.fullmatch(name) or "[" in name or ":" in name:
        raise LinkError(f"has the host {host!r}, a number in place of a name")
    if "." not in name or PRIVATE.fullmatch(name):
        raise LinkError(f"has the host {host!r}, which is not on the public internet")
    return name


def _plain_path(path: str) -> str:
    """Return a path without `.` and `..`, doubled slashes and one at its end, and escaped in one way."""
    kept: list[str] = []
    for part in path.split("/"):
        if part == "..":
            kept = kept[:-1]
        elif part not in ("", "."):
            kept.append(quote(unquote(part), safe="!$&'()*+,;=:@~"))
    return "".join(f"/{part}" for part in kept)
