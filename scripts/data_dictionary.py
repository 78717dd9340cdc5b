"""Write `docs/data-dictionary.md` from the schemas: `python -m scripts.data_dictionary`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dontspy_data.model.schema import Table, dataset, tables

OUTPUT = Path(__file__).parent.parent / "docs" / "data-dictionary.md"
SHOWN = ("minimum", "maximum", "pattern", "minLength", "maxLength")


def main() -> None:
    """Write the data dictionary anew."""
    OUTPUT.write_text(data_dictionary(), encoding="utf-8")
    print(OUTPUT)


def data_dictionary() -> str:
    """Return the data dictionary as Markdown: every table, column, type, constraint and key."""
    lines = [
        "# Data dictionary",
        "",
        f"{dataset()['title']}.",
        "",
        "Made from `schemas/` by `make docs`; edit those. A missing value is null, in CSV an empty cell. Dates are "
        "ISO 8601, times are UTC.",
        "",
        "| table | key | what it is |",
        "|---|---|---|",
    ]
    for table in tables():
        key = ", ".join(f"`{name}`" for name in table.primary_key)
        lines.append(
            f"| [`{table.name}`](#{table.name}) | {key} | {_cell(_first_sentence(table.description))} |"
        )
    for table in tables():
        lines += ["", *_table(table)]
    return "\n".join(lines) + "\n"


def _table(table: Table) -> Iterator[str]:
    yield f"## {table.name}"
    yield ""
    yield table.description
    yield ""
    yield "| column | type | what it is | example |"
    yield "|---|---|---|---|"
    for field in table.schema["fields"]:
        required = "" if field.get("constraints", {}).get("required") else ", may be missing"
        example = f"`{_cell(field['example'])}`" if "example" in field else ""
        yield f"| `{field['name']}` | {field['type']}{required} | {_cell(_about(field))} | {example} |"
    for key in table.foreign_keys:
        ours, theirs = (" and ".join(f"`{name}`" for name in names) for names in (key.fields, key.reference))
        yield ""
        yield f"{ours} refers to {theirs} of [`{key.table}`](#{key.table})."


def _about(field: dict[str, Any]) -> str:
    about = [f"**{field['title']}.** {field['description']}"]
    if categories := field.get("categories"):
        about.append("One of: " + "; ".join(map(_category, categories)) + ".")
    constraints = field.get("constraints", {})
    shown = [f"{name} `{constraints[name]}`" for name in SHOWN if name in constraints]
    if shown:
        about.append(f"({', '.join(shown)})")
    return " ".join(about)


def _category(category: str | dict[str, str]) -> str:
    if isinstance(category, str):
        return f"`{category}`"
    return f"`{category['value']}` ({category['label'][0].lower()}{category['label'][1:]})"


def _first_sentence(text: str) -> str:
    return text.split(". ", maxsplit=1)[0].rstrip(".")


def _cell(value: object) -> str:
    """Escape a value for a cell of a Markdown table, where a bar would end it."""
    return str(value).replace("|", "\\|")


if __name__ == "__main__":
    main()
