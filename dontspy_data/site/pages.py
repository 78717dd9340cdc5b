"""Pages: view models through templates, and Markdown of a package (card, changelogs) as HTML that is safe to show."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from dontspy_data.model.texts import web_address
from dontspy_data.site.labels import day, slug

if TYPE_CHECKING:
    from jinja2 import Environment
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
LOWEST_HEADING = 6
SCROLLS = '<div class="scroll" tabindex="0" role="group" aria-label="Table">'
"""Put around tables, which can be wider than a phone; markup in the text is escaped, so each one is a table's own."""
KIB = 1024
SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "img-src 'self'",
        "style-src 'self'",
        "script-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
    )
)
"""What a page may load, for its `Content-Security-Policy`: nothing but files of its own server."""


@dataclass(frozen=True)
class Pages:
    """Templates with what all pages share.

    Attributes:
        shared: values that every template can use.
        address: where the site will stand, with a slash at the end; empty where that is not known.
    """

    shared: Mapping[str, Any]
    address: str

    def render(self, template: str, path: str, **values: Any) -> bytes:
        """Render a page.

        Args:
            template: its name.
            path: of the page, from the site's root; `root` in the template leads back there.
            values: what only this page uses.
        """
        root = "../" * path.count("/")
        html = self._environment.get_template(template).render(
            **self.shared, root=root, path=path, address=self.address, absolute=self.address or root, **values
        )
        return html.encode()

    @cached_property
    def _environment(self) -> "Environment":
        from jinja2 import Environment, PackageLoader, StrictUndefined
        from markupsafe import Markup

        environment = Environment(
            loader=PackageLoader("dontspy_data.site"),
            undefined=StrictUndefined,
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        filters: dict[str, Callable[..., str]] = {
            "web": lambda value: web_address(value) or "",
            "number": number,
            "size": size,
            "day": day,
            "iso": iso,
            "slug": slug,
        }
        environment.filters |= filters
        environment.filters["inline"] = lambda text: Markup(inline(text))  # noqa: S704 - markup is escaped
        environment.globals["policy"] = SECURITY_POLICY
        return environment


def number(value: int) -> str:
    """Format a number with commas between thousands."""
    return f"{value:,}"


def size(value: int) -> str:
    """Format a number of bytes in the unit that people read."""
    if value < KIB:
        return f"{value} bytes"
    if value < KIB * KIB:
        return f"{value / KIB:.0f} KiB"
    return f"{value / KIB / KIB:.1f} MiB"


def iso(value: date | None) -> str:
    """Format a date as `2023-04-27`; empty for none."""
    return value.isoformat() if value else ""


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
    """Render one line of Markdown (a column's description, say) as HTML that is safe to show."""
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
