"""Lost letters: seen, and put back from a whole name only where that is certain."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dontspy_data.resolve.lost_letters import has_lost_letters, restore


@pytest.mark.parametrize(
    ("damaged", "whole", "restored"),
    [
        ("Vav?inec", "Vavřinec NĚMÝ", "Vavřinec"),
        ("N?mý", "Vavřinec NĚMÝ", "Němý"),
        ("?ezák", "Ota ŘEZÁK", "Řezák"),
        ("?ó?tek-?ak", "Jan ŻÓŁTEK-ŁAK", "Żółtek-Łak"),
        ("Van ?en", "Ann Van ŽEN", "Van Žen"),
        ("?????", "Ελένη ΠΑΡΆΔΕΙ", None),  # nothing left to recognise it by
        ("N?mý", "Vavřinec NEMÝ-NOVÁK", "Nemý"),
        ("N?mý", "Vavřinec NOVÁK", None),
        ("N?mý", "Němý NĚMÝ", None),
        ("N?mý", "Vavřinec N?MÝ", None),
        ("Nie?", "Jan NIEß", "Nieß"),
    ],
)
def test_restore(damaged: str, whole: str, restored: str | None) -> None:
    assert restore(damaged, whole) == restored


@given(st.text(alphabet="abcdeéřšžłńĄąŻżÓó", min_size=2, max_size=12), st.data())
def test_a_whole_name_gives_back_what_was_lost(word: str, data: st.DataObject) -> None:
    word = word.capitalize()
    at = data.draw(st.integers(0, len(word) - 1))
    damaged = word[:at] + "?" + word[at + 1 :]
    assert restore(damaged, f"Xyz {word.upper()}") in (word, None)
    if len(word.upper()) == len(word):
        assert restore(damaged, f"Xyz {word.upper()}") == word


@given(st.text(max_size=30), st.text(max_size=60))
def test_any_text_is_survived_and_nothing_is_made_up(damaged: str, whole: str) -> None:
    restored = restore(damaged, whole)
    if restored is not None:
        assert not has_lost_letters(restored)
        assert (
            unicodedata.normalize("NFC", restored).casefold()
            in unicodedata.normalize("NFC", whole).casefold()
        )
