"""What is known of each answer of a capture without reading its body."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Revisit:
    """The answer that an answer without a body of its own refers to.

    Attributes:
        url: its address.
        retrieved_at: when it was received, UTC; None where the record does not say.
        digest: of its payload, where the record says that this is the same; empty where it does not.
    """

    url: str
    retrieved_at: datetime | None
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """Where one answer stands: what the index knows without reading the body.

    Attributes:
        url: canonical address.
        retrieved_at: when the answer was received, UTC.
        status: HTTP status code as received; of a revisit, 304 for the most part, and 0 where it has none.
        path: the capture.
        offset: first byte of the record in the capture.
        end: first byte after the record.
        digest: of its payload, as the record gives it; empty where it gives none.
        revisits: the answer that this one refers to; None for a whole answer.
    """

    url: str
    retrieved_at: datetime
    status: int
    path: Path
    offset: int
    end: int
    digest: str = ""
    revisits: Revisit | None = None


@dataclass(frozen=True, slots=True)
class Remark:
    """That an answer was received and left out of the capture.

    Attributes:
        url: canonical address.
        retrieved_at: when the answer was received, UTC.
        why: the header of the answer that it was left out for.
        status: HTTP status code as received; None where the remark does not say.
    """

    url: str
    retrieved_at: datetime
    why: str
    status: int | None
