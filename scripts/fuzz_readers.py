"""The readers of foreign bytes that `scripts.fuzz` runs: their seeds, how each reads, and what it must not accept."""

import hashlib
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from dontspy_data import sample
from dontspy_data.capture.captures import Captures, Page
from dontspy_data.collect.page import PreviousCrawl
from dontspy_data.contest.attachments import read_attachment
from dontspy_data.contest.entries import RESOURCE, read_entries, read_release
from dontspy_data.model.schema import shipped_table
from dontspy_data.model.withdrawals import WITHDRAWALS, WithdrawalRow, Withdrawals, read_withdrawals
from dontspy_data.package.files import CHANGELOG, CHANGES, CHECKSUMS, DELTA, DESCRIPTOR, parse_checksums
from dontspy_data.package.open import open_package, read_descriptor
from dontspy_data.portraits.describe import describe
from dontspy_data.publish.publish import publish
from dontspy_data.release.changelog import read_changelog
from dontspy_data.release.release import release_package
from dontspy_data.release.row_changes import delta_without
from dontspy_data.sources import SOURCES, address_of, source_of
from dontspy_data.targets.files import download
from dontspy_data.targets.invenio import InvenioServer, RecordFiles
from dontspy_data.targets.ledger import LEDGER, MANIFEST, parse_ledger, parse_manifest
from dontspy_data.targets.object_store import new_lock, parse_lock
from dontspy_data.targets.open import open_target

Read = Callable[[bytes], str | None]
"""Read an input; the text says what is wrong with accepting it, None that nothing is."""
PORTRAITS = 12
COUNTRIES = "data/countries.parquet"
PAGES = 25


@dataclass(frozen=True)
class Corpus:
    """What the seeds are taken from: a target with a release of the sample, and the sample's capture."""

    target: Path
    release: Path
    pages: dict[str, list[tuple[str, bytes]]]


@dataclass(frozen=True)
class FuzzReader:
    """A reader.

    Attributes:
        name: of it.
        seeds: inputs to change.
        prepare: given the corpus and an empty folder, returns what reads an input.
    """

    name: str
    seeds: Callable[[Corpus], list[bytes]]
    prepare: Callable[[Corpus, Path], Read]


def make_corpus(folder: Path) -> Corpus:
    """Make a release of the sample, publish it into a folder, and sort the capture's pages by source."""
    release, target = folder / "release", folder / "target"
    reason = "a corpus needs no floors"
    release_package(sample.package_path(), None, release, accept=reason)
    publish(release, open_target(str(target)))
    captures = Captures.open([sample.path()], address_of)
    pages: dict[str, list[tuple[str, bytes]]] = {source.name: [] for source in SOURCES}
    for url in captures.urls():
        source, page = source_of(url), captures.latest(url)
        if source and page and page.status == 200 and len(pages[source.name]) < PAGES:
            pages[source.name].append((url, page.body))
    return Corpus(target, release, pages)


def _file(*parts: str) -> Callable[[Corpus], list[bytes]]:
    return lambda corpus: [corpus.release.joinpath(*parts).read_bytes()]


def _simple(read: Callable[[bytes], Any]) -> Callable[[Corpus, Path], Read]:
    def prepared(_: Corpus, __: Path) -> Read:
        def reading(body: bytes) -> None:
            read(body)

        return reading

    return prepared


def _ledger(_: Corpus, __: Path) -> Read:
    def read(body: bytes) -> str | None:
        ledger = parse_ledger(body)
        return None if parse_ledger(ledger.to_json()) == ledger else "is not what is written again"

    return read


def _checksums(_: Corpus, folder: Path) -> Read:
    def read(body: bytes) -> str | None:
        for path in parse_checksums(body, "x"):
            if not (folder / path).resolve().is_relative_to(folder) or (folder / path).resolve() == folder:
                return f"{path!r} leads out of the folder"
        return None

    return read


def _manifest(_: Corpus, folder: Path) -> Read:
    def read(body: bytes) -> str | None:
        listing = parse_manifest(body, "x")
        for path in (*listing.digests, *listing.objects.values()):
            if not (folder / path).resolve().is_relative_to(folder) or (folder / path).resolve() == folder:
                return f"{path!r} leads out of the folder"
        again = parse_manifest(listing.to_manifest("1.0.0").encode(), "x")
        return None if again == listing else "is not what is written again"

    return read


def _withdrawals(_: Corpus, folder: Path) -> Read:
    def read(body: bytes) -> str | None:
        path = folder / WITHDRAWALS
        path.write_bytes(body)
        numbers = {
            int(one) for one in re.findall(rb'(?m)^"?([1-9][0-9]{0,8})"?,', body.replace(b"\r", b"\n"))
        }
        strange = read_withdrawals(path).people - numbers
        return f"{strange} is not written there" if strange else None

    return read


def _in_package(name: str, read: Callable[[Path], Any]) -> Callable[[Corpus, Path], Read]:
    """Return a reader of a package in which one file has the input's bytes."""

    def prepared(corpus: Corpus, folder: Path) -> Read:
        package = folder / "package"
        shutil.copytree(corpus.release, package)

        def reading(body: bytes) -> None:
            (package / name).write_bytes(body)
            read(package)

        return reading

    return prepared


def _published(name: str) -> Callable[[Corpus, Path], Read]:
    """Return a reader of a file of a published release, which must have the bytes that it was published with."""

    def prepared(corpus: Corpus, folder: Path) -> Read:
        there = folder / "there"
        there.mkdir()
        whole = (corpus.release / name).read_bytes()
        digest = hashlib.sha256(whole).hexdigest()

        def reading(body: bytes) -> str | None:
            (there / "file").write_bytes(body)
            download(open_target(str(there)), "file", (digest,), folder / "here")
            (folder / "here").unlink()
            return None if body == whole else "other bytes were taken"

        return reading

    return prepared


def _zenodo(corpus: Corpus, _: Path) -> Read:
    about = (corpus.release / DESCRIPTOR).read_bytes()
    listed = (corpus.release / CHECKSUMS).read_bytes()

    class Server(InvenioServer):
        def content(self, method: str, path: str, **_: Any) -> bytes:
            if path.endswith("/content"):
                return about if DESCRIPTOR in path else listed
            return answer[0] if method == "GET" else b"{}"

    answer = [b""]
    session: Any = None

    def read(body: bytes) -> None:
        answer[0] = body
        files = RecordFiles(Server("http://127.0.0.1", session), "1")
        files.ledger()

    return read


def _zenodo_seeds(_: Corpus) -> list[bytes]:
    return [
        b'{"hits": {"hits": [{"id": "1", "files": {"total_bytes": 1000}, "versions": {"index": 1}}]}}',
        b'{"hits": {"hits": []}, "id": 7, "versions": {"index": 2}}',
    ]


def _capture_seeds(_: Corpus) -> list[bytes]:
    """Return a small capture: its first records, each a gzip member of its own."""
    body = sample.path().read_bytes()
    members = [found.start() for found in re.finditer(rb"\x1f\x8b\x08", body)]
    return [body[: members[12]], body[members[3] : members[20]]]


def _capture(_: Corpus, folder: Path) -> Read:
    captures = Captures.open([sample.path()], address_of)
    known = {hashlib.sha256(page.body).hexdigest() for url in captures.urls() for page in captures.pages(url)}

    def read(body: bytes) -> str | None:
        path = folder / "x.warc.gz"
        path.write_bytes(body)
        found = Captures.open([path], address_of)
        for url in found.urls():
            for page in found.pages(url):
                if hashlib.sha256(page.body).hexdigest() not in known:
                    return f"{url} has a body that was never received"
        return None

    return read


def _page(name: str) -> Callable[[Corpus, Path], Read]:
    """Return a reader of a source's pages; the first line of an input is the page's address."""

    def prepared(corpus: Corpus, _: Path) -> Read:
        source = next(source for source in SOURCES if source.name == name)
        captures = Captures.open([sample.path()], address_of)
        url = corpus.pages[name][0][0]
        first = captures.latest(url)

        def reading(body: bytes) -> None:
            if first:
                source.read(Page(url, 200, first.headers, body, first.retrieved_at))

        return reading

    return prepared


def _pages_of(name: str) -> Callable[[Corpus], list[bytes]]:
    return lambda corpus: [body for _, body in corpus.pages[name]]


def _portraits(corpus: Corpus) -> list[bytes]:
    return [path.read_bytes() for path in sorted(corpus.release.glob("portraits/*.jpg"))[:PORTRAITS]]


def _entries(_: Corpus, folder: Path) -> Read:
    def read(body: bytes) -> None:
        (folder / "entries.csv").write_bytes(body)
        read_entries(folder / "entries.csv")

    return read


def _entry_seeds(corpus: Corpus) -> list[bytes]:
    header = ",".join(field.name for field in shipped_table(RESOURCE).fields)
    row = "ff-1,fakeface,A,T,https://example.org/1,2026-01-20,9000001,made up,9,9,2026-01-21,me,https://example.org/2"
    return [f"{header}\n{row}\n".encode(), *_meps_csv(corpus)]


def _attachment(suffix: str) -> Callable[[Corpus, Path], Read]:
    def prepared(corpus: Corpus, folder: Path) -> Read:
        known = read_release(corpus.release)

        def reading(body: bytes) -> None:
            (folder / f"a{suffix}").write_bytes(body)
            read_attachment(folder, f"a{suffix}", known)

        return reading

    return prepared


def _meps_csv(_: Corpus) -> list[bytes]:
    return [b"mep_id,score\n9000001,1.5\n9000003,2\n"]


def _lock_seeds(_: Corpus) -> list[bytes]:
    return [new_lock("1.0.0", "0" * 64).to_json()]


def _withdrawal_seeds(_: Corpus) -> list[bytes]:
    return [
        b"mep_id,scope,withdrawn_on,reason\n9000001,person,2026-02-01,legal\n9000002,portrait,2026-02-01,request\n"
    ]


def _delta(body: bytes) -> None:
    row = WithdrawalRow(9000001, "person", date(2026, 1, 1), "request")
    delta_without(body.decode("utf-8", errors="replace"), Withdrawals((row,)))


def _old_changelog(release: Path) -> None:
    (release / CHANGES).unlink(missing_ok=True)
    read_changelog(release)


READERS: tuple[FuzzReader, ...] = (
    FuzzReader("ledger", lambda corpus: [(corpus.target / LEDGER).read_bytes()], _ledger),
    FuzzReader("descriptor", _file(DESCRIPTOR), _simple(lambda body: read_descriptor(body, "x"))),
    FuzzReader("checksums", _file(CHECKSUMS), _checksums),
    FuzzReader(
        "manifest", lambda corpus: [next(corpus.target.glob(f"*/{MANIFEST}")).read_bytes()], _manifest
    ),
    FuzzReader("lock", _lock_seeds, _simple(parse_lock)),
    FuzzReader("changelog", _file(CHANGES), _in_package(CHANGES, read_changelog)),
    FuzzReader("old changelog", _file(CHANGELOG), _in_package(CHANGELOG, _old_changelog)),
    FuzzReader("delta", _file(DELTA), _simple(_delta)),
    FuzzReader(
        "withdrawals",
        lambda _: [b"mep_id,scope,withdrawn_on,reason\n9000001,person,2026-02-01,legal\n"],
        _withdrawals,
    ),
    FuzzReader(
        "pages.csv", _file("data/pages.csv"), _in_package("data/pages.csv", lambda p: PreviousCrawl.open([p]))
    ),
    FuzzReader(
        "parquet",
        _file("data/countries.parquet"),
        _in_package("data/countries.parquet", lambda p: open_package(p).read("countries")),
    ),
    FuzzReader("published file", _file("CITATION.cff"), _published("CITATION.cff")),
    FuzzReader("zenodo", _zenodo_seeds, _zenodo),
    FuzzReader("capture", _capture_seeds, _capture),
    FuzzReader("portrait", _portraits, _simple(lambda body: describe(body, faces=False))),
    FuzzReader("entries", _entry_seeds, _entries),
    FuzzReader("attachment csv", _meps_csv, _attachment(".csv")),
    FuzzReader("attachment parquet", _file("data/meps.parquet"), _attachment(".parquet")),
    *(
        FuzzReader(source.name, _pages_of(source.name), _page(source.name))
        for source in SOURCES
        if source.endpoints  # a web archive has pages of other sources only
        if source.name != "portraits"
    ),
)
