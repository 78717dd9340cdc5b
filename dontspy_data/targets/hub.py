"""A dataset repository on the Hugging Face Hub as a target.

Everything goes into one commit that names the commit before as its parent, so that it is atomic and overwrites
nobody's; the Hub checks the SHA-256 of every large file it is given, and stores equal files once, so every file lies in
its release's folder. The latest release's card is also the repository's own `README.md`, its paths pointing into the
release's folder.

The token comes from where `huggingface_hub` takes it: `HF_TOKEN`, or `hf auth login`. `HF_ENDPOINT` names another hub.
"""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi
from huggingface_hub.errors import EntryNotFoundError, HfHubHTTPError, RepositoryNotFoundError
from huggingface_hub.utils.tqdm import disable_progress_bars

from dontspy_data.errors import DontspyError, UsageError
from dontspy_data.targets.ledger import LEDGER, Layout, Ledger, parse_ledger
from dontspy_data.targets.target import (
    DATASET,
    UNEXPECTED,
    Commit,
    ConflictError,
    OneStep,
    Target,
    TargetState,
    Uploaded,
    masked,
    network_errors,
)

ROOT = re.compile(r"datasets/(?P<repository>[^/@]+/[^/@]+)")
CARD = "README.md"
PATHS = re.compile(r"^(license_link: |\s+data_files: |\s+path: )(?=\S)", re.MULTILINE)
LINKS = re.compile(r"\]\((?!https?:|#)")
PURGED = "Purge "
KEPT = "What was published before is unchanged. Try again later."


@dataclass(frozen=True)
class HubWriter(OneStep):
    """A dataset repository as a writable target: each commit names the one before it, which keeps others out.

    Attributes:
        target: where it is, for reading.
        repository: `OWNER/NAME`.
    """

    target: Target
    repository: str
    can_rewrite: bool = True
    layout: Layout = Layout.FOLDERS

    @cached_property
    def api(self) -> HfApi:
        """The Hub's own client."""
        return HfApi()

    def address(self, version: str) -> str:  # noqa: ARG002
        """Return where people find a release; see `TargetWriter.address`."""
        return self.target.url

    def state(self) -> TargetState:
        """Return what is published now; see `TargetWriter.state`. Its token is the latest commit."""
        with self._failures(LEDGER):
            head = self.api.repo_info(self.repository, repo_type="dataset").sha
            try:
                path = self.api.hf_hub_download(self.repository, LEDGER, repo_type="dataset", revision=head)
            except EntryNotFoundError:
                return TargetState(Ledger(DATASET), head)
            return TargetState(parse_ledger(Path(path).read_bytes()), head)

    def commit(self, commit: Commit, state: TargetState) -> Uploaded:
        """Make a change; see `TargetWriter.commit`."""
        adds = [
            CommitOperationAdd(f"{commit.version}/{name}", str(commit.source / name))
            for name in commit.sent()
        ]
        latest = commit.ledger.find().version
        extra = [CommitOperationAdd(LEDGER, commit.ledger.to_json().encode())]
        if commit.version == latest and CARD in commit.digests:
            card = (commit.source / CARD).read_text("utf-8")
            extra.append(CommitOperationAdd(CARD, root_card(card, latest).encode()))
        with self._failures(commit.what):
            there = self.api.list_repo_files(self.repository, repo_type="dataset", revision=state.token)
            removed = [CommitOperationDelete(path) for path in there if _is_left_over(commit, path)]
            self.api.create_commit(
                self.repository,
                [*adds, *extra, *removed],
                commit_message=f"{PURGED if commit.is_purge else 'Publish '}{commit.version}",
                repo_type="dataset",
                parent_commit=state.token,
            )
        return Uploaded(len(adds), sum(commit.sizes[name] for name in commit.sent()))

    def forget_history(self) -> None:
        """Remove what was purged from the history and the large-file store; see `TargetWriter.forget_history`."""
        with self._failures("purge"):
            commits = self.api.list_repo_commits(self.repository, repo_type="dataset")
            if not any(commit.title.startswith(PURGED) for commit in commits):
                return
            tree = self.api.list_repo_tree(self.repository, recursive=True, repo_type="dataset")
            kept = {lfs.sha256 for entry in tree if (lfs := getattr(entry, "lfs", None))}
            replaced = [
                file
                for file in self.api.list_lfs_files(self.repository, repo_type="dataset")
                if file.file_oid not in kept
            ]
            if replaced:
                self.api.permanently_delete_lfs_files(self.repository, replaced, repo_type="dataset")
            # Last, since the commits' titles tell the next purge that this remains to be done.
            self.api.super_squash_history(self.repository, repo_type="dataset")

    @contextmanager
    def _failures(self, what: str) -> Iterator[None]:
        try:
            yield
        except RepositoryNotFoundError as error:
            raise UsageError(
                f"{self.target.url} does not exist, or this account has no access to it",
                hint=f"Create it (hf repo create {self.repository} --type dataset) and set HF_TOKEN.",
            ) from error
        except HfHubHTTPError as error:
            status = error.response.status_code if error.response is not None else None
            if status == 412:
                raise ConflictError(
                    f"somebody else published at {self.target.url} in the meantime; {what} was not published",
                    hint="Look at what is there with dontspy-data releases, and publish again.",
                ) from error
            raise self._failed(
                what,
                f"the Hub answered {status}",
                "Check HF_TOKEN and that it may write." if status in (401, 403) else KEPT,
            ) from error
        except network_errors() + UNEXPECTED as error:
            raise self._failed(what, masked(f"{type(error).__name__} {error}"), KEPT) from error

    def _failed(self, what: str, why: str, hint: str) -> DontspyError:
        return DontspyError(f"{what} cannot be published at {self.target.url}: {why}", hint=hint)


def hub_writer(target: Target) -> HubWriter:
    """Return the writer for the dataset repository that a target names.

    Raises:
        UsageError: the address names something else.
    """
    match = ROOT.fullmatch(target.root)
    if not match:
        raise UsageError(
            f"{target.url} is not a dataset repository", hint="Write it like hf://datasets/OWNER/NAME."
        )
    if not sys.stderr.isatty():
        disable_progress_bars()
    return HubWriter(target, match["repository"])


def root_card(card: str, version: str) -> str:
    """Return a release's card as the repository's README: paths of data and links point into the release's folder."""
    _, matter, text = card.split("---\n", 2)
    matter = PATHS.sub(lambda found: f"{found[1]}{version}/", matter)
    return f"---\n{matter}---\n{LINKS.sub(f']({version}/', text)}"


def _is_left_over(commit: Commit, path: str) -> bool:
    """Return whether a file of the repository belongs to no release, or is no longer needed."""
    version, _, name = path.partition("/")
    if commit.ledger.get(version) is None or not name:
        return False
    is_foreign = version == commit.version and name not in commit.digests
    return is_foreign or not commit.ledger.stores(version, name)
