"""Charts: well-formed, every mark where its value says, readable without colours and without a style of their own."""

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dontspy_data.audit.charts import (
    PAPER,
    TONES,
    WIDTH,
    ChartBar,
    ChartCurve,
    ChartDots,
    bar_chart,
    curve_chart,
    dot_chart,
    stack,
)

SVG = "{http://www.w3.org/2000/svg}"


def bars_of(chart: str) -> list[tuple[float, float]]:
    """Left edge and width of each bar, in their order; the first rectangle is the paper."""
    found = ElementTree.fromstring(chart).findall(f"{SVG}rect")[1:]
    return [(float(bar.attrib["x"]), float(bar.attrib["width"])) for bar in found]


def bar(value: float, half: float = 0.0, label: str = "a", **more: object) -> ChartBar:
    return ChartBar(label, f"{value}", value, value - half, value + half, **more)  # type: ignore[arg-type]


@given(st.lists(st.tuples(st.floats(-1e4, 1e4), st.floats(0, 1e3)), min_size=1, max_size=12))
def test_bars_and_intervals_stay_on_the_chart(values: list[tuple[float, float]]) -> None:
    chart = bar_chart("Title", "years", [bar(value, half) for value, half in values])
    assert all(x >= -1 and x + width <= WIDTH + 1 for x, width in bars_of(chart))
    ends = [
        float(x) for path in re.findall(r'd="([^"]+)"', chart) for x in re.findall(r"[MH](-?[\d.]+)", path)
    ]
    assert all(-1 <= x <= WIDTH + 1 for x in ends)


def test_lengths_are_in_proportion_and_start_at_zero() -> None:
    (x1, w1), (x2, w2), (x3, w3) = bars_of(bar_chart("t", "u", [bar(2), bar(4), bar(-1)]))
    assert x1 == x2 == pytest.approx(x3 + w3, abs=0.2)
    assert (w2, w1) == pytest.approx((2 * w1, 2 * w3), abs=0.3)


def test_all_zero_is_a_chart_too() -> None:
    assert [width for _, width in bars_of(bar_chart("t", "u", [bar(0)]))] == [0]


def test_a_chart_has_a_name_for_those_who_cannot_see_and_its_texts_are_escaped() -> None:
    chart = bar_chart("A < B", "years", [bar(1, label="x & y"), bar(2, faint=True)])
    root = ElementTree.fromstring(chart)
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-label"] == "A < B. x & y: 1; a: 2"
    assert root.findtext(f"{SVG}title") == "A < B"
    full, few = root.findall(f"{SVG}rect")[1:]
    assert (full.attrib["fill"], few.attrib["fill"]) == (TONES["all"], "none")


def test_a_chart_has_no_style_of_its_own_and_can_be_drawn_without_its_title() -> None:
    charts = [
        bar_chart("Title", "u", [bar(1, mark=2.0)], mark="a yardstick", heading=False),
        dot_chart("Title", "u", [ChartDots("women", [1.0], "women")], ends=("less", "more"), heading=False),
        curve_chart("Title", ("a", "b"), [ChartCurve("men", [(50, 60), (90, 80)], "men")], heading=False),
    ]
    for chart in charts:
        root = ElementTree.fromstring(chart)
        assert not any(element.tag == f"{SVG}style" or "style" in element.attrib for element in root.iter())
        assert "Title" not in [text.text for text in root.iter(f"{SVG}text")]


def test_yardsticks_and_ranges_are_drawn_where_they_are_and_explained() -> None:
    bars = [bar(5, mark=8.0, reach=(4.0, 6.0)), bar(10)]
    root = ElementTree.fromstring(bar_chart("t", "u", bars, mark="a yardstick", reach="a range"))
    marks = [
        float(path.attrib["d"].split()[0][1:])
        for path in root.iter(f"{SVG}path")
        if path.get("class") == "chart-mark"
    ]
    five, ten = (x + width for x, width in bars_of(bar_chart("t", "u", bars)))
    assert marks[0] == pytest.approx(five + (ten - five) * 3 / 5, abs=0.2)
    texts = [text.text for text in root.iter(f"{SVG}text")]
    assert {"a yardstick", "a range"} <= set(texts)


def test_words_never_stand_on_each_other() -> None:
    label = "a program with a name that somebody thought about for very long, women"
    chart = bar_chart("t", "u", [bar(1, label=label), bar(1)])
    lines = {text.text: float(text.attrib["y"]) for text in ElementTree.fromstring(chart).iter(f"{SVG}text")}
    assert lines["1"] != lines[label]


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("colour", TONES.values())
def test_colours_stand_out_from_the_paper(colour: str) -> None:
    assert (luminance(PAPER) + 0.05) / (luminance(colour) + 0.05) >= 3


@given(st.lists(st.floats(0, 400), min_size=1, max_size=80))
def test_every_portrait_is_a_dot_and_no_two_are_in_one_place(places: list[float]) -> None:
    dots = stack(places, 5)
    assert len(dots) == len(set(dots)) == len(places)
    assert all(abs(x - place) <= 2.6 for (x, _), place in zip(dots, sorted(places), strict=True))


def test_a_strip_has_a_dot_for_every_portrait_on_an_axis_around_zero() -> None:
    rows = [ChartDots("women", [-12.5, 0.0, 0.2, 3.0], "women"), ChartDots("men", [1.0], "men")]
    root = ElementTree.fromstring(dot_chart("t", "years", rows, ends=("younger", "older"), reach=40))
    assert len(root.findall(f"{SVG}circle")) == 5
    assert "women: 4 portraits, from -12.5 to 3.0" in root.attrib["aria-label"]
    marks = [text.text for text in root.iter(f"{SVG}text")]
    assert {"-40", "0", "40"} <= set(marks)
