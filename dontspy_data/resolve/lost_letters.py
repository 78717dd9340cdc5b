"""Letters that a source lost, and putting them back from a whole name.

Files saved through a single-byte encoding have `?` for letters outside of it: `Kate?ina KONE?NÁ`. Where
another page prints the same person's name whole, the letters are taken from there.
"""

import re
import unicodedata

LOST = re.compile("[?\ufffd]")


def has_lost_letters(value: str) -> bool:
    """Return whether a name or place has lost letters: neither ever contains a real question mark."""
    return LOST.search(value) is not None


def restore(damaged: str, whole: str) -> str | None:
    """Repair a damaged part of a name with the letters of the whole name.

    The part must occur in the whole name as separate words, equal except for case and lost letters. Restored
    letters take the case of the damaged word: lower case, unless they begin it or all the others are capitals. A part
    with no letter left is not restored.

    Args:
        damaged: such as `Kone?ná`.
        whole: such as `Kateřina KONEČNÁ`.

    Returns:
        The part restored, such as `Konečná`; None if the whole name does not have it exactly once.
    """
    if not any(letter.isalpha() for letter in damaged):
        return None
    damaged, whole = (unicodedata.normalize("NFC", text) for text in (damaged, whole))
    pattern = "".join(r"[^\W\d_]" if LOST.match(letter) else re.escape(letter) for letter in damaged)
    found = re.findall(rf"(?<!\w)({pattern})(?!\w)", whole, flags=re.IGNORECASE)
    if len(found) != 1 or len(found[0]) != len(damaged) or has_lost_letters(found[0]):
        return None
    return "".join(
        _as_cased(new, damaged, at) if LOST.match(old) else old
        for at, (old, new) in enumerate(zip(damaged, found[0], strict=True))
    )


def _as_cased(letter: str, damaged: str, at: int) -> str:
    others = [c for c in damaged if c.isalpha()]
    begins = at == 0 or not (damaged[at - 1].isalpha() or LOST.match(damaged[at - 1]))
    if begins or (len(others) > 1 and all(c.isupper() for c in others)):
        return letter.upper()
    return letter.lower()
