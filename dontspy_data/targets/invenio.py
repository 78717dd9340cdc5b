"""An InvenioRDM server, such as Zenodo: its REST API, and its failures as errors that people understand.

API: https://inveniordm.docs.cern.ch/reference/rest_api_drafts_records/
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from dontspy_data.errors import DontspyError, UsageError
from dontspy_data.model.foreign import JsonValue, MalformedError, read_json
from dontspy_data.targets.target import TRY_AGAIN, UnreachableError

TIMEOUT = (10, 300)
PIECE = 1 << 20
LARGEST_ANSWER = 64 << 20


class NoRecordError(UsageError):
    """The server has no such record, draft or file, or not for this account."""


@dataclass(frozen=True, slots=True)
class InvenioServer:
    """A server.

    Attributes:
        base: its address, without a slash at its end.
        session: sends the token with every request.
    """

    base: str
    session: requests.Session

    def json(self, method: str, path: str, *, json: Any = None) -> JsonValue:
        """Return what the server answers; arguments and errors as of `send`.

        Raises:
            MalformedError: the answer is no JSON.
        """
        return read_json(self.content(method, path, json=json), f"{self.base}/api/{path}", hint=TRY_AGAIN)

    def content(self, method: str, path: str, **body: Any) -> bytes:
        """Return an answer's bytes; arguments and errors as of `send`.

        Raises:
            MalformedError: there are too many of them.
        """
        answer = self.send(method, path, stream=True, **body)
        found = bytearray()
        with self._failures(), answer:
            for piece in answer.iter_content(PIECE):
                found += piece
                if len(found) > LARGEST_ANSWER:
                    raise MalformedError(
                        f"{self.base}/api/{path}",
                        "",
                        f"it has more than {LARGEST_ANSWER:,} bytes",
                        hint=TRY_AGAIN,
                    )
        return bytes(found)

    def send(self, method: str, path: str, **body: Any) -> requests.Response:
        """Send a request.

        Args:
            method: of HTTP.
            path: below `/api/`.
            body: what to send, by requests' own names.

        Raises:
            NoRecordError: there is no such thing.
            UnreachableError: the server cannot be reached, or failed.
            DontspyError: it says no.
        """
        with self._failures():
            answer = self.session.request(method, f"{self.base}/api/{path}", timeout=TIMEOUT, **body)
            answer.raise_for_status()
            return answer

    def download(self, path: str, to: Path) -> None:
        """Bring a file onto this machine; errors as of `send`."""
        answer = self.send("GET", path, stream=True)
        with self._failures(), answer, to.open("wb") as stream:
            for piece in answer.iter_content(PIECE):
                stream.write(piece)

    @contextmanager
    def _failures(self) -> Iterator[None]:
        try:
            yield
        except requests.HTTPError as error:
            status = error.response.status_code
            what = f"{self.base} answered {status}: {_reason(error.response)}"
            if status == 404:
                raise NoRecordError(
                    what,
                    hint="Give the number of a record with such releases: zenodo:1234567, or zenodo:new for the first.",
                ) from error
            if status in (401, 403):
                hint = "Set ZENODO_TOKEN to a token with the scopes deposit:write and deposit:actions."
                raise DontspyError(what, hint=hint) from error
            raise UnreachableError(what, hint="Try again later.") from error
        except (requests.RequestException, UnicodeError) as error:  # the latter for a host that is no name
            raise UnreachableError(
                f"{self.base} cannot be reached: {type(error).__name__}", hint="Try again later."
            ) from error


def _reason(answer: requests.Response) -> str:
    try:
        message = read_json(answer.content, "", largest=LARGEST_ANSWER).get("message")
        return message.text(longest=1000) if message else str(answer.reason)
    except (DontspyError, requests.RequestException):
        return str(answer.reason)
