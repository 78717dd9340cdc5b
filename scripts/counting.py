"""Answer the questions of `docs/counting.md` with each of its tools, as the page says: tests compare the answers."""

import re
import sqlite3
import subprocess
from pathlib import Path
from typing import Any

import dontspy_data as dd
from dontspy_data.formats.tables import SQLITE, write_spreadsheet, write_sqlite
from dontspy_data.package.open import open_package

PAGE = (Path(__file__).resolve().parents[1] / "docs" / "counting.md").read_text("utf-8")
QUESTIONS = ("women", "italy", "born", "pictured", "sat")
Answers = dict[str, tuple[int, float]]
"""n and the answer, by question."""


def blocks(language: str) -> list[str]:
    """Return the page's code in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def by_python(folder: Path, block: str) -> Answers:
    """Return what a block of Python gives for a package."""
    names: dict[str, Any] = {}
    exec(compile(block.replace('"sample"', repr(str(folder))), "counting", "exec"), names)
    found: Answers = names["answers"]
    return found


def by_duckdb(folder: Path) -> Answers:
    """Return what DuckDB gives."""
    (query,) = blocks("sql")
    return {name: (n, answer) for name, n, answer in dd.load(folder).to_duckdb().sql(query).fetchall()}


def by_sqlite(folder: Path) -> Answers:
    """Return what SQLite gives; writes the package's database."""
    write_sqlite(open_package(folder))
    (query,) = blocks("sql")
    with sqlite3.connect(folder / SQLITE) as database:
        return {name: (n, answer) for name, n, answer in database.execute(query)}


def by_r(folder: Path) -> Answers:
    """Return what R gives."""
    (block,) = blocks("r")
    code = block.replace('"package"', f'"{folder}"') + "write.csv(answers, row.names = FALSE, quote = FALSE)"
    ran = subprocess.run(["Rscript", "-e", code], capture_output=True, text=True, check=True)
    lines = [line.split(",") for line in ran.stdout.splitlines() if line.startswith(QUESTIONS)]
    return {line[0]: (int(line[1]), float(line[2])) for line in lines if len(line) == 3}


def by_spreadsheet(folder: Path) -> Answers:
    """Return what LibreOffice makes of the page's formulas in the release's own workbook."""
    from openpyxl import load_workbook

    write_spreadsheet(open_package(folder))
    book = load_workbook(folder / "open-data-faces.xlsx")
    sheet = book.create_sheet("answers", 0)
    rows = re.findall(r"^\| `(\w+)` \| `(=.*?)` \| `(=.*?)` \|$", PAGE, re.MULTILINE)
    assert [row[0] for row in rows] == list(QUESTIONS)
    last = str(
        1
        + max(sheet.max_row for sheet in book.worksheets if sheet.title in ("meps", "portraits", "mandates"))
    )
    for row in rows:
        sheet.append([cell.replace("9999", last) for cell in row])  # the same, in a hundredth of the time
    book.save(folder / "answers.xlsx")
    convert = [
        "soffice",
        "--headless",
        f"-env:UserInstallation=file://{folder}/office",
        "--convert-to",
        "csv",
    ]
    subprocess.run([*convert, "--outdir", folder, folder / "answers.xlsx"], capture_output=True, check=True)
    lines = [line.split(",") for line in (folder / "answers.csv").read_text("utf-8").splitlines()]
    return {name: (int(n), float(answer)) for name, n, answer in lines}
