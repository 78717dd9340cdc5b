"""Pages: view models through templates, and Markdown of a package (card, changelogs) as HTML that is safe to show."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from dontspy_data.model.texts import safe_link
from dontspy_data.site import facts, software
from dontspy_data.site.languages import ENGLISH, LANGUAGES, Language, language_of_country, msg
from dontspy_data.site.people import PersonView

if TYPE_CHECKING:
    from jinja2 import Environment
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
LOWEST_HEADING = 6
SCROLLS = '<div class="scroll" tabindex="0" role="group" aria-label="Table">'
"""Put around tables, which can be wider than a phone; markup in the text is escaped, so each one is a table's own."""
NOT_FOUND = "404.html"
"""Servers give it for any address, so that it alone cannot lead to other files from where it is."""
NAVIGATION = (
    ("index.html", msg("Story")),
    ("explore/index.html", msg("Explore")),
    ("compare/index.html", msg("Compare")),
    ("data/index.html", msg("Data")),
    ("about/index.html", msg("About")),
)
"""The five entries: path and label."""
SECTIONS = {
    "explore": "explore/index.html",
    "person": "explore/index.html",
    "compare": "compare/index.html",
    "guess": "compare/index.html",
    "data": "data/index.html",
    "coverage": "data/index.html",
    "api": "data/index.html",
    "about": "about/index.html",
    "contests": "about/index.html",
    "withdraw": "about/index.html",
}
"""First part of a path to the entry that it belongs to; everything else belongs to the first."""
SECURITY_POLICY = (
    "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "font-src 'self'; form-action 'self'; base-uri 'none'"
)
"""What a page may load, for its `Content-Security-Policy`: nothing but files of its own server."""


@dataclass(frozen=True, slots=True)
class SitePage:
    """A page before it is rendered.

    Attributes:
        template: its name in `templates/`.
        path: of the page, from the root of its language.
        values: what only this page uses, the same in every language.
        languages: those that it is rendered in.
        is_listed: whether the sitemap has it.
    """

    template: str
    path: str
    values: Mapping[str, Any] = field(default_factory=dict)
    languages: tuple[Language, ...] = LANGUAGES
    is_listed: bool = True


@dataclass(frozen=True)
class Pages:
    """Templates with what all pages of one language share.

    Attributes:
        shared: values that every template can use.
        address: where the site will stand, with a slash at the end; empty if that is not known.
        language: of the pages.
        translated: paths of the pages that every language has.
    """

    shared: Mapping[str, Any]
    address: str
    language: Language = ENGLISH
    translated: frozenset[str] = frozenset()

    def render(self, page: SitePage) -> bytes:
        """Render a page in the language.

        Templates use `root`, which leads to the site's root, and `link(path)`, which leads to a page in the reader's
        language where there is one, and in English otherwise.
        """
        where = self.language.prefix + page.path
        root = urlsplit(self.address).path or "/" if page.path == NOT_FOUND else "../" * where.count("/")
        html = (
            _environment()
            .get_template(page.template)
            .render(
                **self.shared,
                **_messages(self.language),
                root=root,
                path=page.path,
                where=where,
                languages=page.languages,
                language=self.language,
                address=self.address,
                absolute=self.address or root,
                link=lambda path: root + self.place_of(path),
                **page.values,
            )
        )
        return html.encode()

    def place_of(self, path: str) -> str:
        """Return where a page is in this language, or in English where this language has not got it."""
        prefix = self.language.prefix if path.partition("#")[0].partition("?")[0] in self.translated else ""
        return prefix + path


@cache
def _environment() -> "Environment":
    """Return the templates, compiled once: what depends on the language is taken from each page's own values."""
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=PackageLoader("dontspy_data.site"),
        extensions=["jinja2.ext.i18n"],
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.policies["ext.i18n.trimmed"] = True
    environment.newstyle_gettext = True  # type: ignore[attr-defined]
    filters: dict[str, Callable[..., Any]] = {
        **{name: _in_language(getattr(Language, name)) for name in ("number", "percent", "day", "size")},
        "web": lambda value: safe_link(value) or "",
        "iso": lambda value: value.isoformat() if value else "",
        "slug": slug,
        "inline": lambda text: Markup(inline(text)),  # noqa: S704 - markup is escaped
    }
    environment.filters |= filters
    told = (
        software.guess_words,
        software.label,
        software.sureness,
        software.years,
        software.told,
        facts.term,
        facts.when,
        facts.stay_words,
        summary,
    )
    environment.globals |= {
        **{tell.__name__: _in_language(tell, last=True) for tell in told},
        "country_name": _in_language(Language.country),
        "language_of_country": language_of_country,
        "worst": software.worst,
        "scales_of": software.scales_of,
        "policy": SECURITY_POLICY,
        "navigation": NAVIGATION,
        "entry_of": entry_of,
        "ATTRIBUTES": software.ATTRIBUTES,
        "KINDS": facts.KINDS,
    }
    return environment


def _in_language(tell: Callable[..., Any], *, last: bool = False) -> Callable[..., Any]:
    """Return a function for templates that is given the page's language, as its first argument or as its last."""
    from jinja2 import pass_context

    @pass_context
    def call(context: Mapping[str, Any], *values: Any) -> Any:
        language = context["language"]
        return tell(*values, language) if last else tell(language, *values)

    return call


def _messages(language: Language) -> dict[str, Callable[..., str]]:
    """Return what `{% trans %}` and `_()` call; values are escaped, and messages are markup."""
    from markupsafe import Markup

    say, many = language.translations.ugettext, language.translations.ungettext
    return {
        "gettext": lambda text, /, **values: Markup(say(text)) % values,  # noqa: S704 - texts are ours
        "ngettext": lambda one, other, count, /, **values: Markup(many(one, other, count)) % values,  # noqa: S704
    }


def entry_of(path: str) -> str:
    """Return which entry of the navigation a page belongs to, as that entry's path."""
    return SECTIONS.get(path.partition("/")[0], NAVIGATION[0][0])


def slug(code: str) -> str:
    """Format a code as part of an address: `S&D` is `S-D`, as in the Parliament's own parameters."""
    return "".join(c if c.isascii() and c.isalnum() else "-" for c in code)


def to_html(text: str, *, base: str = "", deeper: int = 1) -> str:
    """Return Markdown as HTML. Markup in it shows as text, and pictures as links to them.

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


def summary(person: PersonView, language: Language) -> str:
    """Describe a person in a sentence or two, for search engines and social cards."""
    known = [language.country(person.country, person.country_name), person.group, person.party]
    what = ", ".join(part for part in known if part)
    role = language.say(msg("Member of the European Parliament"))
    if person.term is not None:
        role = f"{role}, {facts.term(person.term, language)}"
    if not person.guesses:
        told = language.say(msg("Official portrait and facts, with the source of each."))
    else:
        told = language.say(
            msg("What face software guesses from the official portrait, and how wrong it is.")
        )
    return f"{role}{': ' + what if what else ''}. {told}"
