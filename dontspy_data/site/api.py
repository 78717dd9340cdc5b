"""The static API: the campaign's original answers as files, described by `openapi.json`.

Names of fields are those of the original site (`nation`, `TLC`, `urlimg`, `facerec`); what it lacked has names
of its own beside them.
"""

import csv
import io
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from functools import cache
from importlib.resources import files
from typing import Any

from dontspy_data.site.languages import ENGLISH
from dontspy_data.site.material import Material
from dontspy_data.site.pages import slug
from dontspy_data.site.people import PersonView, PortraitView
from dontspy_data.site.software import GuessView
from dontspy_data.site.wording import guess_words, when

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
    yield "openapi.json", _json({**openapi(), "info": {**openapi()["info"], "version": _version(material)}})
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
        "portraits": [_portrait(portrait) for portrait in person.portraits],
        "facts": [_plain(asdict(fact), drop=("label", "href", "day", "country")) for fact in person.facts],
        "periods": [
            {
                **_plain(
                    asdict(period), drop=("label", "x", "width", "begun", "ended", "ongoing_on", "country")
                ),
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


def _version(material: Material) -> str:
    return material.version or material.created


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
        "box": [
            face.left,
            face.top,
            round(face.left + face.width, 2),
            round(face.top + face.height, 2),
        ],
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


def _portrait(portrait: PortraitView) -> dict[str, Any]:
    return _plain(asdict(portrait), drop=("mep_id", "explanation"))


def _plain(value: dict[str, Any], drop: Sequence[str]) -> dict[str, Any]:
    return {key: item for key, item in value.items() if key not in drop}


def _json(value: Any) -> bytes:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    return f"{text}\n".encode()
