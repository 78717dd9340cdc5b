"""Captures written record by record, and read without their portraits: for the sample, benchmarks and tests."""

from collections.abc import Mapping
from datetime import datetime
from typing import IO

from dontspy_data.capture.captures import Captures
from dontspy_data.capture.records import Page, info_record, response_record, revisit_record
from dontspy_data.sources.read import Readings, read_once


class CaptureWriter:
    """Appends answers to a capture, one compressed record each."""

    def __init__(
        self, stream: IO[bytes], *, software: str, started_at: datetime, info: Mapping[str, str] | None = None
    ) -> None:
        self._stream = stream
        if stream.tell() == 0:
            stream.write(info_record(software, started_at, info or {}))

    def write(self, page: Page, *, reason: str = "OK") -> None:
        """Append a whole answer."""
        self._stream.write(response_record(page, reason=reason))

    def write_revisit(self, page: Page, refers_to: datetime) -> None:
        """Append that a URL's answer is unchanged since the one received at `refers_to`.

        Args:
            page: the 304 answer; its body is not written.
            refers_to: when the answer that still stands was received.
        """
        self._stream.write(revisit_record(page, refers_to))


def read_all(captures: Captures) -> Readings:
    """Read captures as `read_once` does, and let the portraits go by."""
    reading = read_once(captures)
    while True:
        try:
            next(reading)
        except StopIteration as end:
            found: Readings = end.value
            return found
