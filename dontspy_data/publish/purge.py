"""Purging: taking what is withdrawn out of the releases that are published already.

Each such release is made anew without it, under its own version, and the ledger says whose bytes are removed: before
they are, since a purge that was stopped leaves nothing to tell it by. While a release is replaced, a reader who checks
digests finds it changed and is told to try again.
"""

import hashlib
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from dontspy_data.model.withdrawals import Withdrawals
from dontspy_data.package.digests import CHECKSUMS, DESCRIPTOR, parse_checksums, sha256_of
from dontspy_data.package.open import open_package
from dontspy_data.release.redact import redacted
from dontspy_data.release.row_changes import withdrawals_of
from dontspy_data.targets.entry import ledger_entry, listed_digests
from dontspy_data.targets.files import is_compared
from dontspy_data.targets.ledger import Ledger, ReleaseEntry
from dontspy_data.targets.store import Commit, ConflictError, State, Store
from dontspy_data.targets.target import Target

WITHDRAWN = "data/withdrawals.parquet"


def purge(store: Store, withdrawn: Withdrawals) -> tuple[str, ...]:
    """Remove what is withdrawn from every release at a target.

    A purge that was stopped is completed by the next one.

    Returns:
        The versions that were changed.

    Raises:
        ConflictError: somebody else published meanwhile; what was replaced so far is completed by the next purge.
        DontspyError: the target failed or says no, or a release there is damaged.
    """
    state = store.state()
    entries: list[ReleaseEntry] = []
    digests: dict[str, str] = {}
    sources: dict[str, Path] = {}
    with ExitStack() as stack:
        for entry in state.ledger.releases:
            root = Path(stack.enter_context(TemporaryDirectory(prefix="dontspy-data-")))
            new = _purged(store.target, entry, withdrawn, root)
            entries.append(new or entry)
            if new:
                for path, digest in listed_digests(root / "new").items():
                    digests[f"{entry.version}/{path}"] = digest
                    sources[f"{entry.version}/{path}"] = root / "new" / path
        changed = tuple(
            new.version for new, old in zip(entries, state.ledger.releases, strict=True) if new != old
        )
        if changed:
            what = f"purge of {', '.join(changed)}"
            ledger = Ledger(state.ledger.name, tuple(entries))
            store.commit(Commit(what, digests, sources, ledger, forget=True), _marked(store, state, entries))
    return changed


def _marked(store: Store, state: State, entries: Sequence[ReleaseEntry]) -> State:
    """What is published once the ledger says whose bytes will be removed."""
    pairs = zip(state.ledger.releases, entries, strict=True)
    marked = Ledger(state.ledger.name, tuple(replace(old, purged=new.purged) for old, new in pairs))
    if marked == state.ledger:
        return state
    store.commit(Commit("marks of a purge", {}, {}, marked), state)
    now = store.state()
    if now.ledger != marked:
        raise ConflictError(
            f"somebody else published at {store.target.url} in the meantime; nothing was purged yet",
            hint="Purge again.",
        )
    return now


def _purged(target: Target, entry: ReleaseEntry, withdrawn: Withdrawals, root: Path) -> ReleaseEntry | None:
    """A release without what is withdrawn, written to `root/new`; None where it shows nothing of that."""
    old, new = root / "old", root / "new"
    _fetch(target, entry, (WITHDRAWN, DESCRIPTOR), old)
    body = target.read(f"{entry.version}/{CHECKSUMS}")
    listed = parse_checksums(body, f"{target.url}@{entry.version}")
    known = set(withdrawals_of(open_package(old)).rows)
    # A purge may have been stopped between the table of what is withdrawn, the list of digests and the ledger.
    is_as_published = hashlib.sha256(body).hexdigest() == entry.digest
    is_as_listed = listed[WITHDRAWN] == sha256_of(old / WITHDRAWN)
    if set(withdrawn.rows) <= known and is_as_published and is_as_listed:
        return None
    _fetch(target, entry, _needed(listed, withdrawn), old)
    new.mkdir()
    release = open_package(old)
    removed = redacted(release, withdrawn, new)
    return replace(
        ledger_entry(new),
        withdrew=entry.withdrew,
        purged=tuple(sorted({*entry.purged, *removed})),
        accepted=entry.accepted,
    )


def _needed(paths: Iterable[str], withdrawn: Withdrawals) -> list[str]:
    """Paths that a release without what is withdrawn is made of; of a purge broken off, some may be new already."""
    hidden = {str(mep_id) for mep_id in withdrawn.people}
    return [
        path
        for path in paths
        if is_compared(path) or (path.endswith(".jpg") and Path(path).stem.split("-")[0] not in hidden)
    ]


def _fetch(target: Target, entry: ReleaseEntry, paths: list[str] | tuple[str, ...], folder: Path) -> None:
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(target.read(f"{entry.version}/{path}"))
