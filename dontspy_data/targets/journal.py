"""The journal of a purge: what files of a release may lie at a target while the release is being rewritten.

`VERSION/checksums.sha256.purge` is there from the first file that a purge removes until the ledger has the release's
new digest. Its lines are those of `checksums.sha256`, and a path may stand there with several digests: a purge that was
stopped may be followed by one that withdraws more. Whatever has neither a digest of the release nor one of the journal
is refused, so that a purge signs nothing that somebody else put there.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from dontspy_data.package.digests import CHECKSUMS, parse_digest_lines
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

    def allowed(self, digests: Mapping[str, str]) -> dict[str, frozenset[str]]:
        """Return the digests that each file of a release may have.

        Args:
            digests: that it was published with, by path.
        """
        return {path: frozenset({digest, *self.digests.get(path, ())}) for path, digest in digests.items()}

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
