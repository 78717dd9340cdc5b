"""Codes: what the texts of sources stand for, from the lookups in use.

The lookups are data files beside this module, and a maintainer's own merged over them (see `files`), as one object.
Several spellings may have the same meaning. A text that no lookup lists is an error that gives the row to add; nothing
is guessed.

Names of groups and of countries are the Parliament's own, as its site prints them; `group_labels.csv` holds what it
prints other than the names and codes in `groups.csv`: earlier spellings and the forms of its parameters. Dates of
groups are the days on which they sat, so a group founded between terms starts with the term. Roles are the Parliament's
own vocabulary, https://data.europarl.europa.eu/def/ep-roles, in English.
"""

import csv
import hashlib
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache, cached_property
from importlib import resources
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

from dontspy_data.errors import UnknownCodeError, UsageError
from dontspy_data.model.codes.files import FILES, Row, merge, read_rows
from dontspy_data.model.statements import Property

PLAIN = str.maketrans(
    "\u2018\u2019\u201c\u201d\u2010\u2011\u2013\u2014", "''\"\"----"
)  # quotes, hyphens, dashes

PARLIAMENT = re.compile(
    r"\b(in the european parliament|au parlement européen|im europäischen parlament|en el parlamento europeo"
    r"|al parlamento europeo)\b"
)
LITTLE_WORDS = re.compile(
    "the|of|for|in|an?|and|groups?|de|des|du|d|la|les?|l|et|pour|groupe|de[rs]|das?|die|und|für|fraktion"
    "|del|los|el|y|e|por|grupo|dei|degli|delle|dell|di|il?|per|ed|gruppo"
)
LAST_BRACKETS = re.compile(r"\([^()]*\)$")


def csv_cell(value: str) -> str:
    """Return a text as a cell of a CSV file, in quotes if it needs them."""
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow([value])
    return line.getvalue()


def index_of(file: str, pairs: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    """Return what each spelling stands for, to be given to `look_up`.

    Args:
        file: that the pairs are from, for messages.
        pairs: a spelling, and what it stands for.

    Raises:
        UsageError: one spelling stands for two things.
    """
    index: dict[str, str] = {}
    for spelling, code in pairs:
        if spelling and index.setdefault(_key(spelling), code) != code:
            raise UsageError(
                f"{spelling!r} stands for both {index[_key(spelling)]!r} and {code!r} in {file}",
                hint="Delete one of the two rows, or correct it.",
            )
    return index


def look_up(index: Mapping[str, str], kind: str, value: str, file: str, row: str) -> str:
    """Return what a text stands for.

    Raises:
        UnknownCodeError: no spelling matches it; the error names the file and the row to add.
    """
    try:
        return index[_key(value)]
    except KeyError:
        raise UnknownCodeError(kind, value, file, row) from None


def loose_index_of(pairs: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    """Return what names of several words stand for, by their main words alone, for `look_up_loosely`.

    A name that would stand for two things stands for none.
    """
    index: dict[str, set[str]] = {}
    for name, code in pairs:
        if words := _main_words(name):
            index.setdefault(words, set()).add(code)
    return {words: found.pop() for words, found in index.items() if len(found) == 1}


def look_up_loosely(index: Mapping[str, str], loose: Mapping[str, str], name: str) -> str | None:
    """Return what a name stands for: as printed, without brackets at its end, or by its main words.

    Args:
        index: of `index_of`.
        loose: of `loose_index_of`.
        name: as printed.

    Returns:
        What it stands for; None if it is in neither index.
    """
    names = (name, LAST_BRACKETS.sub("", name).rstrip())
    exact = (index.get(_key(one)) for one in names)
    by_words = (loose.get(_main_words(one)) for one in names)
    return next((code for code in (*exact, *by_words) if code is not None), None)


def _main_words(name: str) -> str:
    """Return the words of a name without articles, `Group` and punctuation; empty if fewer than two are left."""
    text = PARLIAMENT.sub(" ", _key(name).replace("&", " and "))
    words = [word for word in re.findall(r"\w+", text) if not LITTLE_WORDS.fullmatch(word)]
    return " ".join(words) if len(words) > 1 else ""


def _key(text: str) -> str:
    """Return the form that spellings of one name share: NFKC, lower case, plain quotes and dashes, single blanks."""
    return " ".join(unicodedata.normalize("NFKC", text).translate(PLAIN).casefold().split())


ANY_END = "*"


@dataclass(frozen=True, slots=True)
class Country:
    """A present or former member state.

    Attributes:
        code: ISO 3166-1 alpha-2.
        code3: ISO 3166-1 alpha-3.
        ep_code: the Parliament's own code, which differs for Greece (EL) and the United Kingdom (UK).
        name_en: short name in English; likewise in French, German, Spanish and Italian.
        joined: first day of membership of the European Communities or Union.
        left: last day of membership; None for a present member state.
    """

    code: str
    code3: str
    ep_code: str
    name_en: str
    name_fr: str
    name_de: str
    name_es: str
    name_it: str
    joined: date
    left: date | None


@dataclass(frozen=True, slots=True)
class Group:
    """A political group of the Parliament, or the Members who belong to none (NI).

    Attributes:
        code: the Parliament's abbreviation in English.
        ep_code: the abbreviation that the Parliament's data use, often the French one.
        name_en: name in English; likewise in French, German, Spanish and Italian, empty if not settled.
        start_date: first day on which it sat; None if not settled.
        end_date: last day; None for a group that still sits, and if not settled.
        predecessor: code of the group it continues; None if it continues none.
        note: what the succession means, or an oddity.
    """

    code: str
    ep_code: str
    name_en: str
    name_fr: str
    name_de: str
    name_es: str
    name_it: str
    start_date: date | None
    end_date: date | None
    predecessor: str | None
    note: str


@dataclass(frozen=True, slots=True)
class Term:
    """A parliamentary term, from its constitutive session to the eve of the next.

    Attributes:
        term: number, 1 from 1979 on; 0 is the appointed Parliament before the first direct election.
        start_date: first day.
        end_date: last day; None for the term that has not ended.
        seats: seats at its beginning; of term 0 those of 1973 to 1979.
    """

    term: int
    start_date: date
    end_date: date | None
    seats: int


@dataclass(frozen=True, eq=False)
class Lookups:
    """Everything that says what the texts of sources stand for.

    Attributes:
        rows: the rows of each file, by its name.
        digest: SHA-256 of the maintainer's own files; None if there are none.
    """

    rows: Mapping[str, Sequence[Row]]
    digest: str | None = None

    @cached_property
    def countries(self) -> tuple[Country, ...]:
        """Every present and former member state, by code."""
        return tuple(sorted((Country(**row) for row in self.rows["countries.csv"]), key=lambda c: c.code))

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """Every political group, those that sit now first."""
        return tuple(Group(**row) for row in self.rows["groups.csv"])

    @cached_property
    def terms(self) -> tuple[Term, ...]:
        """Every parliamentary term, in order; each ends on the day before the next begins."""
        found = sorted((Term(**row) for row in self.rows["terms.csv"]), key=lambda term: term.term)
        ended = [
            replace(term, end_date=term.end_date or later.start_date - timedelta(days=1))
            for term, later in pairwise(found)
        ]
        return (*ended, found[-1])

    @cached_property
    def seats(self) -> tuple[tuple[date, int], ...]:
        """Days on which the number of seats changed, with the new number, in order."""
        changes = {row["start_date"]: row["seats"] for row in self.rows["total_seats.csv"]}
        return tuple(sorted({**{term.start_date: term.seats for term in self.terms}, **changes}.items()))

    @cached_property
    def country_seats(self) -> Mapping[str, int]:
        """See `codes.country_seats`."""
        return {row["country"]: row["seats"] for row in self.rows["country_seats.csv"]}

    def with_rows(self, rows: Mapping[str, Sequence[Row]]) -> "Lookups":
        """Return a copy with further rows, by file; a row replaces one with the same key.

        Raises:
            UsageError: the merged lookups contradict each other.
        """
        forms = {file.name: file for file in FILES}
        merged = {name: merge(forms[name], self.rows[name], more) for name, more in rows.items()}
        return Lookups({**self.rows, **merged}, self.digest)

    def __post_init__(self) -> None:
        """Build every index, so that a contradiction is found before anything is read.

        Raises:
            UsageError: one spelling stands for two things, or a label for a group that is not listed.
        """
        listed = {group.code for group in self.groups}
        for row in self.rows["group_labels.csv"]:
            if row["code"] and row["code"] not in listed:
                raise UsageError(
                    f"group_labels.csv gives {row['label']!r} to {row['code']!r}, which groups.csv does not list",
                    hint="Add the group to groups.csv, or correct the code.",
                )
        for index in ("country_codes", "group_codes", "genders", "roles", "terms", "corrections"):
            getattr(self, index)

    @cached_property
    def country_codes(self) -> Mapping[str, str]:
        """What each spelling of a country stands for; see `index_of`, as for all of these."""
        labels = [(row["label"], row["code"]) for row in self.rows["country_labels.csv"]]
        return index_of("countries.csv", [*_spellings(self.countries), *labels])

    @cached_property
    def group_codes(self) -> Mapping[str, str]:
        """What each name of a political group stands for."""
        return index_of("group_labels.csv", self._group_names)

    @cached_property
    def group_words(self) -> Mapping[str, str]:
        """What the main words of a group's name stand for; see `loose_index_of`."""
        return loose_index_of(self._group_names)

    @cached_property
    def _group_names(self) -> Sequence[tuple[str, str]]:
        labels = [(row["label"], row["code"]) for row in self.rows["group_labels.csv"]]
        return [*_spellings(self.groups), *labels]

    @cached_property
    def genders(self) -> Mapping[str, str]:
        """What each spelling of a gender stands for."""
        return index_of("genders.csv", ((row["spelling"], row["gender"]) for row in self.rows["genders.csv"]))

    @cached_property
    def roles(self) -> Mapping[str, str]:
        """What each code or label of a role stands for."""
        rows = self.rows["roles.csv"]
        pairs = [(spelling, row["role"]) for row in rows for spelling in (row["spelling"], row["role"])]
        return index_of("roles.csv", pairs)

    @cached_property
    def corrections(self) -> Mapping[tuple[str, str, int | None, str, str], str]:
        """What a source should have printed, by source, copy, person or None, property, and what it printed."""
        return {
            (row["source"], row["copy"], row["mep_id"], row["property"], row["found"]): row["value"]
            for row in self.rows["corrections.csv"]
        }


@cache
def shipped() -> Lookups:
    """Return the lookups of this version of the project, without a maintainer's."""
    folder = resources.files(__package__)
    return Lookups(
        {
            file.name: read_rows(file, folder.joinpath(file.name).read_bytes(), Path(file.name))
            for file in FILES
        }
    )


def open_lookups(folder: Path | None) -> Lookups:
    """Return the shipped lookups with those of a maintainer's folder merged over them.

    Args:
        folder: has files with the names and columns of the shipped ones; None for the shipped ones alone.

    Raises:
        UsageError: it is not a folder, a file in it is not a lookup or cannot be read, or the merged lookups
            contradict each other; the file and the line are named.
    """
    if folder is None:
        return shipped()
    if not folder.is_dir():
        raise UsageError(f"{folder} is not a folder", hint="Give a folder with --lookups, or none.")
    forms = {file.name: file for file in FILES}
    contents = {path.name: path.read_bytes() for path in sorted(folder.glob("*.csv"))}
    if unknown := sorted(contents.keys() - forms.keys()):
        raise UsageError(f"{folder / unknown[0]} is not a lookup", hint=f"They are: {', '.join(forms)}.")
    rows = dict(shipped().rows)
    for name, content in contents.items():
        rows[name] = merge(forms[name], rows[name], read_rows(forms[name], content, folder / name))
    return Lookups(rows, _digest(contents) if contents else None)


def _digest(contents: Mapping[str, bytes]) -> str:
    lines = (f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in sorted(contents.items()))
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _spellings(listed: Iterable[Country | Group]) -> Iterator[tuple[str, str]]:
    """Yield every code and name of countries or groups, with the code that it stands for."""
    for one in listed:
        names = (one.name_en, one.name_fr, one.name_de, one.name_es, one.name_it)
        yield from ((spelling, one.code) for spelling in (one.code, one.ep_code, *names))
        if isinstance(one, Country):
            yield one.code3, one.code


_in_force: ContextVar[Lookups | None] = ContextVar("lookups", default=None)


@contextmanager
def using(lookups: Lookups) -> Iterator[None]:
    """Use these lookups within the block, in this thread only."""
    token = _in_force.set(lookups)
    try:
        yield
    finally:
        _in_force.reset(token)


def in_force() -> Lookups:
    """Return the lookups in use: those of `using`, else the shipped ones."""
    return _in_force.get() or shipped()


def countries() -> tuple[Country, ...]:
    """Return every present and former member state, by code."""
    return in_force().countries


def groups() -> tuple[Group, ...]:
    """Return every political group, those that sit now first."""
    return in_force().groups


def terms() -> tuple[Term, ...]:
    """Return every parliamentary term in order; term 0 is the appointed Parliament before 1979."""
    return in_force().terms


def country_seats() -> Mapping[str, int]:
    """Return the seats of each state that elects or has elected Members, by alpha-2 code; 0 for one that has left."""
    return in_force().country_seats


def account(address: str) -> Property:
    """Return the network that an account's address belongs to, by its host; `other_account` if it is not listed."""
    host = f".{urlsplit(address).hostname or ''}"
    for row in in_force().rows["networks.csv"]:
        if any(host.endswith(f".{domain}") for domain in row["domains"]):
            return Property(row["network"])
    return Property.OTHER_ACCOUNT


def networks(column: str) -> Mapping[str, Property]:
    """Return the network that each name in a column of `networks.csv` stands for.

    Args:
        column: `links`, classes of links on Members' pages; or `columns`, those of the bulk CSVs.
    """
    rows = in_force().rows["networks.csv"]
    return {name: Property(row["network"]) for row in rows for name in row[column]}


def country(value: str) -> str:
    """Return the alpha-2 code of a country.

    Args:
        value: alpha-2, alpha-3 or the Parliament's code, or a name in one of the five languages, in any case.

    Raises:
        UnknownCodeError: no listed country has this name.
    """
    row = f"AA,AAA,AA,{csv_cell(value)},,,,,YYYY-MM-DD,"
    return look_up(in_force().country_codes, "country", value, "countries.csv", row)


def group(label: str) -> str:
    """Return the code of a political group, from a code or any name that the Parliament prints, in any case.

    Raises:
        UnknownCodeError: no listed group has this name.
    """
    lookups = in_force()
    if (code := look_up_loosely(lookups.group_codes, lookups.group_words, label)) is not None:
        return code
    raise UnknownCodeError("political group", label, "group_labels.csv", f"{csv_cell(label)},,CODE")


def gender(value: str) -> str:
    """Return `male` or `female` as officially published; empty if published as unknown or not stated.

    Raises:
        UnknownCodeError: the value is not listed.
    """
    return look_up(in_force().genders, "gender", value, "genders.csv", f"{csv_cell(value)},")


def role(value: str) -> str:
    """Return a role's English label, from its code or a label in the Parliament's vocabulary.

    Raises:
        UnknownCodeError: the role is not listed.
    """
    return look_up(in_force().roles, "role", value, "roles.csv", f"{csv_cell(value)},ROLE")


def body_kind(classification: str) -> Property:
    """Return the property for a membership of a body, from its kind in the Parliament's vocabulary `ep-entities`.

    Raises:
        UnknownCodeError: the kind is not listed.
    """
    for row in in_force().rows["body_kinds.csv"]:
        listed = row["classification"]
        if classification == listed or (
            listed.endswith(ANY_END) and classification.startswith(listed.removesuffix(ANY_END))
        ):
            return Property(row["property"])
    to_add = f"{csv_cell(classification)},other_body"
    raise UnknownCodeError("kind of body", classification, "body_kinds.csv", to_add)


def corrected(source: str, prop: Property, text: str, mep_id: int, copy: str = "") -> str:
    """Return what a source should have printed, by `corrections.csv`; the text itself if nothing corrects it.

    Args:
        source: name of the source.
        prop: what the text is about.
        text: as printed.
        mep_id: whom it is about; a correction for this person takes precedence over one for everybody.
        copy: which of several copies of the page it is, such as `2022` for the damaged CSV files of that year.
    """
    corrections = in_force().corrections
    for person in (mep_id, None):
        for edition in {copy, ""}:
            if (value := corrections.get((source, edition, person, prop, text))) is not None:
                return value
    return text


def term_on(day: date) -> int:
    """Return the number of the parliamentary term that a day belongs to.

    Raises:
        UnknownCodeError: the day is before the first term.
    """
    for term in reversed(terms()):
        if day >= term.start_date:
            return term.term
    raise UnknownCodeError("parliamentary term on", day.isoformat(), "terms.csv", f"TERM,{day},,SEATS")


def seats_on(day: date) -> int:
    """Return how many seats the Parliament had on a day; some can be vacant.

    Raises:
        UnknownCodeError: the day is before the first term.
    """
    for start, seats in reversed(in_force().seats):
        if day >= start:
            return seats
    raise UnknownCodeError("number of seats on", day.isoformat(), "total_seats.csv", f"{day},SEATS,")
