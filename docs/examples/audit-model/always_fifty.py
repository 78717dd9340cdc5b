"""A model for `dontspy-data audit` that looks at nothing: everybody is a man of fifty.

It shows how little is needed to add a model, and it is a baseline: software should do better than this.
"""

from dontspy_data.audit.model import YEARS, Attribute, Box, Card, Guess, Pixels, Sight, label_guesses


class AlwaysFifty:
    """The same answer for every picture."""

    card = Card(
        name="always-fifty",
        version="1.0",
        title="Always fifty (baseline)",
        description="Says that everybody is a man of fifty, without looking.",
        licence="CC0 1.0",
        training="None.",
        homepage="https://dontspy.eu/",
        attributes=(Attribute.AGE, Attribute.GENDER),
        weights=(),
    )

    def look(self, picture: Pixels, box: Box | None) -> Sight | None:  # noqa: ARG002 - it does not look
        """Guess about a face, in whatever picture."""
        age = Guess(Attribute.AGE, YEARS, 50.0, None, chosen=True)
        return Sight(None, (age, *label_guesses(Attribute.GENDER, {"female": 0.0, "male": 1.0})))


def load() -> AlwaysFifty:
    """Return what the entry point names."""
    return AlwaysFifty()
