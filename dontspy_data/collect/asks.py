"""What can be asked for: every kind of page, where it lives, and how it is asked for politely."""

from dataclasses import dataclass
from enum import StrEnum

from dontspy_data.sources import ep_api, portraits, wikidata

WWW = portraits.HOST
DATA = ep_api.HOST


class Kind(StrEnum):
    """Kinds of page, in the order in which a summary names them."""

    ROBOTS = "robots"
    CURRENT = "current"
    ROSTER = "roster"
    FULL_LIST = "full_list"
    DIRECTORY = "directory"
    SEARCH = "search"
    DETAILS = "details"
    BODY = "body"
    PROFILE = "profile"
    HISTORY = "history"
    DATASET = "dataset"
    CSV = "csv"
    WIKIDATA = "wikidata"
    PORTRAIT = "portrait"


class Form(StrEnum):
    """What the body of a whole answer is made of."""

    TEXT = "text"
    CSV = "csv"
    JSON = "json"
    XML = "xml"
    HTML = "html"
    JPEG = "jpeg"


@dataclass(frozen=True, slots=True)
class Manner:
    """How pages of one kind are asked for.

    Attributes:
        host: the canonical host.
        endpoint: requests to the same host and endpoint share one rate.
        form: what a whole answer is made of.
        accept: value of the Accept header.
        lists_people: whether the page is a list that the rest of the run depends on.
        leaf: whether nothing else is asked for because of what the page says.
    """

    host: str
    endpoint: str
    form: Form
    accept: str
    lists_people: bool = False
    leaf: bool = False


LD_JSON = "application/ld+json"
HTML = "text/html"
XML = "application/xml"
ROBOTS_TXT = "robots.txt"
"""The endpoint of a host's rules, which have a lane of their own."""

# The API counts requests by endpoint; the site is one lane, whatever is asked of it.
MANNERS: dict[Kind, Manner] = {
    Kind.CURRENT: Manner(DATA, "meps/show-current", Form.JSON, LD_JSON, lists_people=True),
    Kind.ROSTER: Manner(DATA, "meps", Form.JSON, LD_JSON, lists_people=True),
    Kind.DETAILS: Manner(DATA, "meps/{id}", Form.JSON, LD_JSON),
    Kind.BODY: Manner(DATA, "corporate-bodies/{id}", Form.JSON, LD_JSON, leaf=True),
    Kind.DATASET: Manner(DATA, "datasets", Form.JSON, "application/json"),
    Kind.CSV: Manner(DATA, "datasets", Form.CSV, "text/csv", leaf=True),
    Kind.FULL_LIST: Manner(WWW, "", Form.XML, XML, lists_people=True),
    Kind.DIRECTORY: Manner(WWW, "", Form.XML, XML, lists_people=True),
    Kind.SEARCH: Manner(WWW, "", Form.HTML, HTML, lists_people=True),
    Kind.PROFILE: Manner(WWW, "", Form.HTML, HTML, leaf=True),
    Kind.HISTORY: Manner(WWW, "", Form.HTML, HTML, leaf=True),
    Kind.PORTRAIT: Manner(WWW, "", Form.JPEG, "image/jpeg", leaf=True),
    Kind.WIKIDATA: Manner(wikidata.HOST, "sparql", Form.JSON, "application/sparql-results+json", leaf=True),
}
LANES = frozenset((manner.host, manner.endpoint) for manner in MANNERS.values())


@dataclass(frozen=True, slots=True)
class Ask:
    """One page to ask for.

    Attributes:
        kind: what kind of page it is.
        url: its canonical address.
        mep_id: the person it is about, where it is about one.
        term: the parliamentary term it is about, where it is about one.
        offset: of a page of a roster, how many people come before it.
    """

    kind: Kind
    url: str
    mep_id: int | None = None
    term: int | None = None
    offset: int = 0

    @property
    def manner(self) -> Manner:
        """How it is asked for."""
        return MANNERS[self.kind]
