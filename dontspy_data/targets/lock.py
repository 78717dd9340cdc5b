"""The claim: `publishing.json` at a target, by which a publisher asks others to wait.

It says what is being published and since when, by the publisher's clock. One that is left behind is of a publisher
that was stopped: the same commit goes on from there, and after a day so does any other. So that nobody is overtaken
who still works, a publisher stops by itself long before that day is over.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from dontspy_data.targets.store import Commit

CLAIM = "publishing.json"
HELD = timedelta(days=1)
WORKED = timedelta(hours=12)  # leaves half a day for clocks that differ, and for a file that is on its way


@dataclass(frozen=True, slots=True)
class Claim:
    """Who publishes at a target.

    Attributes:
        publishing: what is published, for people.
        sha256: of that and of the files it consists of, so that the same commit knows its own claim.
        since: when it was made, UTC.
    """

    publishing: str
    sha256: str
    since: datetime

    @property
    def is_stale(self) -> bool:
        """Whether whoever made it can be at work no more."""
        return datetime.now(UTC) - self.since > HELD

    @property
    def is_worn_out(self) -> bool:
        """Whether whoever made it should stop."""
        return datetime.now(UTC) - self.since > WORKED

    def to_json(self) -> bytes:
        """The text of `publishing.json`."""
        about = {"publishing": self.publishing, "sha256": self.sha256, "since": self.since.isoformat()}
        return f"{json.dumps(about)}\n".encode()


def claim_for(commit: Commit) -> Claim:
    """A claim for a commit, made now."""
    listed = "".join(f"{digest}  {path}\n" for path, digest in sorted(commit.digests.items()))
    digest = hashlib.sha256(f"{commit.what}\n{listed}".encode()).hexdigest()
    return Claim(commit.what, digest, datetime.now(UTC).replace(microsecond=0))


def parse_claim(body: bytes) -> Claim | None:
    """A claim from the text of `publishing.json`; None where that cannot be understood."""
    try:
        about = json.loads(body)
        since = datetime.fromisoformat(about["since"]).astimezone(UTC)
        return Claim(str(about["publishing"]), str(about["sha256"]), since)
    except (ValueError, KeyError, TypeError):
        return None
