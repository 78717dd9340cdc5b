"""Charts: well-formed, with every bar where its value says."""

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dontspy_data.audit.charts import VALUE_WIDTH, WIDTH, ChartBar, bar_chart

SVG = "{http://www.w3.org/2000/svg}"
LEFT, RIGHT = 30, WIDTH - VALUE_WIDTH  # with labels of one letter


def bars_of(chart: str) -> list[tuple[float, float]]:
    """Left edge and width of each bar, in their order; the first rectangle is the paper."""
    found = ElementTree.fromstring(chart).findall(f"{SVG}rect")[1:]
    return [(float(bar.attrib["x"]), float(bar.attrib["width"])) for bar in found]


def bar(value: float, half: float = 0.0, label: str = "a", faint: bool = False) -> ChartBar:
    return ChartBar(label, value, value - half, value + half, f"{value}", 0, faint)


@given(st.lists(st.tuples(st.floats(-1e4, 1e4), st.floats(0, 1e3)), min_size=1, max_size=12))
def test_bars_and_intervals_stay_on_the_chart(values: list[tuple[float, float]]) -> None:
    chart = bar_chart("Title", "years", [bar(value, half) for value, half in values])
    assert all(x >= LEFT - 1 and x + width <= RIGHT + 1 for x, width in bars_of(chart))
    ends = [
        float(x)
        for path in re.findall(r'd="M([^"]+)"', chart)
        for x in re.findall(r"[MH]?(-?[\d.]+) ", path)[:1]
    ]
    assert all(LEFT - 1 <= x <= RIGHT + 1 for x in ends)


def test_lengths_are_in_proportion_and_start_at_zero() -> None:
    (x1, w1), (x2, w2), (x3, w3) = bars_of(bar_chart("t", "u", [bar(2), bar(4), bar(-1)]))
    assert x1 == x2 == pytest.approx(x3 + w3, abs=0.2)
    assert (w2, w1) == pytest.approx((2 * w1, 2 * w3), abs=0.3)


def test_all_zero_is_a_chart_too() -> None:
    assert bars_of(bar_chart("t", "u", [bar(0)])) == [(LEFT, 0)]


def test_texts_are_escaped_and_described_for_those_who_cannot_see() -> None:
    chart = bar_chart("A < B", "years", [bar(1, label="x & y"), bar(2, faint=True)])
    root = ElementTree.fromstring(chart)
    assert root.findtext(f"{SVG}title") == "A < B"
    assert root.findtext(f"{SVG}desc") == "x & y: 1; a: 2"
    assert [bar.attrib["opacity"] for bar in root.findall(f"{SVG}rect")[1:]] == ["1", "0.45"]


def test_a_long_label_has_room() -> None:
    label = "a program with a name that somebody thought about for very long · twice the size"
    chart = bar_chart("t", "u", [bar(1, label=label)])
    root = ElementTree.fromstring(chart)
    width = float(root.attrib["viewBox"].split()[2])
    (x, length), *_ = bars_of(chart)
    assert x > 7 * len(label)
    assert x + length <= width - VALUE_WIDTH
