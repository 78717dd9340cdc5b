"""Rights: what follows from the texts in a picture, by a small reviewed table, `rights.csv`."""

import csv
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from dontspy_data.portraits.metadata import Metadata


@dataclass(frozen=True, slots=True)
class Rights:
    """Whose a picture is and what that allows.

    Attributes:
        status: `reuse`, `not_stated` or `unclear`.
        holder: who holds the rights, by the picture's own words; None where it names nobody.
        credit_line: what to print beside the picture.
        statement: what the status means, one or two sentences.
        url: where the terms stand; None where there are none to point to.
    """

    status: str
    holder: str | None
    credit_line: str
    statement: str
    url: str | None


def rights(metadata: Metadata) -> Rights:
    """The rights that follow from a picture's metadata.

    The copyright notice decides; without one, whoever the picture credits or names as photographer.
    """
    text = metadata.copyright or metadata.credit or metadata.photographer or ""
    row = next(row for pattern, row in _table() if pattern.fullmatch(text))
    holder = row["rights_holder"].replace("{text}", text)
    credit_line = row["credit_line"].replace("{text}", text)
    if metadata.photographer and metadata.photographer.casefold() not in credit_line.casefold():
        credit_line += f", photographer: {metadata.photographer}"
    return Rights(
        status=row["rights_status"],
        holder=holder or None,
        credit_line=credit_line,
        statement=row["rights_statement"],
        url=row["rights_url"] or None,
    )


@cache
def _table() -> tuple[tuple[re.Pattern[str], dict[str, str]], ...]:
    """The reviewed table; the first pattern that fits the whole text is taken, and the last one fits all."""
    lines = files(__package__).joinpath("rights.csv").read_text(encoding="utf-8").splitlines()
    return tuple((re.compile(row["pattern"], re.IGNORECASE), row) for row in csv.DictReader(lines))
