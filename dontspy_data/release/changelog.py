"""The changelog: what changed in each release, kept as data, and as Markdown for people who never saw a schema.

`changelog.json` has every release, newest first, and for each line the person that it is about; `CHANGELOG.md` is
rendered from it. So people who are withdrawn later are removed by number. Releases older than
`changelog.json` have only the Markdown: there, every line about a person has the word `MEP` and the person's number,
and details from a portrait come after `portrait:`.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from dontspy_data.model.texts import JsonValue, MalformedError, one_line, read_json
from dontspy_data.model.withdrawals import Withdrawals
from dontspy_data.package.files import CHANGELOG, CHANGES, json_text

TITLE = "# Changelog\n\nWhat changed in each release, newest first.\n"
FOLDED = 25
"""A section of more lines is folded, country by country."""
FIRST = "The first release."
ACCEPTED = "Released although it is below the floors: "
OLD_RELEASE = re.compile(r"## (\S+) \((.*)\)")
OLD_SECTION = re.compile(r"### (.*) \([\d,]+\)")
OLD_MORE = re.compile(r"- and ([\d,]+) more, see `delta\.jsonl`")
OLD_PERSON = re.compile(r"\bMEP (\d{1,15})\b")
OLD_PORTRAIT = re.compile(r"\(?\bMEP \d+\)?, (?:earlier )?portrait: ")
OLD_WITHDRAWN = re.compile(r"MEP \d+, (?:withdrawn|no longer withdrawn|every portrait)")


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """One line of a changelog.

    Attributes:
        text: for people.
        mep_id: the person that it is about; None if it is about nobody, or only gives a number.
        is_portrait: whether it has details from a portrait's metadata.
        country: name of the country that the person sits for, by which long sections are folded.
    """

    text: str
    mep_id: int | None = None
    is_portrait: bool = False
    country: str = field(default="", compare=False)

    def __str__(self) -> str:
        return one_line(self.text)


@dataclass(frozen=True, slots=True)
class Section:
    """One kind of change.

    Attributes:
        title: for people.
        lines: one per change.
        more: how many lines are not kept, in a release older than `changelog.json`.
    """

    title: str
    lines: tuple[ChangeLine, ...]
    more: int = 0


@dataclass(frozen=True, slots=True)
class ReleaseNotes:
    """The notes of one release.

    Attributes:
        version: of the release.
        date: day of its latest data.
        accepted: why it was released although it is below the floors, and in what way; None if it is not.
        fallback: a sentence for each source that replaced another and gave facts.
        sections: what changed; None for the first release.
    """

    version: str
    date: str
    accepted: str | None = None
    fallback: tuple[str, ...] = ()
    sections: tuple[Section, ...] | None = None


Changelog = tuple[ReleaseNotes, ...]
"""Notes of every release, newest first."""


def without(changelog: Changelog, withdrawn: Withdrawals) -> Changelog:
    """Return a changelog whose lines about withdrawn people, or details of their portraits, say only that."""
    return tuple(
        notes
        if notes.sections is None
        else replace(
            notes,
            sections=tuple(
                replace(section, lines=tuple(_line(line, withdrawn) for line in section.lines))
                for section in notes.sections
            ),
        )
        for notes in changelog
    )


def _line(line: ChangeLine, withdrawn: Withdrawals) -> ChangeLine:
    if line.mep_id in withdrawn.persons:
        return ChangeLine(f"MEP {line.mep_id}, withdrawn")
    if line.is_portrait and line.mep_id in withdrawn.people:
        return ChangeLine(f"MEP {line.mep_id}, every portrait withdrawn")
    return line


def write_changelog(changelog: Changelog, folder: Path) -> None:
    """Write `changelog.json` and `CHANGELOG.md` into a release."""
    document = {"releases": [asdict(notes) for notes in changelog]}
    (folder / CHANGES).write_text(json_text(document), encoding="utf-8")
    entries = "\n".join(_markdown(notes) for notes in changelog)
    (folder / CHANGELOG).write_text(f"{TITLE}\n{entries}", encoding="utf-8")


def _markdown(notes: ReleaseNotes) -> str:
    lines = [f"## {notes.version} ({notes.date})", ""]
    if notes.accepted:
        lines += [f"{ACCEPTED}{one_line(notes.accepted)}", ""]
    for sentence in notes.fallback:
        lines += [f"{one_line(sentence)}.", ""]
    if notes.sections is None:
        lines += [FIRST, ""]
    return "\n".join([*lines, *markdown(notes.sections or ())])


def markdown(sections: Sequence[Section]) -> Iterator[str]:
    """Yield lines of Markdown; long sections are folded by country, and nothing is cut."""
    for section in sections:
        yield f"### {section.title} ({len(section.lines) + section.more:,})"
        yield ""
        is_long = len(section.lines) > FOLDED and any(line.country for line in section.lines)
        yield from _folded(section.lines) if is_long else (f"- {line}" for line in section.lines)
        if section.more:
            yield f"- and {section.more:,} more, see `delta.jsonl`"
        yield ""


def _folded(lines: Sequence[ChangeLine]) -> Iterator[str]:
    """Yield the lines of each country, folded; those without one last."""
    of_country: dict[str, list[ChangeLine]] = defaultdict(list)
    for line in lines:
        of_country[line.country].append(line)
    for country in sorted(of_country, key=lambda name: (not name, name)):
        found = of_country[country]
        yield from (f"<details><summary>{country or 'Others'} ({len(found):,})</summary>", "")
        yield from (f"- {line}" for line in found)
        yield from ("", "</details>")


def read_changelog(release: Path) -> Changelog:
    """Read the changelog of a release, including one older than `changelog.json`.

    Raises:
        MalformedError: it is damaged, or the release has none.
    """
    path = release / CHANGES
    if path.is_file():
        document = read_json(path.read_bytes(), str(path), hint="Take a whole copy of the release.")
        return tuple(_notes(one) for one in document["releases"].items(100_000))
    path = release / CHANGELOG
    try:
        return tuple(_old_notes(path.read_bytes().decode("utf-8").split("\n")))
    except (OSError, UnicodeDecodeError) as error:
        raise MalformedError(str(path), "", str(error), hint="Take a whole copy of the release.") from error


def _notes(one: JsonValue) -> ReleaseNotes:
    accepted, sections, fallback = (one.get(name) for name in ("accepted", "sections", "fallback"))
    return ReleaseNotes(
        version=one["version"].text(longest=100),
        date=one["date"].text(longest=100),
        accepted=accepted.text() if accepted else None,
        fallback=tuple(sentence.text() for sentence in fallback.items(100)) if fallback else (),
        sections=tuple(_section(section) for section in sections.items(1000)) if sections else None,
    )


def _section(one: JsonValue) -> Section:
    lines = tuple(
        ChangeLine(
            line["text"].text(),
            mep_id.whole() if (mep_id := line.get("mep_id")) else None,
            line["is_portrait"].flag(),
            country.text(longest=100) if (country := line.get("country")) else "",
        )
        for line in one["lines"].items()
    )
    return Section(one["title"].text(longest=1000), lines, one["more"].whole())


def _old_notes(lines: Iterable[str]) -> Iterator[ReleaseNotes]:
    """Yield the notes of each release from Markdown as older code wrote it."""
    notes: ReleaseNotes | None = None
    for line in lines:
        if match := OLD_RELEASE.fullmatch(line):
            if notes:
                yield notes
            notes = ReleaseNotes(match[1], match[2], sections=())
        elif notes:
            notes = _with_old_line(notes, line)
    if notes:
        yield notes


def _with_old_line(notes: ReleaseNotes, line: str) -> ReleaseNotes:
    sections = notes.sections or ()
    if line == FIRST:
        return replace(notes, sections=None)
    if line.startswith(ACCEPTED):
        return replace(notes, accepted=line.removeprefix(ACCEPTED))
    if match := OLD_SECTION.fullmatch(line):
        return replace(notes, sections=(*sections, Section(match[1], ())))
    if not line or not sections:
        return notes
    *others, last = sections
    if match := OLD_MORE.fullmatch(line):
        last = replace(last, more=int(match[1].replace(",", "")))
    elif line.startswith("- "):
        last = replace(last, lines=(*last.lines, _old_line(line.removeprefix("- "))))
    elif last.lines:  # a text with a line break in it
        last = replace(last, lines=(*last.lines[:-1], _old_line(f"{last.lines[-1].text} {line}")))
    return replace(notes, sections=(*others, last))


def _old_line(text: str) -> ChangeLine:
    person = None if OLD_WITHDRAWN.match(text) else OLD_PERSON.search(text)
    return ChangeLine(text, int(person[1]) if person else None, OLD_PORTRAIT.search(text) is not None)
