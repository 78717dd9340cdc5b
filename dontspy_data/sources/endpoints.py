"""How a source is asked: its endpoints, each with its host, its pace and the form of a whole answer."""

from dataclasses import dataclass
from enum import StrEnum

DATA = "data.europarl.europa.eu"
WWW = "www.europarl.europa.eu"
LD_JSON = "application/ld+json"
ROBOTS_TXT = "robots.txt"
"""The path of a host's rules, which have a rate of their own."""


class Form(StrEnum):
    """What the body of a whole answer is made of."""

    TEXT = "text"
    CSV = "csv"
    JSON = "json"
    XML = "xml"
    HTML = "html"
    JPEG = "jpeg"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One kind of page: where it lives and how it is asked for.

    Attributes:
        name: of the kind of page, as a summary prints it; no two endpoints share one.
        host: the canonical host.
        path: requests to the same host and path share one rate; empty for a host that counts all of them together.
        form: what a whole answer is made of.
        accept: value of the Accept header.
        lists_people: whether the page is a list that the rest of the run depends on.
        leaf: whether nothing else is asked for because of what the page says.
        may_be_absent: whether a 404 is an answer, namely that there is none.
        may_be_empty: whether a 204 is an answer, namely that the list goes no further.
        needs: the member of a JSON object, the root of an XML document or the column of a CSV without which an
            answer is not this page; empty where nothing tells.
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
    needs: str = ""

    @property
    def is_picture(self) -> bool:
        """Whether its pages are pictures, which a capture of facts can do without."""
        return self.form is Form.JPEG


ROBOTS = Endpoint("robots", "", ROBOTS_TXT, Form.TEXT, "text/plain", leaf=True, may_be_absent=True)
"""The rules for robots of any host."""


@dataclass(frozen=True, slots=True)
class Request:
    """One page to ask for.

    Attributes:
        endpoint: what kind of page it is.
        url: its canonical address.
        mep_id: the person it is about, where it is about one.
        term: the parliamentary term it is about, where it is about one.
        offset: of a page of a roster, how many people come before it.
    """

    endpoint: Endpoint
    url: str
    mep_id: int | None = None
    term: int | None = None
    offset: int = 0
