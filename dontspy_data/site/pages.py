"""Pages: view models through templates, every address relative to the page's own place."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

from dontspy_data.site.labels import day, slug
from dontspy_data.site.markdown import inline

if TYPE_CHECKING:
    from jinja2 import Environment

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
        """A page.

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
        environment.filters |= {"number": number, "size": size, "day": day, "iso": iso, "slug": slug}
        environment.filters["inline"] = lambda text: Markup(inline(text))  # noqa: S704 - markup is escaped
        environment.globals["policy"] = SECURITY_POLICY
        return environment


def number(value: int) -> str:
    """A number with commas between thousands."""
    return f"{value:,}"


def size(value: int) -> str:
    """A number of bytes in the unit that people read."""
    if value < KIB:
        return f"{value} bytes"
    if value < KIB * KIB:
        return f"{value / KIB:.0f} KiB"
    return f"{value / KIB / KIB:.1f} MiB"


def iso(value: date | None) -> str:
    """A date as `2023-04-27`; empty for none."""
    return value.isoformat() if value else ""
