"""The report of few portraits, of models that guess little, and of people of whom little is known."""

from collections.abc import Callable
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from lxml import html

from dontspy_data.audit.attributions import AttributionRow, VariantRow, read_answers
from dontspy_data.audit.figures import detail_queries
from dontspy_data.audit.gaps import gap_rows
from dontspy_data.audit.measures import ChoiceRow, curve_rows, error_rows
from dontspy_data.audit.report import AuditResults, Report, changes_in_words, report, who_lacks_facts
from dontspy_data.model.schema import shipped_table
from tests.audit.tables import CARDS, tables

ATTRIBUTIONS, VARIANTS = tables()
Row = AttributionRow | VariantRow
CHOICES = tuple(
    ChoiceRow(
        *(
            "first",
            "age",
            "mean_absolute_error",
            "any",
            "gender",
            "female",
            "colour",
            option,
            option == "applied",
        ),
        *(estimate, None, None, 60, "years", False),
    )
    for option, estimate in (("applied", 5.5), ("ignored", 6.75))
)


def report_of(
    keep: Callable[[Row], bool], change: Callable[[AttributionRow], AttributionRow] | None = None
) -> Report:
    rows = [change(row) if change else row for row in ATTRIBUTIONS if keep(row)]
    answers = read_answers(rows, [row for row in VARIANTS if keep(row)])
    results = AuditResults(
        answers,
        error_rows(answers, CARDS, detects=True, redetects=False),
        gap_rows(answers, CARDS),
        CHOICES,
        curve_rows(answers, CARDS),
        CARDS,
    )
    count = len({row.portrait_id for row in rows})
    names = ("no_gender", "no_age", "dated_by_picture", "dated_by_term", "without_box")
    facts = {
        "title": "A release",
        "portraits": count,
        "known": {"portraits": count, **dict.fromkeys(names, 0)},
        "box_text": "",
        "version": "1",
        **who_lacks_facts(answers),
        **changes_in_words(answers),
    }
    written = report(results, facts)
    for chart in written.charts.values():
        ElementTree.fromstring(chart)
    page = html.fromstring(written.pages["audit.html"])
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert page.xpath("//@style") == []
    return written


@pytest.mark.parametrize("count", [1, 2, 6, 30])
def test_few_portraits_make_a_report_too(count: int) -> None:
    written = report_of(lambda row: row.mep_id < count)
    assert "What these numbers can and cannot show" in written.pages["audit.md"]


def test_models_that_find_no_face_leave_nothing_to_conclude() -> None:
    written = report_of(lambda row: row.attribute == "face" and row.mep_id < 20)
    assert written.findings == ()


def test_without_official_facts_there_is_no_finding_about_women_and_men() -> None:
    written = report_of(
        lambda row: row.mep_id < 20,
        lambda row: replace(row, official_gender=None, official_age=None, country=None, session=None),
    )
    assert not any("women" in finding for finding in written.findings)
    assert "no country 20" in written.pages["audit.md"]


def test_every_option_of_a_choice_is_told_with_the_documented_one_marked() -> None:
    text = report_of(lambda row: row.mep_id < 6).pages["audit.md"]
    assert "| colour | applied (documented) | 5.5 years |" in text
    assert "| colour | ignored | 6.8 years |" in text


def test_a_report_begins_with_three_findings_then_the_strip_then_the_limits() -> None:
    page = html.fromstring(report_of(lambda _: True).pages["audit.html"])
    titles = [title.text_content() for title in page.xpath("//h2")]
    assert titles[0].startswith("No man was called a woman")
    assert "half of all ages are within" in titles[3]
    limits, detail = titles.index("What these numbers can and cannot show"), titles.index("The detail")
    assert 3 < limits < detail
    assert page.xpath("//section[@class='finding'][position() <= 3]//figure/svg[@role='img']")
    assert all(len(notes.xpath("li")) <= 2 for notes in page.xpath("//section[@class='finding']/ul"))


def test_the_detail_asks_for_what_the_table_can_hold() -> None:
    table = shipped_table({"name": "attribution_errors", "minimumRows": 0, "maximumRows": 0})
    columns = {field.name: set(field.categories) for field in table.fields if field.categories}
    asked = [
        (column, value)
        for query in detail_queries()
        for column, values in (
            ("attribute", (query.attribute,)),
            ("measure", query.measures),
            ("group_by", query.group_by),
            ("label", query.labels),
            ("variant", query.variants),
        )
        for value in values
    ]
    assert len(asked) > 80
    assert [(column, value) for column, value in asked if value not in columns.get(column, {value})] == []
