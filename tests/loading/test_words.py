"""What a release says of itself, and citations."""

import json
import re
from pathlib import Path

import pytest

import dontspy_data as dd
from dontspy_data.errors import UsageError
from dontspy_data.formats.citation import cite


def test_description_has_what_a_reader_asks_first(published: Path) -> None:
    text = str(dd.load(published).describe())
    assert "Version 1.1.0, as of 2026-01-15" in text
    assert re.search(r"^ +meps +62 rows", text, re.MULTILINE)
    assert "Portraits: 59 present" in text
    assert "https://creativecommons.org/licenses/by/4.0/" in text
    assert "Cite: Don't Spy EU & Hermes Center for Transparency and Digital Human Rights. (2026)" in text
    assert repr(dd.load(published).describe()) == text


def test_description_of_a_part_says_so(faces: dd.OpenDataFaces) -> None:
    train, _ = faces.split()
    assert f"Limited to {len(train.meps)} people" in train.describe()
    assert "Limited" not in faces.describe()


def test_apa(published: Path) -> None:
    assert dd.load(published, version="1.0").cite() == (
        "Don't Spy EU & Hermes Center for Transparency and Digital Human Rights. (2026). Open Data Faces: portraits "
        "and public facts of Members of the European Parliament (Version 1.0.0) [Data set]. https://dontspy.eu/"
    )


def test_bibtex(published: Path) -> None:
    text = dd.load(published).cite("bibtex")
    assert text.startswith("@misc{open_data_faces_1_1_0,\n  author = {{Don't Spy EU} and {Hermes Center")
    assert "  version = {1.1.0},\n" in text
    assert text.count("{") == text.count("}")


def test_bibtex_escapes_what_tex_would_read() -> None:
    descriptor = {
        "title": "100% of R&D_{x}",
        "contributors": [
            {"title": "A & B", "roles": ["publisher"]},
            {"title": "C", "roles": ["contributor"]},
        ],
        "created": "2026-01-15T00:00:00Z",
        "homepage": "https://example.org/a_b",
    }
    text = cite(descriptor, "bibtex")
    assert r"title = {100\% of R\&D\_\{x\}}" in text
    assert r"author = {{A \& B} and {C}}" in text
    assert r"\url{https://example.org/a_b}" in text


def test_other_styles_are_refused(faces: dd.OpenDataFaces) -> None:
    with pytest.raises(UsageError, match="no citation style 'mla'"):
        faces.cite("mla")


def test_a_dataset_names_itself_at_the_prompt(published: Path) -> None:
    assert repr(dd.load(published)) == f"<Open Data Faces 1.1.0 from {published}: describe() says more>"


def test_ris(published: Path) -> None:
    fields = [line.split("  - ", 1) for line in dd.load(published).cite("ris").split("\r\n") if line]
    assert fields[0] == ["TY", "DATA"]
    assert fields[-1][0] == "ER"
    assert [value for tag, value in fields if tag in ("DA", "ET")] == ["2026/01/15", "1.1.0"]
    assert sum(tag == "AU" for tag, _ in fields) == 2


def test_csl_json(published: Path) -> None:
    (item,) = json.loads(dd.load(published).cite("csl-json"))
    assert (item["type"], item["version"]) == ("dataset", "1.1.0")
    assert item["issued"] == {"date-parts": [[2026, 1, 15]]}
    assert item["URL"] == "https://dontspy.eu/"
