"""The dataset as used in a notebook: tables, portraits, who sat when, how to cite."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, overload

from dontspy_data.errors import UsageError
from dontspy_data.loading.tables import (
    Tables,
    Text,
    convert,
    describe,
    describe_html,
    download_line,
    to_duckdb,
)
from dontspy_data.package.files import is_made
from dontspy_data.targets.open import FoundRelease, default_target, find_release
from dontspy_data.targets.target import MissingError, UnreachableError

if TYPE_CHECKING:
    import datasets
    import duckdb
    import pandas as pd
    from PIL import Image

    from dontspy_data.formats.citation import Style
    from dontspy_data.loading.get import Part
    from dontspy_data.loading.pictures import Credit, Gallery, TorchPortraits, Transform
    from dontspy_data.loading.tables import Engine
    from dontspy_data.loading.typed import TableName, TypedTables
else:
    TypedTables = object  # what editors know about tables and columns comes from the schemas

CREDIT_COLUMNS = ["path", "credit_line", "rights_status", "rights_statement", "source_url"]


class Split(NamedTuple):
    """Two parts of the dataset with no person in both."""

    train: "OpenDataFaces"
    test: "OpenDataFaces"


def load(
    target: str | Path | None = None,
    *,
    version: str = "latest",
    only: "Part | Sequence[Part]" = (),
    country: str | Sequence[str] = (),
    term: int | Sequence[int] = (),
    include: str | Sequence[str] = (),
) -> "OpenDataFaces":
    """Load the dataset. Files are downloaded when they are used, once, and verified.

    Args:
        target: a folder or URL (`https`, `s3`, `hf`) that releases are published to, or a package by itself;
            `sample` for the bundled fictional parliament, with no network; None for the project's own target.
        version: such as `1.2.3`, `1.2`, `1` or `latest`.
        only: parts to download at once: `tables`, `portraits`, `faces`, `parquet`, `sqlite`, `xlsx`.
        country: ISO codes; the dataset then has only people who sat for one of these countries.
        term: numbers of terms; the dataset then has only people who sat in one of these terms.
        include: patterns of paths of files to download at once, such as `data/meps.*`.

    Raises:
        UsageError: there is no such target or version; the hint names those that are. Or nobody sat for that country.
        DamagedError: the release does not have the bytes that it was published with.
        UnreachableError: the target does not answer, and nothing of it is cached.
    """
    try:
        release = find_release(str(target) if target else default_target(), str(version))
    except (MissingError, UnreachableError) as error:
        if target:
            raise
        raise UnreachableError(
            f"the project's own releases are not available: {error}",
            hint='Without a network, or before the first release, try the fictional sample: dd.load("sample")',
        ) from None  # the traceback of the network failure adds a hundred lines and no information
    if not (only or country or term or include):
        return OpenDataFaces(release)
    from dontspy_data.loading.get import Selection

    selection = Selection(*(_several(one) for one in (only, country, term, include)))
    people = selection.people(release.files)
    faces = OpenDataFaces(release, people)
    if only or include:
        faces.fetch(selection.names(release.files.digests, people))
    return faces


def _several(value: Any) -> tuple[Any, ...]:
    """Return one value or several as a sequence."""
    return (value,) if isinstance(value, str | int) else tuple(value)


@dataclass(frozen=True, eq=False)
class OpenDataFaces(TypedTables):
    """A release of Open Data Faces, or a package.

    Every table is an attribute: `faces.meps`, `faces.portraits`, … give pandas DataFrames, read on first use.

    Attributes:
        release: where it comes from.
        people: numbers of the people it is limited to; None for everybody.
        draw: how many splits it came from.
    """

    release: FoundRelease
    people: frozenset[int] | None = None
    draw: int = 0

    @cached_property
    def tables(self) -> Tables:
        """Its tables as Arrow, and their schemas."""
        return Tables(self.release.files, self.people)

    @property
    def version(self) -> str | None:
        """Version of the release; None for a package that is not released."""
        version: str | None = self.tables.package.descriptor.get("version")
        return version

    def __getattr__(self, name: str) -> "pd.DataFrame":
        if name.startswith("_") or name not in self.tables.schemas:
            raise self._no_attribute(name)
        return self.tables.frame(name)

    def _no_attribute(self, name: str) -> AttributeError:
        error = AttributeError(f"{type(self).__name__!r} object has no attribute or table {name!r}")
        if not name.startswith("_"):
            from difflib import get_close_matches

            close = get_close_matches(name, [*self.tables.schemas, *vars(type(self))], n=1)
            error.add_note(
                f"Did you mean {close[0]!r}?" if close else f"Tables: {', '.join(self.tables.schemas)}."
            )
        return error

    def __getitem__(self, name: "TableName | str") -> "pd.DataFrame":
        return self.table(name)

    def __len__(self) -> int:
        return int(self.tables.arrow("meps", ["mep_id"]).num_rows)

    __iter__ = None  # iterating could mean tables or people

    def __dir__(self) -> list[str]:
        public = (name for name in super().__dir__() if not name.startswith("_"))
        return sorted({*public, *self.tables.schemas})

    def _repr_html_(self) -> str:
        return describe_html(self.tables, self.release.url)

    def __repr__(self) -> str:
        version = f" {self.version}" if self.version else ""
        return f"<Open Data Faces{version} from {self.release.url}: describe() says more>"

    @overload
    def table(
        self,
        name: "TableName | str",
        columns: Sequence[str] | None = None,
        engine: Literal["pandas"] = "pandas",
    ) -> "pd.DataFrame": ...

    @overload
    def table(
        self, name: "TableName | str", columns: Sequence[str] | None = None, *, engine: "Engine"
    ) -> Any: ...

    def table(
        self, name: "TableName | str", columns: Sequence[str] | None = None, engine: "Engine" = "pandas"
    ) -> Any:
        """Read a table, or some of its columns.

        Args:
            name: of the table.
            columns: names of columns, in the order wanted; None for all.
            engine: `pandas`, `arrow`, `polars` or `duckdb`; returns, accordingly, a DataFrame of pandas or
                polars, a `pyarrow.Table`, or a relation of DuckDB's default connection.

        Raises:
            UsageError: there is no such table, column or engine; the hint names those that are.
        """
        return convert(self.tables.arrow(name, columns), self.tables.schema(name), engine)

    def at(self, day: str | date, *, certain: bool = True) -> "pd.DataFrame":
        """List who was a member on a day, with country, group and party of that day.

        A warning says how many of that day's seats are known if some are missing.

        Args:
            day: a date or `YYYY-MM-DD`.
            certain: whether to leave out those who are only known to have sat at some time in that term; with
                `certain=False` they are included, and `is_certain` tells them apart.

        Raises:
            UsageError: it is not a day, or is before the first Assembly of 1952.
        """
        from dontspy_data.loading.people import members_on, parse_day

        return members_on(parse_day(day), self.meps, self.mandates, self.memberships, certain=certain)

    def portraits_at(self, day: "date | str") -> "pd.DataFrame":
        """List the portraits that were shown on a day, with `shown_from` and `shown_until`.

        `path(row.path)` is a row's file. What is shown on a day is the latest answer received by then. Join it with
        `at(day)` for those who sat.

        Args:
            day: a date or `YYYY-MM-DD`.

        Raises:
            UsageError: it is not a day, or the release is older than the table `portrait_periods`.
        """
        from dontspy_data.loading.people import parse_day, portraits_on

        return portraits_on(parse_day(day), self.portraits, self["portrait_periods"])

    def portrait(self, mep_id: int | str) -> "Image.Image":
        """Return a person's current portrait, upright, with `credit` and other rights in its `info`.

        Raises:
            UsageError: there is no portrait; the message says why.
            DamagedError: the file does not have the bytes that it was released with.
        """
        from dontspy_data.loading.people import as_number
        from dontspy_data.loading.pictures import open_picture

        mep_id = as_number(mep_id)
        credit = self.credits.get(mep_id)
        if credit is None:
            raise UsageError(
                self._why_no_portrait(mep_id),
                hint="Numbers of people and what each status means: faces.portraits.",
            )
        return open_picture(self.path(credit.path), credit)

    def iter_portraits(self, shard: int = 0, shards: int = 1) -> "Iterator[Image.Image]":
        """Yield current portraits in order of the person's number, which is `info["mep_id"]`.

        Args:
            shard: which part, from 0 on.
            shards: number of parts; together they hold each portrait once.

        Raises:
            UsageError: there is no such part.
        """
        from dontspy_data.loading.pictures import open_pictures

        if not 0 <= shard < shards:
            raise UsageError(f"there is no shard {shard} of {shards}", hint="Shards are counted from 0.")
        credits = list(self.credits.values())[shard::shards]
        paths = self.fetch(credit.path for credit in credits)
        return open_pictures(zip(paths, credits, strict=True))

    def faces_of(self, mep_id: int | str) -> "pd.DataFrame":
        """Return the faces found in a person's current portrait, the largest first: boxes, landmarks, measures."""
        from dontspy_data.loading.people import as_number

        mep_id = as_number(mep_id)
        portraits, faces = self.portraits, self.faces
        current = portraits.loc[portraits["is_current"] & (portraits["mep_id"] == mep_id), "portrait_id"]
        found = faces[faces["portrait_id"].isin(current)]
        largest_first = (found["width"] * found["height"]).sort_values(ascending=False).index
        return found.loc[largest_first].reset_index(drop=True)

    def gallery(
        self, people: "str | int | Iterable[int] | pd.DataFrame | None" = None, limit: int = 60
    ) -> "Gallery":
        """Show portraits with names and credits: as HTML in a notebook, as a picture with `sheet()`.

        Args:
            people: a pandas query over `meps` such as `"country == 'MT'"`, a number or several, or a DataFrame with
                `mep_id`; None for everybody.
            limit: how many at most.

        Raises:
            UsageError: the query cannot be read.
        """
        from dontspy_data.loading.pictures import make_gallery

        return make_gallery(self, people, limit)

    def split(self, test: float = 0.2) -> Split:
        """Split people into `train` and `test`. A person is on the same side in every release.

        A part can be split again, for a third one to validate on.

        Args:
            test: share of people in `test`. Each is drawn by a digest of the number, so the share is approximate.

        Raises:
            UsageError: it is not between 0 and 1.
        """
        from dontspy_data.loading.people import split_people

        ids = self.tables.arrow("meps", ["mep_id"])["mep_id"].to_pylist()
        train, tested = split_people(ids, test, self.draw)
        return Split(
            replace(self, people=train, draw=self.draw + 1), replace(self, people=tested, draw=self.draw + 1)
        )

    def describe(self) -> Text:
        """Describe the contents, version and licence, and how to cite them."""
        return describe(self.tables, self.release.url)

    def cite(self, style: "Style" = "apa") -> Text:
        """Return how to cite the dataset.

        Args:
            style: `apa`, `bibtex`, `ris` or `csl-json`.

        Raises:
            UsageError: the style is unknown.
        """
        from dontspy_data.formats.citation import cite

        return Text(cite(self.tables.package.descriptor, style))

    def to_duckdb(self) -> "duckdb.DuckDBPyConnection":
        """Open a DuckDB database in memory with every table (extra `engines`)."""
        return to_duckdb(self.tables)

    def to_huggingface(self) -> "datasets.Dataset":
        """Return people with a portrait as a Hugging Face dataset with pictures (extra `engines`)."""
        from dontspy_data.loading.pictures import to_huggingface

        self.fetch(credit.path for credit in self.credits.values())
        return to_huggingface(self.tables, self.credits)

    def to_torch(self, transform: "Transform | None" = None) -> "TorchPortraits":
        """Return current portraits as a map-style dataset of (picture, number of the person).

        Args:
            transform: turns a PIL image in RGB into a model's input; None for a tensor of bytes, channels first.
        """
        from dontspy_data.loading.pictures import TorchPortraits

        credits = tuple(self.credits.values())
        self.fetch(credit.path for credit in credits)
        return TorchPortraits(self.release.files, credits, transform)

    def path(self, name: str) -> Path:
        """Return where a file of the release is on this machine, downloaded and verified.

        Args:
            name: path in the package, such as `data/meps.csv` or one from a column `path`. Files that its target
                does not store, such as `meps.sqlite` of an older release, are made here.
        """
        if is_made(name):
            from dontspy_data.loading.get import made_file

            return made_file(self.release, name)
        return self.release.files.path(name)

    def fetch(self, names: Iterable[str]) -> list[Path]:
        """Download several files side by side, and return where they are."""
        names = list(names)
        with download_line() as progress:
            self.release.files.fetch([name for name in names if not is_made(name)], progress)
        return [self.path(name) for name in names]

    @cached_property
    def credits(self) -> "dict[int, Credit]":
        """Credits of all current portraits that are in the package, by number of the person."""
        from dontspy_data.loading.pictures import Credit

        rows = self.tables.arrow("portraits", ["mep_id", "is_current", *CREDIT_COLUMNS]).to_pylist()
        current = sorted((row["mep_id"], row) for row in rows if row["is_current"] and row["path"])
        return {
            mep_id: Credit(mep_id, *(row[name] or "" for name in CREDIT_COLUMNS)) for mep_id, row in current
        }

    def _why_no_portrait(self, mep_id: int) -> str:
        portraits = self.portraits
        status = portraits.loc[portraits["is_current"] & (portraits["mep_id"] == mep_id), "status"]
        if status.empty:
            return f"nobody in {self.release.url} has the number {mep_id}"
        return f"there is no portrait of {mep_id}: its status is {status.iloc[0]!r}"
