"""Tables of an imaginary audit: two models, and people enough for every kind of interval."""

from datetime import date

import numpy as np

from dontspy_data.audit.attributions import AttributionRow, VariantRow
from dontspy_data.audit.model import EXPRESSIONS, Attribute, Card

PEOPLE = 160
VARIANTS = ("mirrored", "jpeg_40", "upscaled", "darker")
CARDS = {
    name: Card(name, "1", name.title(), "", "MIT", "https://example.org/", "", attributes, ())
    for name, attributes in (
        ("first", (Attribute.AGE, Attribute.GENDER, Attribute.EXPRESSION)),
        ("second", (Attribute.AGE, Attribute.GENDER, Attribute.EXPRESSION)),
    )
}
COUNTRIES, GROUPS = ("DE", "FR", "MT"), ("EPP", "NI", None)


def tables() -> tuple[list[AttributionRow], list[VariantRow]]:
    """Rows of `attributions` and `attribution_variants`; some people lack a fact, and some faces are not found."""
    random = np.random.default_rng(7)
    attributions: list[AttributionRow] = []
    variants: list[VariantRow] = []
    for number in range(PEOPLE):
        gender = None if number % 40 == 0 else ("female", "male")[number % 5 > 1]
        age = None if number % 30 == 1 else round(float(random.uniform(25, 79)), 3)
        person = {
            "reference_date": date(2020, 1, 1),
            "reference_source": ("picture", "term_start")[number % 3 == 0],
            "official_gender": gender,
            "official_age": age,
            "country": COUNTRIES[number % 3],
            "political_group": GROUPS[number % 7 % 3],
            "session": f"2020-01-{number % 28 + 1:02}" if number % 4 else None,
        }
        for place, card in enumerate(CARDS.values()):
            skew = 4 + 3 * place if gender == "female" else 1
            for variant in ("original", *VARIANTS):
                found = (number * 7 + place + len(variant)) % 37 > 0
                years = round(float(np.clip((age or 50) + random.normal(-skew, 6), 1, 99)), 3)
                wrong = gender == "female" and random.random() < 0.15
                says = {"female": "male", "male": "female"}[gender] if wrong and gender else gender or "male"
                sure = round(float(random.uniform(0.5, 1)), 5)
                shown = EXPRESSIONS[int(random.integers(0, 3))]
                cells = _cells(found, years, says, sure, shown)
                key = {
                    "portrait_id": f"{number:03}-x",
                    "mep_id": number,
                    "model": card.name,
                    "box_source": "model",
                }
                if variant == "original":
                    more = {"model_version": "1", "weights_sha256": None, **person}
                    attributions += [AttributionRow(**key, **cell, **more) for cell in cells]  # type: ignore[arg-type]
                else:
                    changed = {"varied": "picture", "variant": variant, "official_age": age}
                    variants += [VariantRow(**key, **cell, **changed) for cell in cells]  # type: ignore[arg-type]
    return attributions, variants


def _cells(found: bool, years: float, says: str, sure: float, shown: str) -> list[dict[str, object]]:
    cells: list[dict[str, object]] = [
        {"attribute": "face", "label": "found", "is_answer": found, "value": None, "score": None}
    ]
    if not found:
        return cells
    cells.append({"attribute": "age", "label": "years", "is_answer": True, "value": years, "score": None})
    for label in ("female", "male"):
        score = sure if label == says else round(1 - sure, 5)
        cells.append(
            {"attribute": "gender", "label": label, "is_answer": label == says, "value": None, "score": score}
        )
    for label in EXPRESSIONS:
        cells.append(
            {
                "attribute": "expression",
                "label": label,
                "is_answer": label == shown,
                "value": None,
                "score": None,
            }
        )
    return cells
