"""The lock: `publishing.json` at a target, by which a publisher asks others to wait.

It says what is being published and since when, by the publisher's clock. A lock that is left behind is of a publisher
that died: the same publisher goes on from there, and after a day so does any other. So that nobody is overtaken who
still works, a publisher stops by itself long before that day is over.
"""

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from dontspy_data.model.foreign import MalformedError, read_json

LOCK = "publishing.json"
STALE_AFTER = timedelta(days=1)
STOP_AFTER = timedelta(
    hours=12
)  # leaves half a day for clocks that differ, and for a file that is on its way
LARGEST = 10_000
DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Lock:
    """Who publishes at a target.

    Attributes:
        publishing: what is published, for people.
        sha256: of what is written, so that the same publisher knows its own lock.
        since: when it was made, UTC.
    """

    publishing: str
    sha256: str
    since: datetime

    @property
    def is_stale(self) -> bool:
        """Whether its owner must have died (older than `STALE_AFTER`)."""
        return datetime.now(UTC) - self.since > STALE_AFTER

    @property
    def should_stop(self) -> bool:
        """Whether its owner should stop."""
        return datetime.now(UTC) - self.since > STOP_AFTER

    def to_json(self) -> bytes:
        """Return the text of `publishing.json`."""
        about = {"publishing": self.publishing, "sha256": self.sha256, "since": self.since.isoformat()}
        return f"{json.dumps(about)}\n".encode()


def new_lock(what: str, sha256: str) -> Lock:
    """Return a lock, made now."""
    return Lock(what, sha256, datetime.now(UTC).replace(microsecond=0))


def parse_lock(body: bytes) -> Lock | None:
    """Return a lock from the text of `publishing.json`; None if that cannot be understood."""
    try:
        about = read_json(body, LOCK, largest=LARGEST)
        since = datetime.fromisoformat(about["since"].text(longest=40)).astimezone(UTC)
        return Lock(about["publishing"].text(longest=1000), about["sha256"].text(DIGEST), since)
    except (MalformedError, ValueError, OverflowError):
        return None
