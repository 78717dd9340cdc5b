"""What machines read: the static API, sitemap, robots.txt, schema.org's markup, a feed of versions (Atom, RFC 4287).

The API is the campaign's original answers as files, described by `openapi.json`. Names of fields are those of the
original site (`nation`, `TLC`, `urlimg`, `facerec`); what it lacked has names of its own beside them.
"""

import csv
import io
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import cache
from importlib.resources import files
from typing import Any
from uuid import NAMESPACE_URL, uuid5
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

from dontspy_data.model.texts import CONTROL, safe_link
from dontspy_data.site.data import Version
from dontspy_data.site.facts import when
from dontspy_data.site.languages import ENGLISH
from dontspy_data.site.material import Material
from dontspy_data.site.pages import SitePage, slug
from dontspy_data.site.people import PersonView
from dontspy_data.site.software import GuessView, guess_words

ORIGINAL_MODEL = "face-api"
"""The model whose guesses the original site gave, by its name in the audit; `guesses` has those of all."""
CSV_COLUMNS = ("id", "name", "nation", "group", "party", "twitter")


def answers(people: Sequence[PersonView], material: Material) -> Iterator[tuple[str, bytes]]:
    """Yield every file of the API: its path below `api/`, and its bytes.

    Args:
        people: everybody, in the order of the answers.
        material: what the site is made from.
    """
    yield "list.csv", _list_csv(people)
    yield "stats.json", _json(_stats(people))
    about = {**openapi()["info"], "version": material.version or material.created}
    yield "openapi.json", _json({**openapi(), "info": about})
    for nation in sorted({person.country_name for person in people if person.country_name}):
        there = [_details(person) for person in people if person.country_name == nation]
        yield f"details/{nation}.json", _json(there)
    for group in sorted({person.group for person in people if person.group}):
        there = [_details(person) for person in people if person.group == group]
        yield f"group/{slug(group)}.json", _json(there)
    for person in people:
        yield f"individual/{person.mep_id}.json", _json(individual(person))


@cache
def openapi() -> dict[str, Any]:
    """Read the OpenAPI document, as edited by hand."""
    loaded: dict[str, Any] = json.loads(files(__package__).joinpath("openapi.json").read_text("utf-8"))
    return loaded


def individual(person: PersonView) -> dict[str, Any]:
    """Return everything that a person's page says, for programs; paths are from the site's root."""
    return {
        **_details(person),
        "official_name": person.official_name,
        "gender": person.gender,
        "birth_date": person.birth_date,
        "term": person.term,
        "wikidata_id": person.wikidata_id,
        "profile_url": person.profile_url,
        "portraits": [_plain(asdict(portrait), drop=("explanation",)) for portrait in person.portraits],
        "facts": [_plain(asdict(fact), drop=("label", "href", "day", "country")) for fact in person.facts],
        "periods": [
            {
                **_plain(asdict(period), drop=("x", "width", "begun", "ended", "ongoing_on", "country")),
                "when": when(period, ENGLISH),
                "has_dates": period.begun is not None,
            }
            for period in (person.timeline.periods if person.timeline else ())
        ],
        "guesses": [_guess(guess) for guess in person.guesses],
    }


def _guess(guess: GuessView) -> dict[str, Any]:
    """Return a guess with its words in English."""
    return {
        "portrait_id": guess.portrait_id,
        "model": guess.model,
        "title": guess.title,
        "attribute": guess.attribute,
        "label": guess.label,
        "value": guess.value,
        "score": guess.score,
        **asdict(guess_words(guess, ENGLISH)),
        "grade": guess.verdict,
        "is_wrong": guess.is_wrong,
        "changed": [asdict(one) for one in guess.variants],
    }


def _list_csv(people: Sequence[PersonView]) -> bytes:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(CSV_COLUMNS)
    for person in people:
        twitter = next(iter(person.accounts("x")), None)
        writer.writerow(
            [person.mep_id, person.name, person.country_name, person.group_name, person.party, twitter]
        )
    return stream.getvalue().encode()


def _stats(people: Sequence[PersonView]) -> list[dict[str, Any]]:
    counts = Counter(person.country_name for person in people)
    return [
        {"_id": nation, "counter": count}
        for nation, count in sorted(counts.items(), key=lambda item: (item[0] is None, item[0] or ""))
    ]


def _details(person: PersonView) -> dict[str, Any]:
    portrait = person.portrait
    return {
        "id": str(person.mep_id),
        "name": person.name,
        "urlimg": portrait.source_url if portrait else None,
        "image": portrait.path if portrait else None,
        "credit": portrait.credit if portrait else None,
        "group": person.group_name,
        "group_code": person.group,
        "nation": person.country_name,
        "TLC": person.country,
        "party": person.party,
        "email": next(iter(person.accounts("email")), None),
        "facerec": _facerec(person),
    }


def _facerec(person: PersonView) -> dict[str, Any] | None:
    """Return what software found in the current portrait; guesses only where the release has an audit."""
    portrait = person.portrait
    if not portrait or not portrait.faces:
        return None
    face = portrait.faces[0]
    found: dict[str, Any] = {
        "box": [face.left, face.top, round(face.left + face.width, 2), round(face.top + face.height, 2)],
        "landmarks": face.points,
        "score": face.score,
        "detector": face.detector,
        "imageDims": {"width": portrait.width, "height": portrait.height},
    }
    for guess in person.guesses:
        if guess.model != ORIGINAL_MODEL:
            continue
        if guess.attribute == "age":
            found["age"] = guess.value
        elif guess.attribute == "gender":
            found |= {"gender": guess.label, "genderProbability": guess.score}
        else:
            found["expression"] = [guess.label, guess.score]
    return found


def _plain(value: dict[str, Any], drop: Sequence[str]) -> dict[str, Any]:
    return {key: item for key, item in value.items() if key not in drop}


def _json(value: Any) -> bytes:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    return f"{text}\n".encode()


SCHEMA = "https://schema.org/"
NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
ROLE = "Member of the European Parliament"
FEED = "data/versions.xml"
ATOM = "http://www.w3.org/2005/Atom"


def discovery(listed: Sequence[SitePage], address: str, created: str) -> Iterator[tuple[str, bytes]]:
    """Yield `robots.txt`, and the sitemap where it is known where the site will stand: its addresses are whole ones.

    Args:
        listed: the pages.
        address: of the site, with a slash at the end; may be empty.
        created: the package's day, which is when every page last changed.
    """
    robots = "User-agent: *\nAllow: /\n"
    if address:
        places = (
            language.prefix + page.path for page in listed if page.is_listed for language in page.languages
        )
        urls = "".join(
            f"<url><loc>{escape(address + shown(place))}</loc><lastmod>{created}</lastmod></url>\n"
            for place in places
        )
        xml = f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="{NAMESPACE}">\n{urls}</urlset>\n'
        yield "sitemap.xml", xml.encode()
        robots += f"Sitemap: {address}sitemap.xml\n"
    yield "robots.txt", robots.encode()


def shown(place: str) -> str:
    """Return an address as people see it: a folder for its `index.html`."""
    return place.removesuffix("index.html")


def dataset_markup(descriptor: Mapping[str, Any], address: str) -> dict[str, Any]:
    """Return the dataset as schema.org describes one, for `application/ld+json`.

    Args:
        descriptor: of the package.
        address: of the site; empty if it is not known, and then nothing says where the files are.
    """
    whole = {
        "url": address,
        "distribution": [
            {
                "@type": "DataDownload",
                "name": "Data Package",
                "encodingFormat": "application/json",
                "contentUrl": f"{address}package/datapackage.json",
            }
        ],
    }
    return {
        "@context": SCHEMA,
        "@type": "Dataset",
        "name": descriptor["title"],
        "description": descriptor["description"],
        "dateModified": str(descriptor["created"])[:10],
        "isAccessibleForFree": True,
        "license": [one["path"] for one in descriptor["licenses"] if safe_link(one.get("path"))],
        "creator": [
            {"@type": "Organization", "name": one["title"]} for one in descriptor.get("contributors", ())
        ],
        **({"version": descriptor["version"]} if descriptor.get("version") else {}),
        **(whole if address else {}),
    }


def person_markup(person: PersonView, address: str) -> dict[str, Any]:
    """Return a person as schema.org describes one: official facts alone, nothing that software guessed.

    Args:
        person: whose page it is.
        address: of the site; may be empty.
    """
    same = [person.profile_url]
    if person.wikidata_id:
        same.append(f"https://www.wikidata.org/wiki/{person.wikidata_id}")
    found: dict[str, Any] = {
        "@context": SCHEMA,
        "@type": "Person",
        "name": person.name,
        "identifier": person.mep_id,
        "jobTitle": ROLE,
        "sameAs": same,
    }
    if address:
        found["url"] = address + shown(person.address)
        if person.portrait:
            found["image"] = f"{address}{person.portrait.path}"
    return found


def versions_feed(versions: Sequence[Version], title: str, publisher: str, address: str) -> bytes:
    """Return the feed of a ledger's releases.

    Args:
        versions: the latest first, at least one.
        title: of the dataset.
        publisher: who publishes it.
        address: of the site, with a slash at the end; empty if it is not known, and links are relative then.
    """
    ET.register_namespace("", ATOM)
    feed = ET.Element(f"{{{ATOM}}}feed")
    _add(feed, "id", _id(title))
    _add(feed, "title", title)
    _add(feed, "updated", _moment(versions[0]))
    _add(ET.SubElement(feed, f"{{{ATOM}}}author"), "name", publisher)
    _link(feed, "self", f"{address}{FEED}" if address else "versions.xml")
    _link(feed, "alternate", _page(address))
    for version in versions:
        entry = ET.SubElement(feed, f"{{{ATOM}}}entry")
        _add(entry, "id", _id(f"{title} {version.entry.version}"))
        _add(entry, "title", f"Version {version.entry.version}")
        _add(entry, "updated", _moment(version))
        _link(entry, "alternate", f"{_page(address)}#v{version.entry.version}")
        _add(
            entry, "summary", f"{version.entry.counts.get('meps', 0):,} people, {version.entry.bytes:,} bytes"
        )
        if version.changelog:
            _add(entry, "content", version.changelog, type="html")
    ET.indent(feed, "")
    body: bytes = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return body + b"\n"


def _id(name: str) -> str:
    """Return a name that stays the same wherever the site stands."""
    return uuid5(NAMESPACE_URL, name).urn


def _moment(version: Version) -> str:
    return f"{version.entry.date}T00:00:00Z"


def _page(address: str) -> str:
    return f"{address}data/index.html" if address else "index.html"


def _link(parent: ET.Element, rel: str, href: str) -> None:
    ET.SubElement(parent, f"{{{ATOM}}}link", rel=rel, href=href)


def _add(parent: ET.Element, tag: str, text: str, **attributes: str) -> None:
    ET.SubElement(parent, f"{{{ATOM}}}{tag}", attributes).text = CONTROL.sub("", text)
