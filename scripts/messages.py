"""Bring the site's catalogues up to date with its texts: `python -m scripts.messages`.

New texts are added without a translation, texts that are gone are dropped, and the number of those that still need
one is printed for each language. Translations are written by hand in `dontspy_data/site/locale/*.po`.
"""

import io
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from dontspy_data.audit.conclusions import Message
from dontspy_data.site.languages import CODES

ROOT = Path(__file__).parents[1]
SITE = ROOT / "dontspy_data" / "site"
METHODS = [
    ("templates/**.html", "jinja2.ext.babel_extract"),
    ("static/**.js", "javascript"),
    ("**.py", "python"),
]
OPTIONS: dict[str, dict[str, Any]] = {
    "templates/**.html": {
        "trimmed": "true",
        "trim_blocks": "true",
        "lstrip_blocks": "true",
        "silent": "false",
        "newstyle_gettext": "true",
    }
}
KEYWORDS = {
    "_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "msg": None,
    "say": None,
    "plural": (1, 2),
    "n_": (1, 2),
}
HEADER = "# Messages of the site in {}. Written by hand; `python -m scripts.messages` adds what is new."


def extracted() -> Catalog:
    """Return every text of the site, by file, without line numbers: they would change with every edit."""
    found = Catalog(project="dontspy-data", fuzzy=False)
    texts = extract_from_dir(str(SITE), METHODS, OPTIONS, KEYWORDS)
    for name, _, text, comments, _ in sorted(texts, key=lambda one: (one[0], one[1])):
        found.add(text, None, [(f"site/{name}", None)], auto_comments=comments)  # type: ignore[list-item]
    for message in Message:
        found.add(message, None, [("audit/conclusions.py", None)])  # type: ignore[list-item]
    return found


def updated(code: str) -> Catalog:
    """Return a language's catalogue with exactly the texts of the site."""
    path = SITE / "locale" / f"{code}.po"
    if path.exists():
        with path.open("rb") as file:
            catalog = read_po(file, locale=code)
    else:
        catalog = Catalog(locale=code)
    catalog.update(extracted(), no_fuzzy_matching=True, update_creation_date=False)
    catalog.obsolete.clear()
    for message in Message:  # filled by `format`: a `%` in them is one
        catalog[message].flags.discard("python-format")
    return catalog


def as_bytes(catalog: Catalog) -> bytes:
    """Write a catalogue as a file, without dates and versions of tools."""
    stream = io.BytesIO()
    write_po(stream, catalog, width=118, omit_header=True, sort_by_file=True)
    plural = f"nplurals={catalog.num_plurals}; plural={catalog.plural_expr};"
    header = (
        HEADER.format(catalog.locale_identifier),
        'msgid ""',
        'msgstr ""',
        f'"Language: {catalog.locale_identifier}\\n"',
        '"MIME-Version: 1.0\\n"',
        '"Content-Type: text/plain; charset=utf-8\\n"',
        '"Content-Transfer-Encoding: 8bit\\n"',
        f'"Plural-Forms: {plural}\\n"',
    )
    return "\n".join((*header, "", "")).encode() + stream.getvalue()


def missing(catalog: Catalog) -> list[str]:
    """Return the texts that have no translation."""
    return [
        str(message.id)
        for message in catalog
        if message.id
        and not all((message.string,) if isinstance(message.string, str) else message.string or ("",))
    ]


def main() -> None:
    """Write the catalogues."""
    for code in CODES[1:]:
        catalog = updated(code)
        (SITE / "locale" / f"{code}.po").write_bytes(as_bytes(catalog))
        print(f"{code}: {len(catalog)} messages, {len(missing(catalog))} without a translation")


if __name__ == "__main__":
    main()
