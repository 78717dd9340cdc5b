"""What is said first: sentences computed from the tables, and true of them."""

import re
from dataclasses import replace

import pytest

from dontspy_data.audit.conclusions import Conclusion, Message, conclude, strip_title
from dontspy_data.audit.gaps import GapRow
from dontspy_data.audit.measures import ChoiceRow, ErrorRow

ROW = ErrorRow(
    model="m",
    attribute="gender",
    measure="disagreement",
    label="any",
    compared_with="official",
    variant="original",
    group_by="gender",
    group="female",
    value=0.0,
    low=None,
    high=None,
    n=1,
    unit="share",
    is_small=False,
    count=0,
    interval=None,
    cluster_low=None,
    cluster_high=None,
    baseline=None,
    own_variation=None,
)


def shares(women: tuple[int, int], men: tuple[int, int], **more: str) -> list[ErrorRow]:
    row = replace(ROW, **more)  # type: ignore[arg-type]
    return [
        replace(row, group=group, count=count, n=n, value=round(count / n, 4))
        for group, (count, n) in (("female", women), ("male", men))
    ]


def only(
    errors: list[ErrorRow], titles: dict[str, str] | None = None, gaps: tuple[GapRow, ...] = ()
) -> Conclusion:
    (found,) = conclude(errors, gaps, (), titles or {"m": "M"})
    return found


@pytest.mark.parametrize(
    ("women", "men", "title"),
    [
        ((19, 267), (0, 418), "No man was called a woman; one woman in 14 was called a man"),
        ((120, 267), (0, 418), "No man was called a woman; of 100 women, 45 were called men"),
        ((0, 267), (11, 418), "No woman was called a man; one man in 38 was called a woman"),
        ((0, 267), (0, 418), "No woman was called a man, and no man a woman"),
        ((30, 300), (8, 400), "Of 100 women, 10 were called men; of 100 men, 2 were called women"),
        ((30, 300), (1, 400), "Of 1,000 women, 100 were called men; of 1,000 men, 2 were called women"),
    ],
)
def test_whose_gender_was_misread(women: tuple[int, int], men: tuple[int, int], title: str) -> None:
    found = only(shares(women, men))
    assert (found.kind, str(found.title)) == ("gender", title)
    assert [(figure.group, figure.count, figure.n) for figure in found.figures] == [
        ("female", *women),
        ("male", *men),
    ]


def test_several_models_are_told_together_and_those_that_do_not_look_are_not() -> None:
    errors = [
        *shares((19, 267), (0, 418)),
        *shares((9, 267), (0, 418), model="n"),
        *shares((267, 267), (0, 418), model="always-fifty"),
    ]
    found = only(errors, {"m": "M", "n": "N", "always-fifty": "Always fifty"})
    assert str(found.title) == "No man was called a woman; of 100 women, 3 to 7 were called men"
    assert {figure.model for figure in found.figures} == {"m", "n"}


def years(women: float, baseline: float) -> ErrorRow:
    more = {"attribute": "age", "measure": "mean_absolute_error", "unit": "years", "count": None, "n": 142}
    return replace(ROW, value=women, baseline=baseline, **more)  # type: ignore[arg-type]


def test_a_program_that_knows_no_more_than_fifty_is_named() -> None:
    worse = only([years(8.92, 8.74)])
    assert worse.kind == "yardstick"
    assert str(worse.title) == "About women's ages, M knows no more than somebody who always says “fifty”"
    both = [years(8.92, 8.74), replace(years(9.5, 8.74), model="n"), replace(years(5.46, 8.74), model="o")]
    several = only(both, {"m": "M", "n": "N", "o": "O"})
    assert "2 of 3 programs know no more" in str(several.title)
    better = only([years(5.46, 8.74)])
    assert "8.7 years off women's ages on average; the software is 5.5" in str(better.title)


def gap(value: float, low: float, high: float, adjusted_for: str) -> GapRow:
    return GapRow(
        *("m", "gender", "disagreement", "any", "all", "gender", "female", "male", adjusted_for),
        *(value, low, high, 267, 418, "share", "newcombe", 0.5, "cohens_h", "fisher", 0.001, 0.001),
    )


@pytest.mark.parametrize(
    ("plain", "adjusted", "words"),
    [
        (
            (0.071, 0.044, 0.109),
            0.068,
            "M: 7.1 more women in 100 than men in 100 (95 % interval 4.4 to 10.9)",
        ),
        (
            (-0.071, -0.109, -0.044),
            -0.068,
            "M: 7.1 fewer women in 100 than men in 100 (95 % interval 4.4 to 10.9); 6.8",
        ),
        ((0.02, -0.01, 0.05), 0.02, "whether women and men differ is not clear (-1.0 to 5.0 more"),
    ],
)
def test_a_difference_is_claimed_only_where_its_interval_shows_one(
    plain: tuple[float, float, float], adjusted: float, words: str
) -> None:
    gaps = (gap(*plain, "nothing"), gap(adjusted, 0, 1, "age"))
    (note,) = only(shares((19, 267), (1, 418)), gaps=gaps).notes
    assert words in str(note)


def test_the_ends_of_a_range_are_given_to_the_programs_they_are_of() -> None:
    errors = [*shares((19, 267), (0, 418)), *shares((9, 267), (0, 418), model="n")]
    gaps = tuple(
        replace(gap(0.071, *ends, held), model=model)
        for model, ends in (("m", (0.04, 0.1)), ("n", (-0.01, 0.1)))
        for held in ("nothing", "age")
    )
    found = only(errors, {"m": "M", "n": "N"}, gaps)
    assert [str(sentence) for sentence in found.summary] == [
        "The lower number is that of N, the higher that of M.",
        "With 1 of 2 programs the difference between women and men is more than chance explains.",
    ]
    assert [str(sentence)[:2] for sentence in found.notes] == ["Th", "M:", "N:"]


def test_what_other_ways_of_use_would_give_stands_beside_a_figure() -> None:
    options = [
        ChoiceRow(
            *(
                "m",
                "gender",
                "disagreement",
                "any",
                "gender",
                "female",
                "colour",
                option,
                is_default,
                estimate,
            ),
            None,
            None,
            267,
            "share",
            False,
        )
        for option, is_default, estimate in (("applied", True, 0.0712), ("ignored", False, 0.09))
    ]
    (found,) = conclude(shares((19, 267), (0, 418)), (), options, {"m": "M"})
    women, men = found.figures
    assert (women.choice_low, women.choice_high, men.choice_low) == (0.0712, 0.09, None)
    assert [str(note) for note in found.notes] == [
        "M: 7.1 to 9.0 in 100 women, depending on how the same software is used."
    ]


def test_mirroring_moves_ages_and_flips_genders() -> None:
    mirrored = {"variant": "mirrored", "compared_with": "original", "group": "all", "group_by": "all"}
    age = replace(
        ROW, attribute="age", measure="mean_absolute_change", unit="years", value=2.43, count=None, **mirrored
    )
    gender = replace(ROW, measure="changed_answer", count=4, n=370, **mirrored)
    found = only([age, gender])
    assert str(found.title) == "Mirror the photograph, and the guessed age moves by 2.4 years on average"
    assert [str(note) for note in found.notes] == ["M: mirrored, 4 of 370 people are given another gender."]


def test_a_strip_is_titled_by_what_it_shows() -> None:
    title = str(strip_title("M", [-12.0, 3.0, 0.5, -2.0, 11.0]))
    assert title == "M: half of all ages are within 3.0 years, and 2 of 5 people are more than ten years off"


def test_every_message_can_be_translated_and_filled() -> None:
    errors = [*shares((19, 267), (0, 418)), years(5.46, 8.74)]
    for conclusion in conclude(errors, (), (), {"m": "M"}):
        for sentence in (conclusion.title, *conclusion.notes):
            assert sentence.message in Message
            assert set(re.findall(r"{(\w+)}", sentence.message)) == set(sentence.parameters)
