"""The journal of a purge: what files of a release may lie at a target while the release is being rewritten.

`VERSION/checksums.sha256.purge` is there from the first file that a purge removes until the ledger has the release's
new digest. Its lines are those of `checksums.sha256`, and a path may stand there with several digests: a purge that was
stopped may be followed by one that withdraws more. Whatever has neither a digest of the release nor one of the journal
is refused, so that a purge signs nothing that somebody else put there.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256

from dontspy_data.package.digests import CHECKSUMS, parse_checksums, parse_digest_lines
from dontspy_data.targets.files import DamagedError
from dontspy_data.targets.ledger import ReleaseEntry
from dontspy_data.targets.target import MissingError, Target

JOURNAL = f"{CHECKSUMS}.purge"


@dataclass(frozen=True, slots=True)
class Journal:
    """Digests that files of a release may have beside those that it was published with."""

    digests: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def allowing(self, digests: Mapping[str, str]) -> "Journal":
        """Return the journal with a digest more for each path."""
        more = {path: self.digests.get(path, frozenset()) | {digest} for path, digest in digests.items()}
        return Journal({**self.digests, **more})

    def to_text(self) -> str:
        """Return the journal's text: a line for each path and digest."""
        return "".join(
            f"{digest}  {path}\n" for path in sorted(self.digests) for digest in sorted(self.digests[path])
        )


def read_journal(target: Target, version: str) -> Journal | None:
    """Return the journal of a release; None if no purge of it was begun.

    Raises:
        MalformedError: it is damaged.
        UnreachableError: the target does not answer.
    """
    try:
        body = target.read(f"{version}/{JOURNAL}")
    except MissingError:
        return None
    found: dict[str, set[str]] = defaultdict(set)
    for path, digest in parse_digest_lines(body, f"{target.url}/{version}/{JOURNAL}"):
        found[path].add(digest)
    return Journal({path: frozenset(digests) for path, digests in found.items()})


def allowed_digests(
    target: Target, entry: ReleaseEntry, journal: Journal | None
) -> dict[str, frozenset[str]]:
    """Return the digests that each file of a published release may have.

    Args:
        target: where it is published.
        entry: of the release in the ledger.
        journal: of the purge that was begun; None if none was.

    Raises:
        DamagedError: its list of digests is neither the one of the ledger nor one of the journal.
        MalformedError: its list of digests is damaged.
    """
    origin = target.below(entry.version)
    body = origin.read(CHECKSUMS)
    more = journal.digests if journal else {}
    if sha256(body).hexdigest() not in {entry.digest, *more.get(CHECKSUMS, ())}:
        raise DamagedError(CHECKSUMS, origin.url)
    listed = parse_checksums(body, origin.url)
    return {path: frozenset({digest, *more.get(path, ())}) for path, digest in listed.items()}
