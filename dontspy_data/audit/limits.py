"""What has to be said about the numbers, so that nobody takes them for more than they are."""

from collections import Counter
from collections.abc import Iterator, Sequence

from dontspy_data.audit.subjects import Subject


def limits(subjects: Sequence[Subject], without_box: int) -> Iterator[str]:
    """Yield what the numbers can and cannot show, a sentence or two each, and what is missing here.

    Args:
        subjects: the portraits that were looked at.
        without_box: how many others were left out, since the release has no box to give to the models.
    """
    sources = Counter(subject.reference.source if subject.reference else None for subject in subjects)
    no_gender = sum(subject.gender is None for subject in subjects)
    no_age = sum(subject.age is None for subject in subjects)
    yield (
        "They show how far this software, in this version, is from official facts about the people in these "
        "portraits. They do not show how it does on other people, other pictures or in other software."
    )
    yield (
        "These are studio portraits: frontal, well lit, in focus. Cameras in streets and stations give worse "
        "pictures, so errors there can be expected to be larger, and these numbers say nothing of how much."
    )
    yield (
        "“Gender” is what the Parliament publishes, as one of two. Software that guesses it from a face assumes "
        "that it can be seen there; agreement with the official entry does not make that so."
    )
    yield (
        "An expression is not a feeling, and there is no official fact to hold it against. Only how often it is "
        "claimed is shown."
    )
    yield (
        "Differences between groups may have other causes than the group: age, gender, light, make-up, the "
        "photographer. Where intervals overlap widely there may be no difference at all; and where many groups are "
        "compared, some stand out by chance."
    )
    yield (
        f"Of {len(subjects):,} portraits, {no_gender:,} have no official gender and {no_age:,} no official age in the "
        f"release; they are left out where these are needed. The day of {sources['picture']:,} is given by the "
        f"picture; for {sources['term_start']:,} the first day of the mandate is taken, which may be years off."
    )
    if without_box:
        yield (
            f"For {without_box:,} more portraits the release has no box of a face. The models were not asked about "
            "them, and they are in none of the numbers."
        )
    yield (
        "Some of the portraits may have been among the pictures that the software was trained on. Nobody outside "
        "can tell, and it would make the errors look smaller than they are."
    )
