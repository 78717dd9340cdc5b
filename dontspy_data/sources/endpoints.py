"""How a source is asked: its endpoints, each with its host, its pace and the form of a whole answer."""

from dataclasses import dataclass
from enum import StrEnum

DATA = "data.europarl.europa.eu"
WWW = "www.europarl.europa.eu"
LD_JSON = "application/ld+json"
API_PER_SECOND = 480 / 300
"""The Open Data API allows fewer than 500 requests in 5 minutes to each endpoint."""
WWW_PER_SECOND = 2.0
"""The website publishes no limit."""
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
    INDEX = "index"  # of a web archive: JSON, or JSON a line


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
        per_second: polite number of requests a second.
        wants_contact: whether the host wants to be told how to reach who asks.
        needs: the member of a JSON object, the root of an XML document or the column of a CSV without which an
            answer is not this page; empty if nothing tells.
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
        is_filtered: of a list, whether it is asked for by country, so that everyone on it is wanted.
    """

    endpoint: Endpoint
    url: str
    mep_id: int | None = None
    is_filtered: bool = False
