"""A model for `dontspy-data audit` that looks at nothing: everybody is happy.

It shows how little is needed to add a model.
"""

from collections.abc import Sequence

from dontspy_data.audit.model import EXPRESSIONS, Attribute, Card, Question, Sight, label_guesses


class AlwaysHappy:
    """The same answer for every picture."""

    card = Card(
        name="always-happy",
        version="1.0",
        title="Always happy (example)",
        description="Says that everybody is happy, without looking.",
        licence="CC0 1.0",
        training="None.",
        homepage="https://dontspy.eu/",
        attributes=(Attribute.EXPRESSION,),
        weights=(),
    )

    def look(self, questions: Sequence[Question]) -> list[Sight | None]:
        """Answer each question, whatever the picture."""
        guesses = label_guesses(
            Attribute.EXPRESSION, {label: float(label == "happy") for label in EXPRESSIONS}
        )
        return [Sight(None, guesses) for _ in questions]


def load() -> AlwaysHappy:
    """Return what the entry point names."""
    return AlwaysHappy()
