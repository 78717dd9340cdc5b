"""Reading whether an answer is reserved against use by AI: `X-Robots-Tag`, and TDMRep's `tdm-reservation`.

`X-Robots-Tag` is a list of rules, some with a value, which may begin with the name of the robot that they are for;
the name holds for its own header line. What may be meant for everybody counts as meant for everybody.

- https://developers.google.com/search/docs/crawling-indexing/robots-meta-tag
- https://www.w3.org/community/reports/tdmrep/CG-FINAL-tdmrep-20240510/ (section 6)
"""

import re

from dontspy_data.capture.records import Page

AGENT = "dontspy-data"
"""How rules for robots name this project."""

NO_AI = frozenset({"noai", "noimageai", "noml"})
RULES = NO_AI | {
    "all", "index", "follow", "none", "noindex", "nofollow", "noarchive", "nocache", "nosnippet", "noimageindex",
    "notranslate", "noodp", "noydir", "nositelinkssearchbox", "indexifembedded", "max-snippet",
    "max-image-preview", "max-video-preview", "unavailable_after",
}  # fmt: skip


def reserved_by(page: Page) -> str:
    """Return the header line that reserves an answer against use by AI; empty if none does."""
    for value in page.values("tdm-reservation"):
        if value.strip() != "0":
            return f"tdm-reservation: {value}"
    for value in page.values("X-Robots-Tag"):
        if _line_says_no_ai(value.lower()):
            return f"X-Robots-Tag: {value}"
    return ""


def _line_says_no_ai(line: str) -> bool:
    agent = ""
    for part in re.split("[,;]", line):
        before, colon, after = (word.strip() for word in part.partition(":"))
        # A name is followed by a rule; whatever else follows a colon is the value of a rule.
        if colon and re.split(r"[\s:]", after)[0] in RULES:
            agent, before = before, after
        is_for_us = agent in ("", "*") or agent.startswith(AGENT)
        if is_for_us and not NO_AI.isdisjoint(re.split(r"[\s:]+", before)):
            return True
    return False
