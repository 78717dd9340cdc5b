"""Answers on disk as they come: a `.part` file beside the output, which becomes the output in the end.

Every record is one write of one whole gzip member, so a process killed at any moment leaves whole records and
at most one cut-off tail, which the next run cuts away. The system keeps what was written when the process
dies; against a power cut the file is also synced every few seconds; bytes that are not a whole record are cut away.
"""

import fcntl
import io
import os
import threading
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from dontspy_data._version import __version__
from dontspy_data.capture.captures import Captures, Entry, read_info, scan
from dontspy_data.capture.records import info_record
from dontspy_data.errors import CaptureError, DontspyError, UsageError

SYNC_SECONDS = 2.0


def part_of(output: Path) -> Path:
    """Return where the answers for an output are kept until the run is over."""
    return output.with_name(output.name + ".part")


class Store:
    """The capture that a run writes. Threads may add to it at once; one process may hold it.

    Attributes:
        part: the file that is written.
        held: the answers that an interrupted run left in it.
        resumed: what was done with the unusable file of an interrupted run, one sentence each.
    """

    def __init__(self, output: Path, file: io.FileIO, held: Captures, resumed: tuple[str, ...]) -> None:
        self.part = part_of(output)
        self.held = held
        self.resumed = resumed
        self._output = output
        self._file = file
        self._end = file.tell()
        self._failed: OSError | None = None
        self._closing = threading.Event()
        # In a thread of its own, so that writing does not wait.
        self._syncing = threading.Thread(target=self._sync, daemon=True)
        self._syncing.start()
        self._lock = threading.Lock()

    @classmethod
    def open(cls, output: Path, made_with: Mapping[str, str]) -> "Store":
        """Take hold of an output's `.part` file: a new one, or the one that an interrupted run left.

        Args:
            output: the capture that the file becomes in the end.
            made_with: options that decide which answers the capture holds. The file of a run with others is set
                aside, and a new one begun.

        Raises:
            UsageError: another process holds it, or its folder is not there.
            CaptureError: what is in it is not a capture.
        """
        part = part_of(output)
        file = _lock(part)
        try:
            set_aside = _set_aside(part, made_with)
            if set_aside:
                file.close()
                file = _lock(part)
            return cls(output, file, *_resume(part, file, made_with, set_aside))
        except BaseException:
            file.close()
            raise

    def add(self, record: bytes) -> None:
        """Keep one record: an answer, or a remark about one; see `records`.

        Raises:
            DontspyError: the disk is full, or failed; what was kept before stays readable.
        """
        with self._lock:
            if self._file.closed:
                return  # The run has ended while this answer was on its way; the next run asks again.
            _or_explain(lambda: self._write(record), self.part)

    def finish(self) -> None:
        """Make the `.part` file the output. What is at the output's path is whole from then on.

        Raises:
            DontspyError: the disk is full, or failed.
        """
        self._stop_syncing()
        _or_explain(self._rename, self.part)
        self.close()

    def close(self) -> None:
        """Release the file; an unfinished one is left for the next run."""
        self._stop_syncing()
        with self._lock:
            self._file.close()

    def _rename(self) -> None:
        if self._failed:
            raise self._failed
        os.fsync(self._file.fileno())
        self.part.rename(self._output)
        _sync_folder(self._output.parent)

    def _stop_syncing(self) -> None:
        self._closing.set()
        self._syncing.join()

    def _sync(self) -> None:
        while not self._closing.wait(SYNC_SECONDS):
            try:
                os.fsync(self._file.fileno())
            except OSError as error:
                self._failed = error  # The system reports the error once; the next write raises it.
                return

    def _write(self, record: bytes) -> None:
        if self._failed:
            raise self._failed
        try:
            view = memoryview(record)
            while view:
                view = view[self._file.write(view) :]
        except OSError:
            self._file.truncate(self._end)
            self._file.seek(self._end)
            raise
        self._end += len(record)


def write_capture(output: Path, records: Iterable[bytes]) -> None:
    """Write a whole capture, or nothing.

    Raises:
        DontspyError: the disk is full, or failed.
    """
    part = part_of(output)

    def write() -> None:
        with part.open("wb") as stream:
            stream.writelines(records)
            stream.flush()
            os.fsync(stream.fileno())
        part.rename(output)
        _sync_folder(output.parent)

    try:
        _or_explain(write, part)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _lock(part: Path) -> io.FileIO:
    try:
        file = io.FileIO(os.open(part, os.O_RDWR | os.O_CREAT, 0o644), "r+")
    except OSError as error:
        raise UsageError(
            f"{part} cannot be written: {error.strerror}",
            hint="Name a file in a folder that is there and yours.",
        ) from error
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # The collector that held it may have finished in between, and the file is its capture now.
        if not part.exists() or os.fstat(file.fileno()).st_ino != part.stat().st_ino:
            raise BlockingIOError
    except BlockingIOError:
        file.close()
        raise UsageError(
            f"another collector is writing {part.name}", hint="Wait until it is done, or name another output."
        ) from None
    return file


def _set_aside(part: Path, made_with: Mapping[str, str]) -> tuple[str, ...]:
    """Set aside the file of a run with other options, and report it."""
    if not part.stat().st_size:
        return ()
    try:
        before = read_info(part)
    except CaptureError:
        return ()  # A damaged capture is repaired; a file that is not a capture is refused.
    if before is None:
        return ()
    other = [name for name, value in made_with.items() if before.get(name, "") != value]
    if not other:
        return ()
    aside = part.with_name(part.name + ".aside")
    part.rename(aside)
    options = ", ".join(
        f"{name.removeprefix('collect-')} was {before.get(name) or 'not given'}" for name in other
    )
    return (
        f"{part.name} was made with other options ({options}): it is now {aside.name}, and this run started afresh",
    )


def _resume(
    part: Path, file: io.FileIO, made_with: Mapping[str, str], said: tuple[str, ...]
) -> tuple[Captures, tuple[str, ...]]:
    """Read the answers in a `.part` file and leave it at its end; report what was done with a damaged one."""
    entries, repaired = _scan_or_repair(part, file) if file.seek(0, os.SEEK_END) else ([], "")
    # Up to the last answer: a remark after it is made again with the answer that it is about.
    end = entries[-1].end if entries else 0
    file.truncate(end)
    file.seek(end)
    if not end:
        started_at = datetime.now(UTC)
        file.write(info_record(f"dontspy-data/{__version__}", started_at, made_with))
    return Captures(entries), (*said, repaired) if repaired else said


def _scan_or_repair(part: Path, file: io.FileIO) -> tuple[list[Entry], str]:
    before = part.stat().st_size
    found = scan(part)
    lost = before - sum(end - start for start, end in found.whole)
    if not found.problems and (found.cut_at is not None or not lost):
        return found.entries, ""  # What a kill leaves.
    _keep_only(file, found.whole)
    return scan(part).entries, (
        f"{part.name} was damaged: {lost:,} of its {before:,} bytes were not whole records and were cut "
        "away; what they held is asked for again"
    )


def _keep_only(file: io.FileIO, records: Iterable[tuple[int, int]]) -> int:
    """Close the gaps between records, each given by its first byte and its end; return the remaining size."""
    end = 0
    for start, stop in records:
        if start > end:
            file.seek(start)
            record = file.read(stop - start)
            file.seek(end)
            file.write(record)
        end += stop - start
    file.truncate(end)
    return end


def _sync_folder(folder: Path) -> None:
    """Make a rename in a folder durable."""
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def _or_explain(action: Callable[[], None], part: Path) -> None:
    try:
        action()
    except OSError as error:
        raise DontspyError(
            f"{part} could not be written: {error.strerror}",
            hint="Make room and run the same command again: what was received is kept.",
        ) from error
