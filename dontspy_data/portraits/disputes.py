"""Whose a picture is: a person's own, two people's and so disputed, or a stock picture.

A current picture is held against the current ones alone, so that a mistake of the past, once put right, takes nobody's
portrait away. Earlier pictures are held against all that were ever shown.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from dontspy_data.portraits.describe import Description, Status, StatusReason
from dontspy_data.portraits.fingerprint import NEAR, distance, known
from dontspy_data.sources.portraits import PortraitVersion

MOST_OTHERS = 1  # A picture that more people than that have as well is a stock picture.


@dataclass(frozen=True, slots=True)
class Judgement:
    """What follows for a picture.

    Attributes:
        status: `present`, `placeholder`, or `unknown` if it is disputed.
        is_current: whether it is the person's current portrait.
        reason: `disputed`, also of the portrait that stays because the one after it is.
        problem: why it is not published; it reads on from "The portrait …".
    """

    status: Status
    is_current: bool
    reason: StatusReason | None = None
    problem: str | None = None


def judge(
    versions: Iterable[PortraitVersion], descriptions: Mapping[str, Description]
) -> dict[tuple[int, str], Judgement]:
    """Return what follows for each version that is a picture, by person and digest.

    Args:
        versions: of all people.
        descriptions: by the SHA-256 of the bytes received.
    """
    pictures = [
        (version, picture.phash)
        for version in versions
        if (found := descriptions.get(version.key)) and (picture := found.picture)
    ]
    others, stock = _others(pictures), known()
    judged = {
        (version.mep_id, version.key): _judgement(
            version,
            others[version.mep_id, version.key],
            is_stock=any(distance(phash, one) <= NEAR for one in stock),
        )
        for version, phash in pictures
    }
    _keep_the_one_before([version for version, _ in pictures], judged)
    return judged


def _others(pictures: Iterable[tuple[PortraitVersion, str]]) -> Mapping[tuple[int, str], set[int]]:
    """Return which other people have the same picture as each: of a current one, those who have it now."""
    alike: dict[str, list[PortraitVersion]] = defaultdict(list)
    for version, phash in pictures:
        alike[phash].append(version)
    return {
        (one.mep_id, one.key): {
            other.mep_id
            for other in versions
            if other.mep_id != one.mep_id and (other.is_current or not one.is_current)
        }
        for versions in alike.values()
        for one in versions
    }


def _judgement(version: PortraitVersion, others: set[int], *, is_stock: bool) -> Judgement:
    if is_stock or len(others) > MOST_OTHERS:
        return Judgement(Status.PLACEHOLDER, version.is_current)
    if not others:
        return Judgement(Status.PRESENT, version.is_current)
    problem = f"is also shown as the portrait of {min(others)}"
    return Judgement(Status.UNKNOWN, version.is_current, StatusReason.DISPUTED, problem)


def _keep_the_one_before(
    versions: Sequence[PortraitVersion], judged: dict[tuple[int, str], Judgement]
) -> None:
    """Make the portrait before a disputed one the current one."""
    for version in versions:
        key = version.mep_id, version.key
        if not version.is_current or judged[key].reason is not StatusReason.DISPUTED:
            continue
        before = [
            one
            for one in versions
            if one.mep_id == version.mep_id and judged[one.mep_id, one.key].status is Status.PRESENT
        ]
        if before:
            kept = max(before, key=lambda one: one.periods[-1].last_seen)
            judged[kept.mep_id, kept.key] = Judgement(Status.PRESENT, True, StatusReason.DISPUTED)
            judged[key] = Judgement(Status.UNKNOWN, False, StatusReason.DISPUTED, judged[key].problem)
