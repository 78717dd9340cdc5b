"""Every piece of code in the README and in `docs/` runs, as a reader would run it, on a release of the sample.

Addresses of the project's target are replaced by those of a web server of this machine. `make`, `pip` and `audit` are
looked at and not carried out: that target, extra and options exist. `npm` is not run, and `--serve` is left out.
"""

import os
import re
import shutil
import subprocess
import sys
import textwrap
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pytest

from dontspy_data import sample
from dontspy_data.model.schema import dataset

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
ELSEWHERE = {"counting.md"}  # test_counting.py runs it, and compares the answers
PAGES = [ROOT / "README.md", *sorted(p for p in (ROOT / "docs").glob("*.md") if p.name not in ELSEWHERE)]
EXAMPLES = sorted((ROOT / "docs" / "examples").glob("*.csv"))
FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
INDENTED = re.compile(r"(?:^ {4}.*\n(?:^\n(?=^ {4}))?)+", re.MULTILINE)
STAND_INS = {
    "dontspy-data": f'exec {sys.executable} -S -E {HERE / "cli_stand_in.py"} "$COMMANDS" "$@"',
    "make": f'exec {shutil.which("make")} --dry-run --directory {ROOT} "$@"',
    "npm": "exit 0",
    "pip": f'exec {sys.executable} {HERE / "pip_stand_in.py"} {ROOT} "$@"',
}


@dataclass(frozen=True)
class Code:
    """What a page has in one language, in order."""

    page: Path
    language: str
    blocks: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.page.name}-{self.language}"


def code_of(page: Path) -> list[Code]:
    text = page.read_text(encoding="utf-8")
    found: dict[str, list[str]] = {}
    for language, block in FENCED.findall(text):
        if language != "text":  # examples in the command reference: their own test looks at their words
            found.setdefault(language, []).append(block)
    prose = FENCED.sub("", text)
    prose = re.sub(r"^( *[-*] .*\n(?: {2,}.*\n)*)+", "", prose, flags=re.MULTILINE)  # lists are indented too
    for block in INDENTED.findall(prose):
        found.setdefault("sh", []).append(textwrap.dedent(block))
    return [Code(page, language, tuple(blocks)) for language, blocks in found.items()]


@pytest.fixture(scope="module")
def commands(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server that carries commands out; its address."""
    address = str(tmp_path_factory.mktemp("commands") / "s")
    server = subprocess.Popen(
        [sys.executable, str(HERE / "cli_stand_in.py"), "--server", address],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    patience = time.monotonic() + 120
    while not Path(address).exists() and server.poll() is None and time.monotonic() < patience:
        time.sleep(0.05)
    yield address
    server.terminate()
    server.wait()


@pytest.fixture
def here(
    tmp_path: Path, commands: str, small_sample: Path, small_package: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A folder to run in, with what the pages speak of: a capture, a package, a release, examples."""
    folder = tmp_path / "here"
    folder.mkdir()
    for name in ("CAPTURE", "facts", "portraits", "theirs"):
        shutil.copy(small_sample, folder / f"{name}.warc.gz")
    with zipfile.ZipFile(folder / "theirs.wacz", "w") as wacz:
        wacz.write(small_sample, "archive/data.warc.gz")
    (folder / "portraits-2023").mkdir()
    shutil.copytree(sample.package_path(), folder / "out/package")  # that the examples of entries are about
    shutil.copytree(small_package, folder / "RELEASE")
    for example in EXAMPLES:
        shutil.copy(example, folder / example.name.removeprefix("contest_"))
    monkeypatch.chdir(folder)
    monkeypatch.setenv("COMMANDS", commands)
    monkeypatch.setenv("SAMPLE", str(small_sample))
    return folder


@pytest.mark.filterwarnings("ignore:.*seats")  # the sample's parliament is a small one, and `at` says so
@pytest.mark.parametrize("code", [code for page in PAGES for code in code_of(page)], ids=str)
def test_code_runs(code: Code, web: Any, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = dataset()["target"]
    monkeypatch.setattr(
        "dontspy_data.model.schema.dataset", lambda: {**dataset.__wrapped__(), "target": web.url}
    )
    blocks = [block.replace(target, web.url) for block in code.blocks]
    RUNNERS[code.language](blocks, here)


def run_python(blocks: list[str], here: Path) -> None:
    names: dict[str, Any] = {}
    with mpl.rc_context({"backend": "Agg"}):
        for block in blocks:
            exec(compile(block, "docs", "exec"), names)


def run_shell(blocks: list[str], here: Path) -> None:
    tools = here.parent / "bin"
    tools.mkdir()
    for name, line in STAND_INS.items():
        (tools / name).write_text(f"#!/bin/sh\n{line}\n")
        (tools / name).chmod(0o755)
    environment = {
        "PATH": f"{tools}:/usr/bin:/bin",
        "HOME": str(here.parent),
        "LC_ALL": "C.UTF-8",
        "COMMANDS": os.environ["COMMANDS"],
        "SAMPLE": os.environ["SAMPLE"],
    }
    script = "set -e\n" + "\n".join(blocks)
    ran = subprocess.run(
        check=False,
        args=["bash", "-c", script],
        cwd=here,
        env=environment,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert ran.returncode == 0, f"{script}\n{ran.stdout}\n{ran.stderr}"


def run_sql(blocks: list[str], here: Path) -> None:
    import duckdb
    from fsspec.implementations.http import HTTPFileSystem

    class Http(HTTPFileSystem):
        def modified(self, path: str) -> datetime:
            return datetime(2026, 1, 15, tzinfo=UTC)

    with duckdb.connect() as connection:
        # DuckDB would load its extension httpfs from the network.
        connection.register_filesystem(Http())
        for block in blocks:
            assert connection.sql(block).fetchall()


def run_javascript(blocks: list[str], here: Path) -> None:
    modules = ROOT / "npm" / "recipes" / "node_modules"
    if not shutil.which("node") or not (modules / "hyparquet-compressors").is_dir():
        pytest.skip("needs node, and what `make js-recipes` installs")
    (here / "node_modules").symlink_to(modules)
    for block in blocks:
        (here / "code.mjs").write_text(block, encoding="utf-8")
        ran = subprocess.run(check=False, args=["node", "code.mjs"], cwd=here, capture_output=True, text=True)
        assert ran.returncode == 0, ran.stderr
        assert ran.stdout.startswith("62 "), ran.stdout


def run_r(blocks: list[str], here: Path) -> None:
    check = "quit(status = !all(c('arrow', 'frictionless') %in% rownames(installed.packages())))"
    if not shutil.which("Rscript") or subprocess.run(check=False, args=["Rscript", "-e", check]).returncode:
        pytest.skip("needs R with the packages arrow and frictionless")
    for block in blocks:
        subprocess.run(check=True, args=["Rscript", "-e", block], cwd=here)


RUNNERS = {"python": run_python, "sh": run_shell, "sql": run_sql, "js": run_javascript, "r": run_r}


def test_the_pages_have_code_in_every_language() -> None:
    found = {(code.page.name, code.language) for page in PAGES for code in code_of(page)}
    assert {("recipes.md", language) for language in RUNNERS} <= found
    assert {("README.md", "sh"), ("README.md", "python")} <= found


def test_a_command_that_fails_fails_the_test(here: Path) -> None:
    with pytest.raises(AssertionError, match="is not a package"):
        run_shell(["dontspy-data info nowhere"], here)


@pytest.mark.parametrize("line", ["pip install 'dontspy-data[telepathy]'", "make tea", "dontspy-data brew"])
def test_what_does_not_exist_fails_the_test(line: str, here: Path) -> None:
    with pytest.raises(AssertionError):
        run_shell([line], here)


def test_links_lead_somewhere() -> None:
    for page in PAGES:
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            assert (page.parent / link).exists(), f"{page.name}: {link}"
