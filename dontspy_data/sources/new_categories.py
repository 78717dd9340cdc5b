"""Groups and terms that no lookup lists yet, from the Parliament's own data.

A group has a body in the API, with label, names and dates; a term begins on the day on which its Members' mandates do.
So an unattended night after an election still ends in a release, with a problem for each that says which row to add.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any

from dontspy_data.capture.captures import Captures, Page
from dontspy_data.errors import UnknownCodeError, UsageError
from dontspy_data.model import codes
from dontspy_data.model.codes import Lookups, csv_cell
from dontspy_data.model.problems import Problem, ProblemKind
from dontspy_data.model.statements import Property
from dontspy_data.model.texts import one_line
from dontspy_data.sources.api_records import PARLIAMENT_OF_TERM, PERIOD_ID
from dontspy_data.sources.documents import dicts, json_object, last_part, short, texts
from dontspy_data.sources.ep_api import BASE, current_url, mep_url
from dontspy_data.sources.findings import Findings
from dontspy_data.sources.values import person_id, whole_day

NAME = "ep_api"
BODIES = f"{BASE}/corporate-bodies/"
GROUP = "EU_POLITICAL_GROUP"
LABEL = re.compile(r"[^\s,;\"][^,;\"\n]{0,39}")
LANGUAGES = ("en", "fr", "de", "es", "it")
SAMPLE = 60
"""How many sitting Members are examined for an unlisted term."""
AT_LEAST = 3
"""How many of them must have a mandate in it."""
MADE = "Made by a run from the Parliament's own data."


@dataclass(frozen=True, slots=True)
class Learned:
    """Lookups extended by what captures add.

    Attributes:
        lookups: those in use, and a row for each new group, name of a group, and term.
        problems: one for each such row, with what to add to the project's own lookups.
    """

    lookups: Lookups
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class _Body:
    """A political group's body in one term, as its page has it."""

    page: Page
    label: str
    names: Mapping[str, str]
    start: date | None
    end: date | None


def learn(captures: Captures) -> Learned:
    """Return the lookups in use, with the groups, names of groups and terms that only captures have.

    Anything that contradicts the lookups is left to be reported as an unknown category.
    """
    lookups, problems = codes.in_force(), []
    by_label: dict[str, list[_Body]] = defaultdict(list)
    for body in _group_bodies(captures):
        by_label[body.label].append(body)
    for label in sorted(by_label):
        for row, labels, problem in _group_rows(lookups, by_label[label]):
            try:
                lookups = lookups.with_rows({"groups.csv": [row], "group_labels.csv": labels})
            except UsageError:  # a name of another group
                continue
            problems.append(problem)
    for term, problem in _terms(lookups, captures):
        lookups = lookups.with_rows({"terms.csv": [term]})
        problems.append(problem)
    return Learned(lookups, tuple(problems))


def _group_bodies(captures: Captures) -> Iterator[_Body]:
    """Yield the bodies of political groups, of the latest answer for each address."""
    for url in captures.urls():
        page = captures.latest(url) if url.startswith(BODIES) else None
        if page and GROUP.encode() in page.body:
            found = Findings(page, NAME)
            for row in dicts(json_object(page).get("data")):
                kinds = texts(found, row, "classification")
                if kinds and last_part(kinds[0]) == GROUP and (body := _body(found, row)):
                    yield body


def _body(found: Findings, row: Mapping[str, Any]) -> _Body | None:
    labels, names = texts(found, row, "label"), texts(found, row, "prefLabel")
    if not labels or not LABEL.fullmatch(labels[0]) or not names:
        return None
    given = row["prefLabel"] if isinstance(row["prefLabel"], dict) else {}
    known = {one: one_line(given[one]) for one in LANGUAGES if isinstance(given.get(one), str)}
    period = next(dicts(row.get("temporal")), {})
    start, end = (_date(period.get(key)) for key in ("startDate", "endDate"))
    if start is None and (match := PERIOD_ID.search(str(row.get("temporal", "")))):
        start, end = (_date(digits) for digits in match.groups())
    return _Body(found.page, labels[0], {"en": one_line(names[0]), **known}, start, end)


def _date(text: object) -> date | None:
    found = whole_day(text) if isinstance(text, str) else None
    return date.fromisoformat(found) if found else None


_Found = tuple[dict[str, Any], list[dict[str, Any]], Problem]


def _group_rows(lookups: Lookups, bodies: Sequence[_Body]) -> Iterator[_Found]:
    """Yield the row of a group that is not listed or has a new name, and the problem that reports it."""
    latest = max(bodies, key=lambda body: (body.end is None, body.start or date.min, body.page.retrieved_at))
    code, name = _known(lookups, latest.label), latest.names.get("en", "")
    if code is None and _known(lookups, name) is None:
        yield _new_group(bodies, latest)
    elif code is not None and latest.end is None and name and _known(lookups, name) is None:
        yield _renamed_group(lookups, code, latest)


def _known(lookups: Lookups, name: str) -> str | None:
    with codes.using(lookups), suppress(UnknownCodeError):
        return codes.group(name)
    return None


def _new_group(bodies: Sequence[_Body], latest: _Body) -> _Found:
    starts = [body.start for body in bodies if body.start]
    row = {
        "code": latest.label,
        "ep_code": latest.label,
        **{f"name_{one}": latest.names.get(one, "") for one in LANGUAGES},
        "start_date": min(starts, default=None),
        "end_date": latest.end,
        "predecessor": None,
        "note": MADE,
    }
    row["name_en"] = row["name_en"] or latest.label
    hint = f"The run made a row for it. Look at it, and add it to lookups/groups.csv: {_csv(row)}"
    return row, [], _problem(latest.page, latest.label, "a political group that groups.csv lists", hint)


def _renamed_group(lookups: Lookups, code: str, latest: _Body) -> _Found:
    listed = next(row for row in lookups.rows["groups.csv"] if row["code"] == code)
    since = f" before {latest.start}" if latest.start else ""
    note = f"{listed['note']} Called {listed['name_en']!r}{since}.".strip()
    names = {f"name_{one}": latest.names.get(one) or listed[f"name_{one}"] for one in LANGUAGES}
    former = {listed[f"name_{one}"]: one for one in LANGUAGES if listed[f"name_{one}"]}
    labels = [
        {"label": label, "language": language, "code": code}
        for label, language in former.items()
        if label not in names.values()
    ]
    row = {**listed, **names, "note": note}
    hint = f"The run took the new name. Look at it, and add it to lookups/groups.csv: {_csv(row)}"
    found = latest.names["en"]
    return row, labels, _problem(latest.page, found, f"a name of {code} that the lookups list", hint)


def _terms(lookups: Lookups, captures: Captures) -> Iterator[tuple[dict[str, Any], Problem]]:
    """Yield the row of each term after the last listed one in which several sitting Members have a mandate."""
    last = lookups.terms[-1]
    starts: dict[int, Counter[date]] = defaultdict(Counter)
    pages: dict[int, Page] = {}
    for page in _details(captures):
        for row in dicts(json_object(page).get("data")):
            for term, start in _mandates(Findings(page, NAME), row):
                if last.term < term <= last.term + 2 and start > last.start_date:
                    starts[term][start] += 1
                    pages.setdefault(term, page)
    for term in sorted(starts):
        start, number = starts[term].most_common(1)[0]
        if number < AT_LEAST:
            continue
        found = {"term": term, "start_date": start, "end_date": None, "seats": last.seats}
        hint = f"The run made a row for it. Look at it, and add it to lookups/terms.csv: {_csv(found)}"
        expected = "a parliamentary term that terms.csv lists"
        yield found, _problem(pages[term], str(term), expected, hint, Property.TERM)


def _details(captures: Captures) -> Iterator[Page]:
    """Yield the details of some sitting Members."""
    current = captures.latest(current_url())
    rows = list(dicts(json_object(current).get("data"))) if current else []
    for row in rows[:: max(1, len(rows) // SAMPLE)]:
        mep_id = person_id(str(row.get("identifier", "")))
        if mep_id and (page := captures.latest(mep_url(mep_id))):
            yield page


def _mandates(found: Findings, row: Mapping[str, Any]) -> Iterator[tuple[int, date]]:
    """Yield term and first day of each mandate of a person."""
    for membership in dicts(row.get("hasMembership")):
        body = next(iter(texts(found, membership, "organization")), "")
        term = PARLIAMENT_OF_TERM.fullmatch(short(body))
        period = next(dicts(membership.get("memberDuring")), {})
        if term and (start := _date(period.get("startDate"))):
            yield int(term[1]), start


def _csv(row: Mapping[str, Any]) -> str:
    return ",".join(csv_cell(str(value)) if value else "" for value in row.values())


def _problem(
    page: Page, found: str, expected: str, hint: str, prop: Property = Property.POLITICAL_GROUP
) -> Problem:
    return Problem(
        NAME, ProblemKind.CATEGORY, page.url, page.retrieved_at, found, expected, property=prop, hint=hint
    )
