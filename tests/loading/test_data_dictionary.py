"""The data dictionary is what the schemas say."""

from dontspy_data.model.schema import tables
from scripts.data_dictionary import OUTPUT, data_dictionary


def test_run_make_docs_where_this_fails() -> None:
    assert OUTPUT.read_text(encoding="utf-8") == data_dictionary()


def test_every_column_is_in_it() -> None:
    text = data_dictionary()
    for table in tables():
        section = text.split(f"\n## {table.name}\n")[1].split("\n## ")[0]
        rows = [line for line in section.splitlines() if line.startswith("| `")]
        assert [row.split("`")[1] for row in rows] == [field.name for field in table.fields]
        assert all(len(row.replace("\\|", "").split("|")) == 6 for row in rows)
