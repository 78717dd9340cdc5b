"""`CHANGELOG.md`: what changed since the release before, for people who never saw a schema.

Every line about a person has the words `MEP` and the person's number, and tells of a portrait what it says of itself
only after `portrait:`, so that it can be found again if the person or the portrait is withdrawn.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dontspy_data.model.withdrawals import Withdrawals
from dontspy_data.release.sections import Section

TITLE = "# Changelog\n\nWhat changed in each release, newest first.\n"
ABOUT_PERSON = re.compile(r"\bMEP (\d+)\b")
ABOUT_PORTRAIT = re.compile(r"\(?\bMEP (\d+)\)?, (?:earlier )?portrait: ")
SHOWN = 100


@dataclass(frozen=True, slots=True)
class ReleaseNotes:
    """What one release says of itself.

    Attributes:
        version: of the release.
        date: day of its latest data.
        sections: what changed; None for the first release.
        accepted: why it was released although it is below the floors, and in what way; None where it is not.
    """

    version: str
    date: str
    sections: Sequence[Section] | None
    accepted: str | None = None

    def as_markdown(self) -> str:
        """An entry of `CHANGELOG.md`."""
        lines = [f"## {self.version} ({self.date})", ""]
        if self.accepted:
            lines += [f"Released although it is below the floors: {self.accepted}", ""]
        if self.sections is None:
            lines += ["The first release.", ""]
        return "\n".join([*lines, *markdown(self.sections or ())])


def markdown(sections: Sequence[Section]) -> Iterator[str]:
    """Lines of Markdown; long lists are cut, and the delta has them whole."""
    for section in sections:
        yield f"### {section.title} ({len(section.lines):,})"
        yield ""
        yield from (f"- {line}" for line in section.lines[:SHOWN])
        if len(section.lines) > SHOWN:
            yield f"- and {len(section.lines) - SHOWN:,} more, see `delta.jsonl`"
        yield ""


def changelog(notes: ReleaseNotes, before: str, withdrawn: Withdrawals) -> str:
    """The text of `CHANGELOG.md`.

    Args:
        notes: of the release.
        before: text of the changelog of the release before; empty where there is none.
        withdrawn: everything withdrawn so far; nobody withdrawn is named in older entries.
    """
    older = before.removeprefix(TITLE).strip("\n")
    text = f"{TITLE}\n{notes.as_markdown().rstrip()}\n" + (f"\n{older}\n" if older else "")
    return changelog_without(text, withdrawn)


def changelog_without(text: str, withdrawn: Withdrawals) -> str:
    """A changelog in which lines about people withdrawn, or what their portraits said, tell only that."""
    return "".join(_line(line, withdrawn) for line in text.splitlines(keepends=True))


def _line(line: str, withdrawn: Withdrawals) -> str:
    person, portrait = ABOUT_PERSON.search(line), ABOUT_PORTRAIT.search(line)
    if (
        person
        and int(person[1]) in withdrawn.persons
        and not line.startswith(f"- MEP {person[1]}, withdrawn")
    ):
        return f"- MEP {person[1]}, withdrawn\n"
    if portrait and int(portrait[1]) in withdrawn.people:
        return f"- MEP {portrait[1]}, every portrait withdrawn\n"
    return line
