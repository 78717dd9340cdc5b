"""Portraits as pictures, each with its credit."""

import os
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dontspy_data.errors import DontspyError

if TYPE_CHECKING:
    from PIL import Image

AHEAD = 32
# Pillow decodes outside of Python's lock, so that threads do; twice the cores, since they wait for the disk too.
THREADS = 2 * (os.cpu_count() or 1)


@dataclass(frozen=True, slots=True)
class Credit:
    """What must stay with a picture, from its row in `portraits`.

    Attributes:
        mep_id: whose portrait it is.
        path: of the file in the package.
        text: the credit line, to be printed beside it.
        rights_status: `reuse`, `not_stated` or `unclear`.
        rights_statement: what that means for somebody who wants to use it.
        source_url: where the Parliament published it.
    """

    mep_id: int
    path: str
    text: str
    rights_status: str
    rights_statement: str
    source_url: str

    def as_info(self) -> Mapping[str, str | int]:
        """Return what is added to a picture's `info`."""
        return {
            "credit": self.text,
            "mep_id": self.mep_id,
            "rights_status": self.rights_status,
            "rights_statement": self.rights_statement,
            "source_url": self.source_url,
        }


def open_picture(path: Path, credit: Credit) -> "Image.Image":
    """Open a portrait, decoded and upright, with its credit in `info`.

    Raises:
        DontspyError: it does not decode.
    """
    from dontspy_data.portraits.jpeg import PictureError
    from dontspy_data.portraits.opening import open_upright

    try:
        picture = open_upright(path)
    except (OSError, PictureError) as error:
        raise DontspyError(
            f"{credit.path} {error}",
            hint="dontspy-data check says whether the release is whole.",
        ) from error
    others = dict(picture.info)
    picture.info = {}
    picture.info.update(credit.as_info())  # first, since it must stay with the picture
    picture.info.update(others)
    return picture


def open_pictures(pictures: Iterable[tuple[Path, Credit]]) -> "Iterator[Image.Image]":
    """Yield portraits in the order given, decoded ahead on several threads.

    Raises:
        DontspyError: one does not decode.
    """
    with ThreadPoolExecutor(THREADS) as pool:
        waiting: deque[Future[Image.Image]] = deque()
        try:
            for path, credit in pictures:
                waiting.append(pool.submit(open_picture, path, credit))
                if len(waiting) > AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)
