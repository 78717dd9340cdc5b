"""What axe, the checker of accessibility, finds fault with on a page."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

# Only violations: what passes is most of a page, and would be sent here node by node.
RUN = """options => axe.run({resultTypes: ["violations"], ...options})
  .then(found => found.violations.map(one => [one.id, one.nodes[0].html]))"""


def faults(page: Page, options: dict[str, Any] | None = None) -> list[tuple[str, str]]:
    """Return each rule that a page breaks, with the first element that does."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    return [(rule, element) for rule, element in page.evaluate(RUN, options or {})]
