"""Placeholders: stock pictures that a source shows for people of whom it has no portrait.

One is recognised because it looks like a known one (`placeholders.csv`), or because several people have the
very same perceptual hash, as the same bytes always give: whosever portrait it is, it is not everybody's.
"""

import csv
from collections.abc import Collection, Iterable
from functools import cache
from importlib.resources import files

from dontspy_data.portraits.fingerprint import NEAR, distance, shared


@cache
def known() -> frozenset[str]:
    """Perceptual hashes of the known stock pictures."""
    lines = files(__package__).joinpath("placeholders.csv").read_text(encoding="utf-8").splitlines()
    return frozenset(row["phash"] for row in csv.DictReader(lines))


def placeholders(owned: Iterable[tuple[int, str]], listed: Collection[str]) -> frozenset[str]:
    """Perceptual hashes of placeholders, of pairs of a person and the hash of one of that person's pictures.

    Args:
        owned: the pairs.
        listed: hashes of known stock pictures; re-encodings of them count too.
    """
    pairs = list(owned)
    alike = {phash for _, phash in pairs if any(distance(phash, stock) <= NEAR for stock in listed)}
    return shared(pairs) | alike
