"""What a source is: endpoints, how to ask each, what its pages lead to, and what they say. One object per source."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import partial

from dontspy_data.capture.captures import Page
from dontspy_data.model.codes import terms
from dontspy_data.model.problems import Note, Problem
from dontspy_data.model.statements import Basis, Property, Statement

DATA = "data.europarl.europa.eu"
WWW = "www.europarl.europa.eu"
LD_JSON = "application/ld+json"
API_PER_SECOND = 480 / 300
"""The Open Data API allows fewer than 500 requests in 5 minutes to each endpoint."""
WWW_PER_SECOND = 2.0
"""The website publishes no limit."""
ROBOTS_TXT = "robots.txt"
"""The path of a host's rules, which have a rate of their own."""
AGENT = "dontspy-data"
"""The name of this project in rules for robots."""


class Form(StrEnum):
    """The format of a whole answer's body."""

    TEXT = "text"
    CSV = "csv"
    JSON = "json"
    XML = "xml"
    HTML = "html"
    JPEG = "jpeg"
    INDEX = "index"  # of a web archive: JSON, or one JSON object per line

    @property
    def label(self) -> str:
        """Its name for people."""
        return self.value if self in (Form.TEXT, Form.INDEX) else self.value.upper()


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One kind of page: where it is and how to request it.

    Attributes:
        name: of the kind of page, as a summary prints it; unique among endpoints.
        host: the canonical host.
        path: requests to the same host and path share one rate; empty for a host that counts all of them together.
        form: the format of a whole answer.
        accept: value of the Accept header.
        lists_people: whether the page is a list that the rest of the run depends on.
        leaf: whether the page leads to no other requests.
        may_be_absent: whether a 404 is an answer, namely that there is none.
        may_be_empty: whether a 204 is an answer, namely that the list goes no further.
        per_second: polite number of requests per second.
        wants_contact: whether the host wants an address to reach whoever asks.
        needs: the member of a JSON object, the root of an XML document or the column of a CSV without which an
            answer is not this page; empty if there is no such mark.
    """

    name: str
    host: str
    path: str
    form: Form
    accept: str
    lists_people: bool = False
    leaf: bool = False
    may_be_absent: bool = False
    may_be_empty: bool = False
    per_second: float = 1.0
    wants_contact: bool = False
    needs: str = ""

    @property
    def is_picture(self) -> bool:
        """Whether its pages are pictures, which a capture of facts does not need."""
        return self.form is Form.JPEG


website = partial(Endpoint, host=WWW, path="", per_second=WWW_PER_SECOND)
"""Make an endpoint of the website, which counts all requests together."""

ROBOTS = Endpoint("robots", "", ROBOTS_TXT, Form.TEXT, "text/plain", leaf=True, may_be_absent=True)
"""The rules for robots of any host."""


@dataclass(frozen=True, slots=True)
class Request:
    """One page to request.

    Attributes:
        endpoint: what kind of page it is.
        url: its canonical address.
        mep_id: the person it is about, if any.
        is_filtered: of a list, whether it is requested by country, so that everyone on it is wanted.
    """

    endpoint: Endpoint
    url: str
    mep_id: int | None = None
    is_filtered: bool = False


@dataclass(frozen=True, slots=True)
class Body:
    """A corporate body of the Parliament, as its own page names it.

    Statements name a body by its reference until all pages are read; then the reference is replaced by
    the group's code or the body's name.

    Attributes:
        ref: reference in the Open Data API, such as `org/6900`.
        property: the property of statements about its memberships.
        value: the group's code, or the body's name.
        basis: `Basis.UNKNOWN` for a group that no lookup lists; its value is the name as printed.
    """

    ref: str
    property: Property
    value: str
    basis: Basis = Basis.STATED


@dataclass(frozen=True, slots=True)
class Reading:
    """What one page says.

    Attributes:
        statements: facts about persons, in the page's order.
        bodies: bodies that statements of other pages refer to.
        unread: names of fields that the page has and the source neither uses nor deliberately ignores.
        problems: what could not be read or is unknown; the rest of the page is still read.
        notes: what else a maintainer should hear of.
        cells: for each person and property, how many texts with a meaning the page has.
        rows: how many rows, persons or periods the page has.
    """

    statements: tuple[Statement, ...] = ()
    bodies: tuple[Body, ...] = ()
    unread: frozenset[str] = frozenset()
    problems: tuple[Problem, ...] = ()
    notes: tuple[Note, ...] = ()
    cells: Mapping[tuple[int, Property], int] = field(default_factory=dict)
    rows: int = 0


@dataclass(frozen=True, slots=True)
class CollectScope:
    """Whom a run asks about.

    Attributes:
        terms: parliamentary terms.
        countries: ISO 3166-1 alpha-2 codes; empty for all.
        today: day of the run, UTC.
    """

    terms: tuple[int, ...]
    countries: frozenset[str]
    today: date

    @property
    def has_current_term(self) -> bool:
        """Whether sitting Members are asked about."""
        return terms()[-1].term in self.terms


@dataclass(frozen=True, slots=True)
class Person:
    """A person on a list.

    Attributes:
        mep_id: the Parliament's number for the person.
        country: ISO 3166-1 alpha-2 code, where the list says.
    """

    mep_id: int
    country: str | None = None


@dataclass(frozen=True, slots=True)
class Links:
    """What a page leads to.

    Attributes:
        people: whom it lists.
        requests: pages that it leads to.
    """

    people: tuple[Person, ...] = ()
    requests: tuple[Request, ...] = ()


NO_LINKS = Links()


@dataclass(frozen=True, slots=True)
class Source:
    """One place that states facts. All its functions are pure; omitted ones return nothing.

    Attributes:
        name: as in tables and options.
        label: for people.
        endpoints: every kind of page requested from it.
        pattern: of the addresses of pages that this source reads.
        read: returns what a page says.
        lists: requests for the pages that say who the members are.
        everybody: requests for pages about everybody that do not name people to ask about.
        pages: requests for the pages of one person, by id.
        links: what a whole answer leads to, for a request and its page. Reads far less than `read` and is more
            lenient: it never raises.
        guess: how many requests its links lead to, by endpoint, for a number of people on lists and of people asked
            about; only for estimates.
        roll_call: requests that confirm who sits on the day of the run, in case somebody is missing.
        is_roster: whether a page lists everybody who sits on the day on which it was retrieved.
        knows_country: whether its lists say for which country somebody sits, or are requested by country.
        stands_in: whether its pages stand in, if wanted, for those of sources that refuse or are down.
    """

    name: str
    label: str
    endpoints: tuple[Endpoint, ...]
    pattern: re.Pattern[str]
    read: Callable[[Page], Reading]
    lists: Callable[[CollectScope], Iterable[Request]] = lambda *_: ()
    everybody: Callable[[CollectScope], Iterable[Request]] = lambda *_: ()
    pages: Callable[[int, CollectScope], Iterable[Request]] = lambda *_: ()
    links: Callable[[Request, Page], Links] = lambda *_: NO_LINKS
    guess: Callable[[int, int], Mapping[Endpoint, int]] = lambda *_: {}
    roll_call: Callable[[CollectScope], Iterable[Request]] = lambda *_: ()
    is_roster: Callable[[Page], bool] = lambda _: False
    knows_country: bool = True
    stands_in: bool = False

    def matches(self, url: str) -> bool:
        """Return whether this source reads the page at an address."""
        return self.pattern.match(url) is not None
