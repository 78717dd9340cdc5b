"""What editors know of tables and columns is what the schemas say."""

from dontspy_data.model.schema import tables
from scripts.typed_tables import OUTPUT, typed_tables


def test_run_make_docs_where_this_fails() -> None:
    assert OUTPUT.read_text("utf-8") == typed_tables()


def test_every_table_and_column_is_in_it() -> None:
    text = typed_tables()
    for table in tables():
        assert f"    {table.name}: " in text
        assert all(f'"{field.name}"' in text for field in table.fields)
