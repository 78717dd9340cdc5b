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

TIMEOUT = (10, 300)
PIECE = 1 << 20


class NoRecordError(UsageError):
    """The server has no such record, draft or file, or not for this account."""


@dataclass(frozen=True, slots=True)
class Invenio:
    """A server.

    Attributes:
        base: its address, without a slash at its end.
        session: sends the token with every request.
    """

    base: str
    session: requests.Session

    def json(self, method: str, path: str, *, json: Any = None) -> Any:
        """What the server answers; arguments and errors as of `send`."""
        return self.send(method, path, json=json).json()

    def send(self, method: str, path: str, **body: Any) -> requests.Response:
        """Send a request.

        Args:
            method: of HTTP.
            path: below `/api/`.
            body: what to send, by requests' own names.

        Raises:
            NoRecordError: there is no such thing.
            DontspyError: the server cannot be reached, failed or says no.
        """
        with self._failures():
            answer = self.session.request(method, f"{self.base}/api/{path}", timeout=TIMEOUT, **body)
            answer.raise_for_status()
            return answer

    def download(self, path: str, to: Path) -> None:
        """Bring a file onto this machine; errors as of `send`."""
        answer = self.send("GET", path, stream=True)
        with self._failures(), to.open("wb") as stream:
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
            else:
                hint = "Nothing was published. Try again later."
            raise DontspyError(what, hint=hint) from error
        except requests.RequestException as error:
            raise DontspyError(
                f"{self.base} cannot be reached: {type(error).__name__}",
                hint="Nothing was published. Try again later.",
            ) from error


def _reason(answer: requests.Response) -> str:
    try:
        return str(answer.json().get("message", answer.reason))
    except (ValueError, AttributeError):
        return str(answer.reason)
