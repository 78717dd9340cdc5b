"""What of a release is asked for: parts of it, people, or files by their names."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import Literal

from dontspy_data.errors import UsageError
from dontspy_data.formats.pictures import INLINE, METADATA
from dontspy_data.formats.spreadsheet import SPREADSHEET
from dontspy_data.formats.sqlite import SQLITE
from dontspy_data.package.digests import is_made, is_picture
from dontspy_data.targets.files import ReleaseFiles

Part = Literal["tables", "portraits", "faces", "parquet", "sqlite", "xlsx"]
# Pictures come with the tables that say whose they are and what must be printed beside them.
BELONGING: Mapping[Part, tuple[str, ...]] = {
    "tables": ("data/",),
    "portraits": ("portraits/", "data/portraits.", "data/meps."),
    "faces": ("derived/", "data/faces.", "data/portraits.", "data/meps."),
}
MADE: Mapping[Part, tuple[str, ...]] = {
    "parquet": tuple(INLINE.values()),
    "sqlite": (SQLITE,),
    "xlsx": (SPREADSHEET,),
}
DOCUMENTS = (".md", ".json", ".jsonld", ".cff")
MANDATES = "data/mandates.parquet"


@dataclass(frozen=True, slots=True)
class Selection:
    """What of a release is asked for; by default tables, pictures and documents, and nothing that is made from them.

    Attributes:
        only: parts of the release. `parquet` are the portraits with their facts, inline.
        country: ISO codes: only pictures of people who sat for one of these countries.
        term: numbers of terms: only pictures of people who sat in one of these terms.
        include: patterns of paths, such as `data/meps.*`; alone, nothing else comes but the documents.
    """

    only: tuple[Part, ...] = ()
    country: tuple[str, ...] = ()
    term: tuple[int, ...] = ()
    include: tuple[str, ...] = ()

    @property
    def is_of_people(self) -> bool:
        """Whether pictures of some people only are asked for."""
        return bool(self.country or self.term)

    def names(self, listed: Iterable[str], people: frozenset[int] | None = None) -> list[str]:
        """Return the paths that are asked for, sorted; among them may be files that can be made and are not listed.

        Args:
            listed: paths in the release.
            people: numbers of the only people whose pictures are wanted; None for everybody.
        """
        listed = set(listed)
        prefixes = tuple(prefix for part in self.only for prefix in BELONGING.get(part, ()))
        wanted = {name for name in listed if self._is_wanted(name, prefixes)}
        for part in self.only:
            if part in MADE:
                end = PurePosixPath(MADE[part][0]).suffix
                wanted |= {name for name in listed if is_made(name) and name.endswith(end)} or {*MADE[part]}
        if people is not None:
            wanted = {name for name in wanted if not is_picture(name) or _person(name) in people} - {METADATA}
        return sorted(wanted)

    def people(self, files: ReleaseFiles) -> frozenset[int] | None:
        """Return the numbers of the people whose pictures are asked for; None for everybody.

        Args:
            files: of the release; its table of mandates is fetched.

        Raises:
            UsageError: nobody in the release sat for that country or in that term.
        """
        if not self.is_of_people:
            return None
        import pyarrow.parquet as pq

        rows = pq.read_table(files.path(MANDATES), columns=["mep_id", "term", "country"]).to_pylist()
        countries = {country.upper() for country in self.country}
        found = frozenset(
            row["mep_id"]
            for row in rows
            if (not countries or row["country"] in countries) and (not self.term or row["term"] in self.term)
        )
        if not found:
            asked = ", ".join([*sorted(countries), *(f"term {term}" for term in self.term)])
            there = ", ".join(sorted({str(row["country"]) for row in rows if row["country"]}))
            raise UsageError(f"nobody in {files.origin.url} sat for {asked}", hint=f"Countries: {there}.")
        return found

    def _is_wanted(self, name: str, prefixes: tuple[str, ...]) -> bool:
        if any(fnmatchcase(name, pattern) for pattern in self.include):
            return True
        if "/" not in name and name.endswith(DOCUMENTS):
            return True
        if self.only or self.include:
            return bool(prefixes) and name.startswith(prefixes)
        return not is_made(name)


def _person(picture: str) -> int:
    return int(PurePosixPath(picture).stem.split("-")[0])
