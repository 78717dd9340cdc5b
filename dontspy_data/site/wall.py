"""Pages of the wall of faces: exploring, comparing, guessing first, and the addresses that lead there from before."""

from collections.abc import Iterator, Mapping, Sequence

from dontspy_data.site.explore import (
    FACES_A_PAGE,
    PortraitReading,
    asked_faces,
    facets,
    models_of,
    moved,
    pages_of,
    spread,
)
from dontspy_data.site.languages import ENGLISH_ONLY
from dontspy_data.site.material import Material
from dontspy_data.site.pages import SitePage
from dontspy_data.site.people import PersonView

STARTERS = 24
"""Faces that a comparison begins with."""
SIZES = "(max-width: 44rem) 56px, 140px"
"""Width of a face on the wall. Phones are told half of it, so that they load the copy of 170 pixels, not of 340."""
GAME = "guess/index.html"


def wall_pages(
    material: Material, people: Sequence[PersonView], read: Mapping[int, PortraitReading]
) -> Iterator[SitePage]:
    """Yield the pages.

    Args:
        material: what the site is made from.
        people: everybody, by name.
        read: what software read off their portraits, from `readings`.
    """
    pictured = [person for person in people if person.portrait]
    models = models_of(read)
    shared = {"sizes": SIZES, "has_ages": bool(models)}
    # By name, people with a portrait first: without JavaScript, these pages are the way to everybody.
    others = [person for person in people if not person.portrait]
    choices = facets(people, material, read)
    for page in pages_of(
        [pictured, others], FACES_A_PAGE, "explore/index.html", "explore/page/{}/index.html"
    ):
        values = {"page": page, "facets": choices, "size": FACES_A_PAGE, **shared}
        yield SitePage("explore.html", page.address, values)
    yield SitePage("compare.html", "compare/index.html", {"starters": spread(pictured, STARTERS), **shared})
    if asked := asked_faces(people, read):
        yield SitePage("guess.html", GAME, {"faces": spread(asked, 10), "models": models})
    for path, target in moved(people).items():
        yield SitePage("moved.html", path, {"target": target}, ENGLISH_ONLY, is_listed=False)
