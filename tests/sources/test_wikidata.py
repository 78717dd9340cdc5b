"""Wikidata items by the Parliament's ids."""

import json

import pytest

from dontspy_data.errors import PageError
from dontspy_data.model.problems import ProblemKind
from dontspy_data.model.statements import Property
from dontspy_data.sources import wikidata

URL = wikidata.url()


def answer(*pairs):
    bindings = [
        {
            "item": {"type": "uri", "value": f"http://www.wikidata.org/entity/{item}"},
            "mep": {"type": "literal", "value": mep},
        }
        for item, mep in pairs
    ]
    return json.dumps({"head": {"vars": ["item", "mep"]}, "results": {"bindings": bindings}})


def pairs(reading):
    return [(s.mep_id, s.value) for s in reading.statements if s.property is Property.WIKIDATA_ID]


def test_one_item_one_id(page):
    reading = wikidata.read(page(URL, answer(("Q11", "9000001"), ("Q12", "9000002"))))
    assert pairs(reading) == [(9000001, "Q11"), (9000002, "Q12")]
    assert not reading.problems


def test_two_items_of_one_person_are_both_kept_and_told(page):
    reading = wikidata.read(page(URL, answer(("Q12", "9000001"), ("Q11", "9000001"))))
    assert pairs(reading) == [(9000001, "Q11"), (9000001, "Q12")]
    assert [(p.kind, p.mep_id, p.found) for p in reading.problems] == [
        (ProblemKind.CONTRADICTION, 9000001, "Q11, Q12")
    ]


def test_one_item_of_two_persons_is_kept_for_both_and_told(page):
    reading = wikidata.read(page(URL, answer(("Q11", "9000002"), ("Q11", "9000001"))))
    assert pairs(reading) == [(9000001, "Q11"), (9000002, "Q11")]
    assert [(p.kind, p.mep_id, p.found) for p in reading.problems] == [
        (ProblemKind.CONTRADICTION, None, "Q11: 9000001, 9000002")
    ]


def test_the_order_and_repeats_of_the_answer_do_not_matter(page):
    one = answer(("Q11", "9000001"), ("Q12", "9000002"))
    other = answer(("Q12", "9000002"), ("Q11", "9000001"), ("Q12", "9000002"))
    assert pairs(wikidata.read(page(URL, one))) == pairs(wikidata.read(page(URL, other)))


@pytest.mark.parametrize("pair", [("Q11", "MEP-9"), ("Q11", ""), ("L11", "9000001"), ("Q11", "09")])
def test_what_is_no_item_or_id_is_a_problem(page, pair):
    reading = wikidata.read(page(URL, answer(("Q12", "9000002"), pair)))
    assert pairs(reading) == [(9000002, "Q12")]
    assert [p.kind for p in reading.problems] == [ProblemKind.ROW]


@pytest.mark.parametrize(
    "body", [answer(), '{"results": []}', '{"results": {"bindings": {}}}', '{"head": {}}']
)
def test_no_results_is_an_error(page, body):
    with pytest.raises(PageError, match=r"any results\.bindings"):
        wikidata.read(page(URL, body))
