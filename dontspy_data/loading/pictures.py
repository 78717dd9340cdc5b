"""Portraits as pictures, each with its credit: one by one, as galleries, and for Hugging Face datasets and PyTorch."""

import os
from base64 import b64encode
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from html import escape
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dontspy_data.errors import DontspyError, UsageError
from dontspy_data.loading.tables import ENGINES, KEY, Tables, needed
from dontspy_data.model.texts import safe_link
from dontspy_data.targets.files import ReleaseFiles

if TYPE_CHECKING:
    import datasets
    import pandas as pd
    from PIL import Image

    from dontspy_data.loading.dataset import OpenDataFaces

Transform = Callable[["Image.Image"], Any]
AHEAD = 32
# Pillow releases Python's lock to decode, so threads suffice; twice the cores, since they wait for the disk too.
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
    from dontspy_data.portraits.jpeg import PictureError, open_upright

    try:
        picture = open_upright(path)
    except (OSError, PictureError) as error:
        raise DontspyError(
            f"{credit.path} {error}", hint="dontspy-data check says whether the release is whole."
        ) from error
    others = dict(picture.info)
    picture.info = {}
    picture.info.update(credit.as_info())  # first, since the credit must stay with the picture
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


@dataclass(frozen=True, slots=True)
class GalleryCard:
    """A person in a gallery.

    Attributes:
        name: of the person.
        about: country and political group.
        url: the person's page on the Parliament's site.
        status: of the current portrait.
        picture: file of the portrait, and its credit; None if there is none.
    """

    name: str
    about: str
    url: str
    status: str
    picture: tuple[Path, Credit] | None


@dataclass(frozen=True, slots=True)
class Gallery:
    """Portraits with names and credits.

    Attributes:
        cards: the people shown.
        total: how many there are.
    """

    cards: tuple[GalleryCard, ...]
    total: int

    def __repr__(self) -> str:
        return f"<Gallery of {len(self.cards):,} of {self.total:,} people: sheet() gives a picture>"

    def sheet(self, columns: int = 6) -> "Image.Image":
        """Return all of it as one picture, to show or to save: `gallery.sheet().save("members.png")`."""
        from dontspy_data.check.portrait_report import GREY, LARGE, SMALL, Caption, Tile, draw_sheet

        tiles = [
            Tile(
                partial(_thumbnail, *card.picture) if card.picture else None,
                card.status,
                (
                    Caption(card.name),
                    Caption(card.about, LARGE, GREY),
                    Caption(card.picture[1].text if card.picture else "", SMALL, GREY),
                ),
            )
            for card in self.cards
        ]
        return draw_sheet(tiles, columns)

    def _repr_html_(self) -> str:
        figures = "".join(map(_figure, self.cards))
        return (
            '<div style="display:flex;flex-wrap:wrap;gap:12px">' + figures + "</div>"
            f"<p>{len(self.cards):,} of {self.total:,} people. Each picture's credit must stay with it.</p>"
        )


def make_gallery(
    faces: "OpenDataFaces", people: "str | int | Iterable[int] | pd.DataFrame | None", limit: int
) -> Gallery:
    """Make the gallery of some people, by number.

    Args:
        faces: the dataset.
        people: a pandas query over `meps`, a number or several, or a DataFrame with `mep_id`; None for everybody.
        limit: how many at most.

    Raises:
        UsageError: the query cannot be read, or the DataFrame does not say who.
    """
    chosen = _choose(faces.meps, people).sort_values(KEY)
    shown = chosen.head(limit)
    portraits = faces.portraits
    statuses = portraits[portraits["is_current"]].set_index(KEY)["status"]
    credits = [faces.credits[mep_id] for mep_id in shown[KEY] if mep_id in faces.credits]
    paths = dict(
        zip((credit.mep_id for credit in credits), faces.fetch(c.path for c in credits), strict=True)
    )
    cards = tuple(
        GalleryCard(
            name=row["name"],
            about=" · ".join(row[key] for key in ("country", "political_group") if row[key]),
            url=row["profile_url"],
            status=str(statuses.get(row[KEY], "unknown")),
            picture=(paths[row[KEY]], faces.credits[row[KEY]]) if row[KEY] in paths else None,
        )
        for row in shown.astype(object).where(shown.notna(), None).to_dict("records")
    )
    return Gallery(cards, len(chosen))


@dataclass(frozen=True)
class TorchPortraits:
    """Portraits as a map-style dataset: what `torch.utils.data.DataLoader` takes, without importing torch.

    An item is a pair: what `transform` makes of the picture in RGB, and the number of the person. The pictures have
    different sizes, so batches need a transform that makes them equal.

    Attributes:
        files: of the release; the pictures are fetched.
        credits: of the portraits, in order.
        transform: takes a PIL image in RGB; None for a `torch.uint8` tensor, channels first.
    """

    files: ReleaseFiles
    credits: Sequence[Credit]
    transform: Transform | None

    def __len__(self) -> int:
        return len(self.credits)

    def __getitem__(self, index: int) -> tuple[Any, int]:
        credit = self.credits[index]
        picture = open_picture(self.files.path(credit.path), credit).convert("RGB")
        return (self.transform or _to_tensor)(picture), credit.mep_id


def to_huggingface(tables: Tables, credits: Mapping[int, Credit]) -> "datasets.Dataset":
    """Return people with a portrait: the columns of `meps`, credit, rights, and the file's bytes in `image`.

    Args:
        tables: of the release.
        credits: of the portraits, which are fetched.

    Raises:
        UsageError: the library `datasets` is not installed.
    """
    library = needed("datasets", ENGINES)
    import pyarrow as pa
    import pyarrow.compute as pc

    meps = tables.arrow("meps")
    meps = meps.filter(pc.is_in(meps[KEY], pa.array(list(credits), pa.int64())))
    held = [credits[mep_id] for mep_id in meps[KEY].to_pylist()]
    images = [{"bytes": tables.files.path(credit.path).read_bytes(), "path": credit.path} for credit in held]
    features = library.Features(
        {
            **library.Features.from_arrow_schema(meps.schema),
            "credit_line": library.Value("string"),
            "rights_status": library.Value("string"),
            "image": library.Image(),
        }
    )
    columns: dict[str, pa.Array] = {name: meps[name] for name in meps.column_names}
    columns["credit_line"] = pa.array([credit.text for credit in held], pa.string())
    columns["rights_status"] = pa.array([credit.rights_status for credit in held], pa.string())
    columns["image"] = pa.array(images, pa.struct({"bytes": pa.binary(), "path": pa.string()}))
    made: datasets.Dataset = library.Dataset(pa.table(columns).cast(features.arrow_schema))
    return made


def _choose(
    meps: "pd.DataFrame", people: "str | int | Iterable[int] | pd.DataFrame | None"
) -> "pd.DataFrame":
    if people is None:
        return meps
    if isinstance(people, str):
        try:
            return meps.query(people)
        except (SyntaxError, ValueError, TypeError, NameError, AttributeError, KeyError) as error:
            raise UsageError(
                f"the query {people!r} cannot be read: {error}",
                hint=f"It is a pandas query over the columns of meps: {', '.join(meps.columns)}.",
            ) from error
    from pandas import DataFrame

    if isinstance(people, DataFrame):
        if KEY not in people.columns:
            raise UsageError(f"the DataFrame has no column {KEY}", hint="It needs the numbers of the people.")
        people = people[KEY]
    return meps[meps[KEY].isin([people] if isinstance(people, int) else list(people))]


def _thumbnail(path: Path, credit: Credit) -> "Image.Image":
    from dontspy_data.check.portrait_report import THUMBNAIL

    small = open_picture(path, credit).convert("RGB")
    small.thumbnail(THUMBNAIL)
    return small


def _figure(card: GalleryCard) -> str:
    name = escape(card.name)
    if card.picture is None:
        picture = f'<div style="width:120px;height:150px;border:1px dashed">no portrait: {escape(card.status)}</div>'
        credit = ""
    else:
        stream = BytesIO()
        _thumbnail(*card.picture).save(stream, "JPEG", quality=85)
        source = b64encode(stream.getvalue()).decode()
        picture = (
            f'<img alt="Portrait of {name}" src="data:image/jpeg;base64,{source}" style="max-width:120px">'
        )
        credit = f'<br><small style="opacity:.7">{escape(card.picture[1].text)}</small>'
    url = escape(safe_link(card.url) or "#")
    return (
        f'<figure style="width:130px;margin:0;overflow-wrap:anywhere">{picture}<figcaption style="line-height:1.2">'
        f'<a href="{url}">{name}</a><br>{escape(card.about)}{credit}</figcaption></figure>'
    )


def _to_tensor(picture: "Image.Image") -> Any:
    import numpy as np

    return needed("torch", "torch").from_numpy(np.array(picture).transpose(2, 0, 1).copy())
