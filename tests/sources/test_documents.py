"""Answers opened with care."""

import pytest

from dontspy_data.errors import PageError
from dontspy_data.model.problems import ProblemKind
from dontspy_data.sources.documents import html_document, json_document, text_of, xml_document
from dontspy_data.sources.ep_lists import persons_xml
from dontspy_data.sources.findings import Findings

URL = "https://www.europarl.europa.eu/meps/en/full-list/xml"
BOMB = (
    '<!DOCTYPE meps [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    "<meps><mep><id>9000001</id><fullName>&b;</fullName></mep></meps>"
)


def test_a_document_type_is_refused_with_whatever_it_declares(page):
    with pytest.raises(PageError, match="DOCTYPE"):
        xml_document(page(URL, BOMB), "test")


def test_a_document_type_is_refused_in_any_encoding(page):
    body = ('<?xml version="1.0" encoding="utf-16"?>' + BOMB).encode("utf-16")
    with pytest.raises(PageError, match="DOCTYPE"):
        xml_document(page(URL, body), "test")


def test_no_file_is_read_through_an_entity(page, tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    body = f'<!DOCTYPE meps [<!ENTITY x SYSTEM "{secret.as_uri()}">]><meps><mep><id>&x;</id></mep></meps>'
    with pytest.raises(PageError, match="DOCTYPE"):
        xml_document(page(URL, body), "test")


def test_broken_xml_names_the_page(page):
    with pytest.raises(PageError, match="no well-formed XML") as caught:
        xml_document(page(URL, "<meps><mep></meps>"), "test")
    assert URL in str(caught.value)


@pytest.mark.parametrize("body", ["", "{", "[1]", "nul", "[" * 100_000, b"\xff\xfe\x00"])
def test_what_is_no_json_object(page, body):
    with pytest.raises(PageError, match="no JSON"):
        json_document(page(URL, body), "test")


def test_text_is_whole_and_single_spaced(page):
    root = html_document(page(URL, "<p>a<!-- no --> b\n <b>c</b>&nbsp;d </p>"), "test")
    assert text_of(root) == "a b c d"


def test_html_is_utf8_whatever_it_says(page):
    body = "<html><head><meta charset='latin-1'></head><body>Jänis Ķēniņš</body></html>"
    assert text_of(html_document(page(URL, body), "test")) == "Jänis Ķēniņš"


@pytest.mark.parametrize(
    ("body", "missing"),
    [
        ("<people/>", "<meps>"),
        ("<meps/>", "any person"),
        ("<meps><mep><id>x</id><fullName>Ada EXAMPLE</fullName></mep></meps>", "any person"),
    ],
)
def test_a_list_that_lacks_something_says_what(page, body, missing):
    with pytest.raises(PageError, match=missing):
        persons_xml(Findings(page(URL, body), "test"))


def test_a_person_without_a_number_is_a_problem_and_the_others_are_there(page):
    found = Findings(page(URL, "<meps><mep><id>9000001</id></mep><mep><id>x</id></mep></meps>"), "test")
    assert persons_xml(found) == [(9000001, {"id": "9000001"})]
    assert [p.kind for p in found.reading().problems] == [ProblemKind.ROW]
