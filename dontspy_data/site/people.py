"""People as the pages show them, with their portraits and the faces found in these."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date

from dontspy_data.package.files import portrait_key
from dontspy_data.site.facts import Fact, Timeline, facts_of, term_of, timeline
from dontspy_data.site.languages import msg
from dontspy_data.site.material import PACKAGE, Material, Row, rows_by
from dontspy_data.site.software import GuessView, guesses_by_person, titles_of

PORTRAIT_STATUS = {
    "present": msg("Official portrait"),
    "placeholder": msg("The Parliament shows a stock silhouette instead of a portrait."),
    "absent": msg("The Parliament was asked and has no portrait."),
    "unknown": msg("No usable answer about a portrait is in this release."),
    "withdrawn": msg("The portrait was withdrawn and is not published."),
}
PICTURES = "pictures"
WIDTHS = (170, 340)
"""Pixels across: a face on a wall, and the same for screens with two pixels a point or a person's page."""
LANDMARKS = ("right_eye", "left_eye", "nose", "right_mouth", "left_mouth")
IN_BRACKETS = re.compile(r"\([^)]*\)\s*")
NO_LETTER = "#"
UNFOLDED = str.maketrans(
    {
        "ł": "l",
        "ø": "o",
        "đ": "d",
        "ð": "d",
        "ß": "ss",
        "æ": "ae",
        "œ": "oe",
        "þ": "th",
        "ħ": "h",
        "\u0131": "i",
        **dict.fromkeys("\u2019\u2018\u02bc\u00b4`", "'"),
        **dict.fromkeys("\u2010\u2011\u2013", "-"),
    }
)


@dataclass(frozen=True, slots=True)
class FaceView:
    """A face's box and landmarks, in pixels of the portrait."""

    left: float
    top: float
    width: float
    height: float
    points: tuple[tuple[float, float], ...]
    score: float
    eye_distance: float
    sharpness: float
    detector: str


@dataclass(frozen=True, slots=True)
class ShownSpan:
    """First and last day on which a picture was seen to be shown, with none other in between."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class PortraitView:
    """A portrait, or why there is none.

    Attributes:
        portrait_id: key of its row.
        status: see `portraits.json`.
        explanation: what the status means.
        is_current: whether the source's latest answer gave it.
        path: of the original file, from the site's root; None if none is published.
        shown: of the largest copy that pages show, a JPEG; None if no file is published.
        width: pixels of the original, upright; 0 where there is none.
        height: likewise.
        captured_on: day on which it was taken, where the picture says so.
        first_seen: day.
        last_seen: day.
        bytes: size of the original.
        sha256: of the original.
        photographer: who took it, where the picture says so.
        credit: what to print beside it.
        rights_status: `reuse`, `not_stated` or `unclear`.
        rights_statement: what that means.
        rights_url: address of the terms.
        source_url: where it was received from.
        faces: largest first.
        periods: when it was shown, as far as anybody looked; the earliest first.
    """

    portrait_id: str
    status: str
    explanation: str
    is_current: bool
    path: str | None
    shown: str | None
    width: int
    height: int
    captured_on: date | None
    first_seen: date | None
    last_seen: date | None
    bytes: int
    sha256: str | None
    photographer: str | None
    credit: str | None
    rights_status: str | None
    rights_statement: str | None
    rights_url: str | None
    source_url: str | None
    faces: tuple[FaceView, ...]
    periods: tuple[ShownSpan, ...]

    @property
    def smallest(self) -> str:
        """Address of its smallest copy as JPEG, from the site's root; for browsers that know nothing newer."""
        return self.copy(copy_widths(self.width)[0], "jpg")

    def copy(self, width: int, ending: str) -> str:
        """Return the address of a copy, from the site's root.

        Args:
            width: pixels across, one of `copy_widths`.
            ending: `webp` or `jpg`.
        """
        return _copy(self.portrait_id, width, ending)

    def srcset(self, root: str, ending: str) -> str:
        """Return its copies of one format as HTML's `srcset`.

        Args:
            root: leads from the page to the site's root.
            ending: `webp` or `jpg`.
        """
        copies = ((self.copy(width, ending), width) for width in copy_widths(self.width))
        return ", ".join(f"{root}{address} {width}w" for address, width in copies)


def copy_widths(width: int) -> tuple[int, ...]:
    """Return the widths of the copies of a portrait, in pixels; none is wider than the portrait.

    Args:
        width: of the portrait, upright.
    """
    return tuple(sorted({min(width, one) for one in WIDTHS}))


def portrait_view(row: Row, faces: Sequence[Row], periods: Sequence[Row]) -> PortraitView:
    """Return a portrait from its row, the rows of the faces in it, and those of when it was shown."""
    upright = (row["orientation"] or 1) == 1
    width, height = row["width"] or 0, row["height"] or 0
    if (row["orientation"] or 1) > 4:
        width, height = height, width
    path = f"{PACKAGE}/{row['path']}" if row["path"] else None
    return PortraitView(
        portrait_id=row["portrait_id"],
        status=row["status"],
        explanation=PORTRAIT_STATUS[row["status"]],
        is_current=row["is_current"],
        path=path,
        shown=_copy(row["portrait_id"], copy_widths(width)[-1], "jpg") if path else None,
        width=width,
        height=height,
        captured_on=row["captured_on"],
        first_seen=row["first_seen"] and row["first_seen"].date(),
        last_seen=row["last_seen"] and row["last_seen"].date(),
        bytes=row["bytes"] or 0,
        sha256=row["sha256"],
        photographer=row["photographer"],
        credit=row["credit_line"],
        rights_status=row["rights_status"],
        rights_statement=row["rights_statement"],
        rights_url=row["rights_url"],
        source_url=row["source_url"],
        # Boxes are in pixels as stored; over a picture that browsers turn, they would lie elsewhere.
        faces=tuple(_face(face) for face in faces) if upright else (),
        periods=tuple(ShownSpan(one["first_seen"].date(), one["last_seen"].date()) for one in periods),
    )


def portraits_by_person(
    portraits: Sequence[Row], faces: Sequence[Row], periods: Sequence[Row]
) -> Mapping[int, tuple[PortraitView, ...]]:
    """Return every person's portraits, the current one first, then the latest seen."""
    in_portrait = rows_by("portrait_id", faces)
    shown = rows_by("portrait_id", sorted(periods, key=lambda row: row["first_seen"]))
    found: dict[int, list[PortraitView]] = {}
    for row in portraits:
        view = portrait_view(row, in_portrait[row["portrait_id"]], shown[row["portrait_id"]])
        found.setdefault(row["mep_id"], []).append(view)
    return {mep_id: tuple(sorted(views, key=_newest_first)) for mep_id, views in found.items()}


def current_of(portraits: Sequence[PortraitView]) -> PortraitView | None:
    """Return the current one of a person's portraits where it is published; None otherwise."""
    current = portraits[0] if portraits else None
    return current if current and current.is_current and current.path else None


def _copy(portrait_id: str, width: int, ending: str) -> str:
    return f"{PICTURES}/{portrait_key(portrait_id)}-{width}.{ending}"


def _newest_first(view: PortraitView) -> tuple[bool, int, str]:
    return (not view.is_current, -(view.last_seen or date.min).toordinal(), view.portrait_id)


def _face(row: Row) -> FaceView:
    return FaceView(
        left=row["left"],
        top=row["top"],
        width=row["width"],
        height=row["height"],
        points=tuple((row[f"{name}_x"], row[f"{name}_y"]) for name in LANDMARKS),
        score=row["score"],
        eye_distance=row["eye_distance"],
        sharpness=row["sharpness"],
        detector=row["detector"],
    )


@dataclass(frozen=True, slots=True)
class PersonView:
    """A person who is or was a Member.

    Attributes:
        mep_id: the Parliament's number.
        name: as the Parliament prints it.
        official_name: in the script of the Member's country, where that is not Latin.
        sort_key: what names are sorted by, family name first.
        letter: under which the name stands in the alphabet; `#` where it begins with none.
        has_lost_letters: whether every source's copy of the name has lost letters, shown as `?`.
        gender: as officially published.
        birth_date: full date.
        country: ISO code of the latest mandate known.
        country_name: in English.
        group: code of the latest political group known.
        group_name: in English.
        party: latest national party known.
        term: latest term that the person is known to have sat in.
        countries: ISO codes of every country that the person has represented, the latest first.
        groups: codes of every political group that the person has been in, the latest first.
        terms: every term that the person is known to have sat in, the latest first.
        status: `sitting`, `former`, or None if it is not known which.
        wikidata_id: item.
        profile_url: the person's page on the Parliament's site.
        portraits: the current one first.
        facts: with the source of each.
        timeline: mandates and memberships.
        guesses: what software says of the current portrait, where there is an audit; none if the portrait
            is not published.
    """

    mep_id: int
    name: str
    official_name: str | None
    sort_key: str
    letter: str
    has_lost_letters: bool
    gender: str | None
    birth_date: date | None
    country: str | None
    country_name: str | None
    group: str | None
    group_name: str | None
    party: str | None
    term: int | None
    countries: tuple[str, ...]
    groups: tuple[str, ...]
    terms: tuple[int, ...]
    status: str | None
    wikidata_id: str | None
    profile_url: str
    portraits: tuple[PortraitView, ...]
    facts: tuple[Fact, ...]
    timeline: Timeline | None
    guesses: tuple[GuessView, ...]

    @property
    def portrait(self) -> PortraitView | None:
        """The current portrait where it is published; None otherwise."""
        return current_of(self.portraits)

    @property
    def address(self) -> str:
        """Address of the person's page, from the site's root."""
        return f"person/{self.mep_id}/index.html"

    def accounts(self, name: str) -> list[str]:
        """Return the values of one kind of contact, such as `email`."""
        return [fact.value for fact in self.facts if fact.property == name]


@dataclass(frozen=True, slots=True)
class Career:
    """Every country, group and term of a person, the latest first, and whether the seat is still held."""

    countries: tuple[str, ...]
    groups: tuple[str, ...]
    terms: tuple[int, ...]
    status: str | None


def career(row: Row, mandates: Sequence[Row], memberships: Sequence[Row], day: str) -> Career:
    """Return a person's career from the rows of the tables.

    Args:
        row: of `meps`.
        mandates: the person's.
        memberships: likewise.
        day: of the release, `YYYY-MM-DD`; a mandate of a term that was over by then is over too.
    """
    mandates = sorted(mandates, key=_recency)
    bodies = sorted((one for one in memberships if one["kind"] == "political_group"), key=_recency)
    terms = {row["latest_term"], *(one["term"] for one in mandates)} - {None}
    seats = {_is_held(one, day) for one in mandates}
    return Career(
        countries=_each([row["country"], *(one["country"] for one in mandates)]),
        groups=_each([row["political_group"], *(one["political_group"] for one in bodies)]),
        terms=tuple(sorted(terms, reverse=True)),
        status="sitting" if True in seats else "former" if seats == {False} else None,
    )


def _recency(row: Row) -> tuple[int, int]:
    """Sort the latest first."""
    start = row["start_date"].toordinal() if row["start_date"] else 0
    return (1 if row["term"] is None else -row["term"], -start)


def _is_held(mandate: Row, day: str) -> bool | None:
    """Return whether a seat is held on a day; None if it is not known."""
    term = term_of(mandate["term"])
    if mandate["state"] == "ended" or (term and term.end_date and term.end_date.isoformat() < day):
        return False
    return True if mandate["state"] == "ongoing" else None


def _each(values: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if value))


def people_of(material: Material) -> tuple[PersonView, ...]:
    """Read everybody in a package, by name."""
    meps = material.rows("meps")
    portraits = portraits_by_person(
        material.rows("portraits"), material.rows("faces"), material.rows("portrait_periods")
    )
    statements, mandates, memberships = (
        rows_by("mep_id", material.rows(name)) for name in ("statements", "mandates", "memberships")
    )
    known = {row["mep_id"]: (row["gender"], row["birth_date"]) for row in meps}
    shown = {current.portrait_id for views in portraits.values() if (current := current_of(views))}
    attributions = [row for row in material.rows("attributions") if row["portrait_id"] in shown]
    changed = [row for row in material.guesses_at_changed_pictures() if row["portrait_id"] in shown]
    guesses = guesses_by_person(attributions, changed, known, titles_of(material.audit))
    people = []
    for row in meps:
        key = row["mep_id"]
        rows = statements[key], mandates[key], memberships[key]
        people.append(_person(row, material, portraits.get(key, ()), guesses.get(key, ()), *rows))
    return tuple(sorted(people, key=lambda p: (p.letter == NO_LETTER, p.sort_key, p.mep_id)))


def _person(
    row: Row,
    material: Material,
    portraits: tuple[PortraitView, ...],
    guesses: tuple[GuessView, ...],
    statements: Sequence[Row],
    mandates: Sequence[Row],
    memberships: Sequence[Row],
) -> PersonView:
    key = _sort_key(row)
    official = " ".join(filter(None, (row["official_given_name"], row["official_family_name"])))
    return PersonView(
        mep_id=row["mep_id"],
        name=row["name"],
        official_name=official or None,
        sort_key=key,
        letter=key[:1].upper() if key[:1].isalpha() else NO_LETTER,
        has_lost_letters=row["name_lost_letters"],
        gender=row["gender"],
        birth_date=row["birth_date"],
        country=row["country"],
        country_name=material.countries.get(row["country"]),
        group=row["political_group"],
        group_name=material.groups.get(row["political_group"]),
        party=row["national_party"],
        term=row["latest_term"],
        **asdict(career(row, mandates, memberships, material.created)),
        wikidata_id=row["wikidata_id"],
        profile_url=row["profile_url"],
        portraits=portraits,
        facts=facts_of(statements, material.countries),
        timeline=timeline(mandates, memberships, statements, material.countries),
        guesses=guesses,
    )


def _sort_key(row: Row) -> str:
    """Return family name, then given name, folded; without them, the words in capitals before the others.

    A title in brackets does not count: "(The Earl of) Dartmouth" stands under D.
    """
    if row["family_name"]:
        text = f"{row['family_name']} {row['given_name'] or ''}"
    else:
        text = " ".join(sorted(str(row["name"]).split(), key=lambda word: not word.isupper()))
    return fold(IN_BRACKETS.sub("", text)).strip()


def fold(text: str) -> str:
    """Return text to sort and search by: no accents, no case, plain apostrophes and hyphens.

    `static/people.js` folds the same way.
    """
    parts = unicodedata.normalize("NFD", text.lower())
    return "".join(c for c in parts if unicodedata.category(c)[0] != "M").translate(UNFOLDED)
