"""A dataset repository on the Hugging Face Hub as a target.

Everything goes into one commit that names the commit before as its parent, so it is whole and nobody is overwritten;
the Hub checks the SHA-256 of every large file it is given. The repository keeps the layout of every target, with the
latest release's card as its own `README.md`, its paths pointing into the release's folder.

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
from dontspy_data.targets.ledger import LEDGER, Ledger, parse_ledger
from dontspy_data.targets.store import DATASET, Commit, ConflictError, State
from dontspy_data.targets.target import Target

ROOT = re.compile(r"datasets/(?P<repository>[^/@]+/[^/@]+)")
CARD = "README.md"
PATHS = re.compile(r"^(license_link: |\s+data_files: )(?=\S)", re.MULTILINE)
LINKS = re.compile(r"\]\((?!https?:|#)")


@dataclass(frozen=True)
class HubStore:
    """A dataset repository.

    Attributes:
        target: where it is, for reading.
        repository: `OWNER/NAME`.
    """

    target: Target
    repository: str

    @cached_property
    def api(self) -> HfApi:
        """The Hub's own client."""
        return HfApi()

    def state(self) -> State:
        """What is published now; see `Store.state`. Its token is the latest commit."""
        with self._failures(LEDGER):
            head = self.api.repo_info(self.repository, repo_type="dataset").sha
            try:
                path = self.api.hf_hub_download(self.repository, LEDGER, repo_type="dataset", revision=head)
            except EntryNotFoundError:
                return State(Ledger(DATASET), head)
            return State(parse_ledger(Path(path).read_bytes()), head)

    def commit(self, commit: Commit, state: State) -> int:
        """Make a change; see `Store.commit`."""
        adds = [CommitOperationAdd(path, str(source)) for path, source in sorted(commit.sources.items())]
        latest = commit.ledger.find().version
        card = commit.sources.get(f"{latest}/{CARD}")
        extra = [CommitOperationAdd(LEDGER, commit.ledger.to_json().encode())]
        if card:
            extra.append(CommitOperationAdd(CARD, root_card(card.read_text("utf-8"), latest).encode()))
        with self._failures(commit.what):
            there = self.api.list_repo_files(self.repository, repo_type="dataset", revision=state.token)
            gone = [
                CommitOperationDelete(path)
                for path in there
                if path.split("/", 1)[0] in commit.folders and path not in commit.digests
            ]
            self.api.create_commit(
                self.repository,
                [*adds, *extra, *gone],
                commit_message=f"Publish {commit.what}",
                repo_type="dataset",
                parent_commit=state.token,
            )
            if commit.forget:
                self._forget(set(commit.digests.values()))
        return len(adds)

    def _forget(self, kept: set[str]) -> None:
        """Take what is not in the latest commit out of the history and out of the large-file store."""
        self.api.super_squash_history(self.repository, repo_type="dataset")
        tree = self.api.list_repo_tree(self.repository, recursive=True, repo_type="dataset")
        kept |= {lfs.sha256 for entry in tree if (lfs := getattr(entry, "lfs", None))}
        gone = [
            file
            for file in self.api.list_lfs_files(self.repository, repo_type="dataset")
            if file.file_oid not in kept
        ]
        if gone:
            self.api.permanently_delete_lfs_files(self.repository, gone, repo_type="dataset")

    @contextmanager
    def _failures(self, what: str) -> Iterator[None]:
        try:
            yield
        except RepositoryNotFoundError as error:
            raise UsageError(
                f"{self.target.url} is not there, or not for this account",
                hint=f"Create it (hf repo create {self.repository} --type dataset) and set HF_TOKEN.",
            ) from error
        except HfHubHTTPError as error:
            status = error.response.status_code if error.response is not None else None
            if status == 412:
                raise ConflictError(
                    f"somebody else published at {self.target.url} in the meantime; {what} was not published",
                    hint="Look at what is there with dontspy-data releases, and publish again.",
                ) from error
            raise DontspyError(
                f"{what} cannot be published at {self.target.url}: the Hub answered {status}",
                hint="Check HF_TOKEN and its right to write."
                if status in (401, 403)
                else "What was published before is as it was. Try again later.",
            ) from error
        except OSError as error:
            raise DontspyError(
                f"{what} cannot be published at {self.target.url}: {type(error).__name__} {error}",
                hint="What was published before is as it was. Try again later.",
            ) from error


def open_hub(target: Target) -> HubStore:
    """The dataset repository that a target names.

    Raises:
        UsageError: the address names something else.
    """
    match = ROOT.fullmatch(target.root)
    if not match:
        raise UsageError(
            f"{target.url} is no dataset repository", hint="Write it like hf://datasets/OWNER/NAME."
        )
    if not sys.stderr.isatty():
        disable_progress_bars()
    return HubStore(target, match["repository"])


def root_card(card: str, version: str) -> str:
    """A release's card as the repository's own: paths of data and links point into the release's folder."""
    _, matter, text = card.split("---\n", 2)
    matter = PATHS.sub(lambda found: f"{found[1]}{version}/", matter)
    return f"---\n{matter}---\n{LINKS.sub(f']({version}/', text)}"
