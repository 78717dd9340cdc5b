"""Small copies of portraits for the pages: the whole picture with its credit, as WebP and as JPEG.

A copy is upright, in sRGB and no larger than its original. It has no colour profile: browsers take a picture without
one as sRGB (CSS Color 4, section 4.2), and the profile would be a seventh of the bytes.

Copies are made by the workers that describe portraits, and are the same bytes whoever makes them.
"""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image

from dontspy_data.errors import DontspyError
from dontspy_data.package.paths import picture_file
from dontspy_data.portraits.jpeg import PictureError
from dontspy_data.portraits.opening import open_upright, to_srgb

if TYPE_CHECKING:
    from dontspy_data.site.portraits import PortraitView

WIDTHS = (170, 340)
"""Pixels across: a face on a wall, and the same for screens with two pixels a point or a person's page."""
COPYRIGHT = 0x8298
"""Number of the tag `Copyright` (Exif 2.32, table 4)."""
BATCH = 16
BATCHES_UNDER_WAY = 32
ENCODERS: Mapping[str, Mapping[str, Any]] = {
    "webp": {"format": "WEBP", "quality": 75, "method": 6},
    "jpg": {"format": "JPEG", "quality": 80, "optimize": True, "progressive": True},
}


@dataclass(frozen=True, slots=True)
class CopyJob:
    """A portrait to copy: where it comes from, its bytes, its credit, and the widths and names of its copies."""

    path: str
    body: bytes
    credit: str
    copies: tuple[tuple[int, str], ...]


def copy_widths(width: int) -> tuple[int, ...]:
    """Return the widths of the copies of a portrait, in pixels; none is wider than the portrait.

    Args:
        width: of the portrait, upright.
    """
    return tuple(sorted({min(width, one) for one in WIDTHS}))


def small_copies(
    portraits: Sequence["PortraitView"], folder: Path, root: str, executor: Executor | None
) -> Iterator[tuple[str, bytes]]:
    """Yield the copies of portraits: address from the site's root, bytes.

    Args:
        portraits: those of which a file is published.
        folder: the package.
        root: the package's folder in the site, with which paths of portraits begin.
        executor: where to make the copies; this process where it is None.

    Raises:
        DontspyError: a portrait cannot be opened, or workers end before their work is done.
    """
    waiting: deque[Future[list[list[bytes]]]] = deque()
    batches: deque[list[CopyJob]] = deque()
    for start in range(0, len(portraits), BATCH):
        batch = [_job(portrait, folder, root) for portrait in portraits[start : start + BATCH]]
        if executor is None:
            yield from _named(batch, copy_batch(batch))
            continue
        waiting.append(executor.submit(copy_batch, batch))
        batches.append(batch)
        if len(waiting) == BATCHES_UNDER_WAY:
            yield from _named(batches.popleft(), _result(waiting.popleft()))
    while waiting:
        yield from _named(batches.popleft(), _result(waiting.popleft()))


def copy_batch(jobs: Sequence[CopyJob]) -> list[list[bytes]]:
    """Return each portrait's copies, in the order of the jobs and of their names: what a worker is asked for.

    Raises:
        DontspyError: a portrait cannot be opened.
    """
    return [_copies(job) for job in jobs]


def _job(portrait: "PortraitView", folder: Path, root: str) -> CopyJob:
    path = (portrait.path or "").removeprefix(f"{root}/")
    copies = tuple(
        (width, portrait.copy(width, ending)) for ending in ENCODERS for width in copy_widths(portrait.width)
    )
    try:
        body = picture_file(folder, path).read_bytes()
    except OSError as error:
        raise _unreadable(path, error) from error
    return CopyJob(path, body, portrait.credit or "", copies)


def _named(jobs: Sequence[CopyJob], bodies: Sequence[Sequence[bytes]]) -> Iterator[tuple[str, bytes]]:
    for job, made in zip(jobs, bodies, strict=True):
        yield from zip((name for _, name in job.copies), made, strict=True)


def _result(future: "Future[list[list[bytes]]]") -> list[list[bytes]]:
    try:
        return future.result()
    except BrokenExecutor as error:
        raise DontspyError(
            f"a worker ended while it made small pictures: {error}",
            hint="See whether workers have memory enough, or use fewer --workers.",
        ) from error


def _copies(job: CopyJob) -> list[bytes]:
    try:
        image = open_upright(job.body)
        plain = to_srgb(image, image.info.get("icc_profile"))
    except (OSError, PictureError) as error:
        raise _unreadable(job.path, error) from error
    exif = Image.Exif()
    exif[COPYRIGHT] = job.credit.encode()  # as UTF-8; Pillow would make text ASCII
    return [_encode(plain, width, name, exif) for width, name in job.copies]


def _encode(image: Image.Image, width: int, name: str, exif: Image.Exif) -> bytes:
    height = max(1, round(image.height * width / image.width))
    if width < image.width:
        image = image.resize((width, height), Image.Resampling.LANCZOS)
    stream = BytesIO()
    image.save(stream, exif=exif, **ENCODERS[name.rpartition(".")[2]])
    return stream.getvalue()


def _unreadable(path: str, error: Exception) -> DontspyError:
    return DontspyError(
        f"{path} cannot be shown: {error}", hint="See what else is wrong with dontspy-data check."
    )
