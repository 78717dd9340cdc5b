"""What is edited by hand: schemas that are complete, and rows that fit them."""

import dataclasses
import json
import re
from pathlib import Path

import pytest

from dontspy_data.model.codes import Country, Group
from dontspy_data.model.problems import ProblemRow
from dontspy_data.model.schema import Table, dataset, tables
from dontspy_data.model.statements import CONTACTS, MEMBERSHIPS, Property
from dontspy_data.model.withdrawals import WithdrawalRow
from dontspy_data.portraits.faces import FaceRow
from dontspy_data.portraits.rows import PeriodRow, PortraitRow
from dontspy_data.resolve.meps import ContactRow, MepRow
from dontspy_data.resolve.periods import MandateRow, MembershipRow
from dontspy_data.resolve.resolve import StatementRow
from dontspy_data.sources import SOURCES
from dontspy_data.sources.read import ReadPage

ROOT = Path(__file__).parents[2]
ROWS = {
    "meps": MepRow,
    "mandates": MandateRow,
    "memberships": MembershipRow,
    "political_groups": Group,
    "countries": Country,
    "contacts": ContactRow,
    "portraits": PortraitRow,
    "portrait_periods": PeriodRow,
    "faces": FaceRow,
    "statements": StatementRow,
    "problems": ProblemRow,
    "pages": ReadPage,
    "withdrawals": WithdrawalRow,
}
SCHEMAS = sorted((ROOT / "schemas").glob("*.json"))
PATTERNS = {
    "integer": r"-?\d+",
    "number": r"-?\d+(\.\d+)?",
    "boolean": "True|False",
    "date": r"\d{4}-\d{2}-\d{2}",
    "datetime": r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z",
    "string": "(?s).+",
}


@pytest.mark.parametrize("table", tables(), ids=lambda table: table.name)
def test_a_row_class_has_the_columns_of_its_schema(table: Table) -> None:
    row = ROWS[table.name]
    assert [field.name for field in dataclasses.fields(row)] == [field.name for field in table.fields]


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.stem)
def test_a_schema_says_everything_of_every_field(path: Path) -> None:
    schema = json.loads(path.read_text("utf-8"))
    assert schema["title"]
    assert schema["description"]
    assert schema["missingValues"] == [""]
    assert schema["primaryKey"]
    names = [field["name"] for field in schema["fields"]]
    assert len(names) == len(set(names))
    for field in schema["fields"]:
        assert field["title"], field["name"]
        assert field["description"].endswith((".", "`")), field["name"]
        assert re.fullmatch(PATTERNS[field["type"]], str(field["example"])), field["name"]
        constraints = field.get("constraints", {})
        if "pattern" in constraints:
            assert re.fullmatch(constraints["pattern"], str(field["example"])), field["name"]
        if "enum" in constraints:
            assert str(field["example"]) in constraints["enum"], field["name"]


@pytest.mark.parametrize("table", tables(), ids=lambda table: table.name)
def test_keys_refer_to_what_is_there(table: Table) -> None:
    columns = {t.name: {field.name for field in t.fields} for t in tables()}
    assert set(table.primary_key) <= columns[table.name]
    for key in table.foreign_keys:
        assert set(key.fields) <= columns[table.name]
        assert set(key.reference) <= columns[key.table]


def test_categories_are_those_of_the_code_run_make_docs_where_this_fails() -> None:
    categories = {
        (table.name, field.name): field.categories
        for table in tables()
        for field in table.fields
        if field.categories
    }
    assert categories["statements", "property"] == categories["problems", "property"] == tuple(Property)
    assert set(categories["memberships", "kind"]) == MEMBERSHIPS
    assert set(categories["contacts", "kind"]) == CONTACTS
    named = [found for (_, column), found in categories.items() if column == "source"]
    assert len(named) >= 5
    assert set(named) == {tuple(source.name for source in SOURCES)}


def test_the_dataset_says_who_and_under_what_terms() -> None:
    described = dataset()
    assert described["name"] == "open-data-faces"
    for key in ("title", "description", "licenses", "sources", "contributors"):
        assert described[key], key
