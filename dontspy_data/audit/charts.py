"""Charts as SVG: horizontal bars with their intervals, drawn with nothing but text.

Colours are the campaign's. Everything that a colour says is also said in words beside it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

WIDTH = 760
LEAST_PLOT = 200
LETTER = 8  # About the widest that a letter of the labels is on average, whatever the font.
VALUE_WIDTH = 205
ROW = 30
TOP = 44
BOTTOM = 34
BAR = 16
INK, GRID, PAPER = "#1d1d2b", "#cfc9b8", "#fffef6"
FILLS = ("#ff4747", "#25d0c8", "#8a6fd1", "#f2b632")
"""One a model, in their order."""


@dataclass(frozen=True, slots=True)
class ChartBar:
    """A bar.

    Attributes:
        label: what it stands for.
        value: its length, in the chart's unit.
        low: lower end of its interval.
        high: upper end of its interval.
        text: the value and interval in words.
        fill: which of `FILLS`.
        faint: whether it rests on too few portraits.
    """

    label: str
    value: float
    low: float
    high: float
    text: str
    fill: int
    faint: bool


@dataclass(frozen=True, slots=True)
class _Scale:
    """Places of values on the axis: `low` is drawn at `left`, `high` at `right`."""

    low: float
    high: float
    left: int
    right: int

    def x(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return round(self.left + share * (self.right - self.left), 1)


def bar_chart(title: str, unit: str, bars: Sequence[ChartBar]) -> str:
    """Draw an SVG document with a title, a bar a row, and an axis that always holds 0.

    Args:
        title: what it shows; also its description for those who cannot see it.
        unit: what the axis is marked with.
        bars: at least one.
    """
    low, high = min(0.0, *(bar.low for bar in bars)), max(0.0, *(bar.high for bar in bars))
    step = _step(high - low)
    left = max(len(bar.label) for bar in bars) * LETTER + 22
    width = max(WIDTH, left + LEAST_PLOT + VALUE_WIDTH)
    ends = step * math.floor(low / step), step * max(1, math.ceil(high / step))
    scale = _Scale(*ends, left, width - VALUE_WIDTH)
    height = TOP + ROW * len(bars) + BOTTOM
    described = "; ".join(f"{bar.label}: {bar.text}" for bar in bars)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
        f'font-family="system-ui, sans-serif" font-size="14" fill="{INK}">',
        f"<title>{escape(title)}</title><desc>{escape(described)}</desc>",
        f'<rect width="{width}" height="{height}" fill="{PAPER}"/>',
        f'<text x="12" y="24" font-weight="700">{escape(title)}</text>',
        *_axis(scale, step, unit, height),
        *(part for place, bar in enumerate(bars) for part in _row(scale, place, bar)),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _axis(scale: _Scale, step: float, unit: str, height: int) -> list[str]:
    parts = []
    bottom = height - BOTTOM
    count = round((scale.high - scale.low) / step)
    for mark in (scale.low + step * n for n in range(count + 1)):
        x, weight = scale.x(mark), 2 if abs(mark) < step / 2 else 1
        parts.append(
            f'<line x1="{x}" x2="{x}" y1="{TOP - 4}" y2="{bottom}" stroke="{GRID}" stroke-width="{weight}"/>'
        )
        parts.append(
            f'<text x="{x}" y="{bottom + 18}" text-anchor="middle" font-size="12">{_mark(mark)}</text>'
        )
    parts.append(f'<text x="{scale.right + 22}" y="{bottom + 18}" font-size="12">{escape(unit)}</text>')
    return parts


def _row(scale: _Scale, place: int, bar: ChartBar) -> list[str]:
    middle = TOP + ROW * place + ROW / 2
    zero, end = scale.x(0), scale.x(bar.value)
    low, high = scale.x(bar.low), scale.x(bar.high)
    opacity = 0.45 if bar.faint else 1
    return [
        f'<text x="{scale.left - 10}" y="{middle + 5}" text-anchor="end">{escape(bar.label)}</text>',
        f'<rect x="{min(zero, end)}" y="{middle - BAR / 2}" width="{round(abs(end - zero), 1)}" height="{BAR}" '
        f'fill="{FILLS[bar.fill % len(FILLS)]}" opacity="{opacity}"/>',
        f'<path d="M{low} {middle}H{high}M{low} {middle - 4}v8M{high} {middle - 4}v8" stroke="{INK}" fill="none"/>',
        f'<text x="{scale.right + 22}" y="{middle + 5}" font-size="13">{escape(bar.text)}</text>',
    ]


def _step(span: float) -> float:
    """Return a round distance between marks, so that there are between three and seven of them."""
    size = 1e-3
    while True:
        for factor in (1, 2, 5):
            if span / (size * factor) <= 6:
                return size * factor
        size *= 10


def _mark(value: float) -> str:
    return f"{round(value, 3) + 0.0:g}"
