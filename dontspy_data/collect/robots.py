"""robots.txt: what a host lets this project ask for, and how fast.

Format: RFC 9309, https://www.rfc-editor.org/rfc/rfc9309
"""

from protego import Protego

from dontspy_data.capture import Page
from dontspy_data.sources.portraits import AGENT


class Rules:
    """One host's rules for this project.

    Attributes:
        answered: whether the host could say what they are.
    """

    def __init__(self, text: str, *, answered: bool) -> None:
        self.answered = answered
        self._parsed = Protego.parse(text)

    def allow(self, url: str) -> bool:
        """Whether an address may be asked for."""
        return bool(self._parsed.can_fetch(url, AGENT))

    @property
    def interval(self) -> float:
        """Seconds that the host wants between two requests; 0 where it says nothing."""
        delay = float(self._parsed.crawl_delay(AGENT) or 0)
        rate = self._parsed.request_rate(AGENT)
        return max(delay, rate.seconds / rate.requests if rate else 0.0)


def read_rules(page: Page | None) -> Rules:
    """The rules in an answer for `/robots.txt`.

    A host that has none (4xx) or answers with a web page allows everything, whatever type it gives its answer; one
    that cannot answer (None) allows nothing, until it can (RFC 9309, sections 2.3.1.3 and 2.3.1.4).
    """
    if page is None:
        return Rules("User-agent: *\nDisallow: /\n", answered=False)
    text = page.body.decode("utf-8-sig", errors="replace")
    if page.status != 200 or text.lstrip().startswith("<"):
        return Rules("", answered=True)
    return Rules(text, answered=True)
