"""Markdown of a package (dataset card, changelogs) as HTML that is safe to show."""

import re
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
LOWEST_HEADING = 6
SCROLLS = '<div class="scroll" tabindex="0" role="group" aria-label="Table">'
"""Put around tables, which can be wider than a phone; markup in the text is escaped, so each one is a table's own."""


def to_html(text: str, *, base: str = "", deeper: int = 1) -> str:
    """Markdown as HTML. Markup in it shows as text, and pictures as links to them.

    Args:
        text: CommonMark with tables; front matter is left out.
        base: put before relative addresses.
        deeper: how many levels headings go down, so that they fit below the page's own.
    """
    tokens = _parser().parse(FRONT_MATTER.sub("", text))
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1]) + deeper, LOWEST_HEADING)}"
        if (
            token.attrs.pop("style", None) == "text-align:right"
        ):  # the security policy forbids styles in markup
            token.attrSet("class", "num")
        for child in token.children or ():
            _rebase(child, base)
    html: str = _parser().renderer.render(tokens, _parser().options, {})
    return html.replace("<table>", f"{SCROLLS}<table>").replace("</table>", "</table></div>")


def inline(text: str) -> str:
    """One line of Markdown (a column's description, say) as HTML that is safe to show."""
    html: str = _parser().renderInline(text)
    return html


@cache
def _parser() -> "MarkdownIt":
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")


def _rebase(token: "Token", base: str) -> None:
    address = token.attrGet("href")
    if isinstance(address, str) and not urlsplit(address).scheme and not address.startswith(("#", "/")):
        token.attrSet("href", base + address)
