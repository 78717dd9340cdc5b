"""Count the cells of captures against the facts made of them, source by source, and print what is missing.

    python -m scripts.cells CAPTURE…

The first table is what the sources themselves counted: texts that say something, people who have one, people of whom
a fact was stated, and problems. The second part counts again from the bulk CSVs alone, without any of the sources'
code: each cell with a birth or death date, a gender or a group must have a statement of that person on that page.
Ends with status 1 if anything is missing.
"""

import csv
import io
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from dontspy_data.capture.captures import Captures
from dontspy_data.sources.read import Readings
from scripts.sample.captures import read_all

COLUMNS = {
    "mep_birthday": "birth_date",
    "mep_death_date": "death_date",
    "mep_gender": "gender",
    "mep_political_group": "political_group",
}
SAYS_NOTHING = ("not known", "not stated", "not applicable", "nkn", "nst", "nap")


def main(paths: Sequence[str]) -> int:
    """Print both counts for captures, and return the exit status."""
    captures = Captures.open([Path(path) for path in paths])
    readings = read_all(captures)
    print("| source | property | cells | people | with a fact | problems |\n|---|---|---:|---:|---:|---:|")
    print("\n".join(table(readings)))
    missing = list(missing_cells(captures, readings))
    print("\n".join(missing) if missing else "\nCells of bulk CSVs without a fact: none")
    return 1 if missing else 0


def table(readings: Readings) -> Iterator[str]:
    """Yield a line for each source and property that was counted."""
    problems = Counter((problem.source, problem.property) for problem in readings.problems)
    for source, counted in sorted(readings.counts.items()):
        for prop, cells in sorted(counted.cells.items()):
            people, stated = counted.people[prop], counted.stated[prop]
            told = problems[source, prop]
            yield f"| {source} | {prop} | {cells:,} | {people:,} | {stated:,} | {told:,} |"


def missing_cells(captures: Captures, readings: Readings) -> Iterator[str]:
    """Yield a line for each cell of a bulk CSV that has no statement."""
    stated = {(s.url, s.mep_id, s.property.value) for s in readings.statements}
    for url in captures.urls():
        page = captures.latest(url)
        if page is None or not url.endswith(".csv"):
            continue
        text = page.body.decode("utf-8-sig", errors="replace")
        delimiter = ";" if ";" in text.partition("\n")[0] else ","
        for row in csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter):
            for column, prop in COLUMNS.items():
                cell = (row.get(column) or "").strip()
                words = cell.partition("^^")[0].strip(' "').casefold()
                if not any(c.isalnum() for c in words) or words.rpartition("/")[2] in SAYS_NOTHING:
                    continue
                number = (row.get("mep_identifier") or "").partition("^^")[0].strip(' "')
                if not number.isdecimal() or (url, int(number), prop) not in stated:
                    yield f"missing: {url}, person {number}, {column}: {cell!r}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
