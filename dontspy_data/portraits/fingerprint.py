"""Perceptual hashes: which pictures look the same, whatever size and quality they were saved in.

The hash is the sign pattern of a picture's 16 by 16 lowest frequencies. 256 bits are needed: portraits on
the same white background agree in nearly all of the 64 bits that are usual. On real portraits, different
people stay above 40 bits apart and re-encodings of one picture below 15.

Method: pHash (Zauner, 2010, section 3.2.1), with whole numbers throughout so that every machine gives the
same bits.
"""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray
from PIL import Image

BITS = 256
SIDE = 16
SAMPLES = 64
NEAR = 16  # bits; real re-encodings, down to a third of the size at quality 50, stay within 14


def fingerprint(grey: Image.Image) -> str:
    """Perceptual hash of a grey picture (mode `L`, upright): 64 hexadecimal digits.

    Bit n, most significant first, tells whether frequency n (row by row) is above the median.
    """
    # Whole numbers below 2 to the 53rd, which double precision adds and multiplies exactly, in any order.
    samples = np.asarray(grey.resize((SAMPLES, SAMPLES), Image.Resampling.BILINEAR), dtype=np.float64)
    basis = _basis()
    frequencies = (basis @ samples @ basis.T).ravel()
    median = np.sort(frequencies)[BITS // 2 - 1]
    return np.packbits(frequencies > median).tobytes().hex()


@cache
def _basis() -> NDArray[np.float64]:
    """Return the first rows of the discrete cosine transform (type II), scaled to whole numbers."""
    rows, columns = np.arange(SIDE)[:, None], np.arange(SAMPLES)[None, :]
    basis: NDArray[np.float64] = np.cos(np.pi * rows * (2 * columns + 1) / (2 * SAMPLES))
    whole: NDArray[np.float64] = np.rint(basis * 2**14)
    return whole


def distance(first: str, second: str) -> int:
    """Count the bits in which two hashes differ."""
    return (int(first, 16) ^ int(second, 16)).bit_count()


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """The hash of one person's portrait."""

    mep_id: int
    portrait_id: str
    phash: str


@dataclass(frozen=True, slots=True)
class NearDuplicate:
    """Two portraits of different people that look the same.

    Attributes:
        first: portrait id of the one, the lesser in sorting.
        second: portrait id of the other.
        bits: number of bits in which their hashes differ.
    """

    first: str
    second: str
    bits: int


def near_duplicates(fingerprints: Iterable[Fingerprint], *, within: int = NEAR) -> Iterator[NearDuplicate]:
    """Pairs of portraits of different people whose hashes differ in at most `within` bits, sorted by id.

    All pairs are compared: about a second for five thousand portraits.
    """
    portraits = sorted(fingerprints, key=lambda f: f.portrait_id)
    if not portraits:
        return
    hashes = np.array([list(bytes.fromhex(p.phash)) for p in portraits], dtype=np.uint8).view(np.uint64)
    for n, portrait in enumerate(portraits):
        bits = np.bitwise_count(hashes[n + 1 :] ^ hashes[n]).sum(axis=1)
        for offset in np.flatnonzero(bits <= within):
            other = portraits[n + 1 + int(offset)]
            if other.mep_id != portrait.mep_id:
                yield NearDuplicate(portrait.portrait_id, other.portrait_id, int(bits[offset]))


@cache
def known() -> frozenset[str]:
    """Perceptual hashes of the known stock pictures."""
    lines = files(__package__).joinpath("placeholders.csv").read_text(encoding="utf-8").splitlines()
    return frozenset(row["phash"] for row in csv.DictReader(lines))
