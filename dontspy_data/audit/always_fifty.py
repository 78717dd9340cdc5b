"""A baseline that looks at nothing: everybody is a man of fifty. Software should do better than this."""

from collections.abc import Sequence

from dontspy_data.audit.model import Attribute, Card, Question, Sight, age_guess, gender_guesses


class AlwaysFifty:
    """The same answer for every picture."""

    card = Card(
        name="always-fifty",
        version="1.0",
        title="Always fifty (baseline)",
        description="Says that everybody is a man of fifty, without looking.",
        licence="CC0 1.0",
        training="None.",
        not_asked="It has no other options.",
        homepage="https://dontspy.eu/",
        attributes=(Attribute.AGE, Attribute.GENDER),
        weights=(),
    )

    def look(self, questions: Sequence[Question]) -> list[Sight]:
        """Return the same answer for all pictures."""
        guesses = (age_guess(50.0), *gender_guesses(male=1.0))
        return [Sight(None, guesses) for _ in questions]


def load() -> AlwaysFifty:
    """Return the model for the entry point."""
    return AlwaysFifty()
