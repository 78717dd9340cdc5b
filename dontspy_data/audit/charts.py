"""Charts as SVG, written as text: bars with intervals, one dot per portrait, and curves.

Colours are attributes of each mark, which stylesheets of a page can override by class (`chart-women`, `chart-men`,
`chart-all`, `chart-ink`, `chart-soft`, `chart-grid`, `chart-interval`, `chart-mark`, `chart-reach`, `chart-few`,
`chart-paper`); nothing is styled inline. On white each has a contrast of at least 3:1, and everything is also given
in words.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

WIDTH, EDGE = 400, 8
LINE, BAR, ROW = 18, 12, 44
LETTERS_A_LINE, LETTERS_A_TITLE = 48, 36
FONT = "system-ui, sans-serif"
TONES = {"women": "#7a2fb8", "men": "#96600a", "all": "#5d5263"}
INK, SOFT, GRID, PAPER = "#1c1420", "#5d5263", "#8f8494", "#ffffff"


@dataclass(frozen=True, slots=True)
class ChartBar:
    """A bar with two lines of words above it.

    Attributes:
        label: its name, at the left.
        text: its value in words, at the right.
        value: its length, in the chart's unit.
        low: lower end of its interval; None if there is none.
        high: upper end.
        tone: which of `TONES`.
        mark: a yardstick in the same unit, drawn as a line across the bar; None if there is none.
        reach: lowest and highest value with other choices, drawn as a line below the bar; None if there is
            no choice.
        faint: whether it rests on few portraits, so that it is drawn as an outline.
        section: what it belongs to; drawn once above the bars that share it, if there are several.
    """

    label: str
    text: str
    value: float
    low: float | None
    high: float | None
    tone: str = "all"
    mark: float | None = None
    reach: tuple[float, float] | None = None
    faint: bool = False
    section: str = ""


@dataclass(frozen=True, slots=True)
class ChartDots:
    """A row of dots, one per portrait: its name, their places on the axis, and which of `TONES` they have."""

    label: str
    values: Sequence[float]
    tone: str = "all"


@dataclass(frozen=True, slots=True)
class ChartCurve:
    """A line through points: its name, drawn at its end, its points and which of `TONES` it has."""

    label: str
    points: Sequence[tuple[float, float]]
    tone: str = "all"


@dataclass(frozen=True, slots=True)
class _Scale:
    """Places of values on an axis: `low` is drawn at `start`, `high` at `end`."""

    low: float
    high: float
    start: float
    end: float
    step: float

    def __call__(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return round(self.start + share * (self.end - self.start), 1)

    @property
    def marks(self) -> list[float]:
        return [self.low + self.step * n for n in range(round((self.high - self.low) / self.step) + 1)]


def bar_chart(
    title: str,
    unit: str,
    bars: Sequence[ChartBar],
    *,
    mark: str = "",
    reach: str = "",
    heading: bool = True,
) -> str:
    """Draw bars below each other, each with its words above it, on an axis that always holds 0.

    Args:
        title: what the chart says; also its name for those who cannot see it.
        unit: label of the axis.
        bars: at least one, from the top.
        mark: what the yardsticks are, for the legend.
        reach: what the lines below the bars are, for the legend.
        heading: whether the title is drawn; not if it is above the chart already.
    """
    numbers = [
        number
        for bar in bars
        for number in (0.0, bar.value, bar.low, bar.high, bar.mark, *(bar.reach or ()))
        if number is not None
    ]
    scale = _scale(min(numbers), max(numbers), EDGE, WIDTH - 3 * EDGE)
    top = _title_height(title) if heading else EDGE
    bottom, drawn, section = top, [], ""
    several = len({bar.section for bar in bars}) > 1
    for bar in bars:
        if several and bar.section != section:
            section = bar.section
            bottom += LINE + EDGE
            drawn.append(_words(EDGE, bottom - 6, section, bold=True))
        drawn += _bar(scale, bottom, bar)
        bottom += _row_height(bar)
    parts = [*_axis(scale, unit, top, bottom), *drawn]
    height = bottom + 2 * LINE + EDGE
    if mark and any(bar.mark is not None for bar in bars):
        parts.append(_line("mark", EDGE, height - 10, "v12", INK, 3))
        parts.append(_words(EDGE + 26, height, mark, size=13, tone="soft"))
        height += LINE
    if reach and any(bar.reach for bar in bars):
        parts.append(_line("reach", EDGE, height - 4, "h20", SOFT, 2))
        parts.append(_words(EDGE + 26, height, reach, size=13, tone="soft"))
        height += LINE
    described = "; ".join(
        f"{bar.section}, {bar.label}: {bar.text}" if several else f"{bar.label}: {bar.text}" for bar in bars
    )
    return _document(title, described, height, parts, heading=heading)


def dot_chart(
    title: str,
    unit: str,
    rows: Sequence[ChartDots],
    *,
    ends: tuple[str, str],
    reach: float = 0.0,
    heading: bool = True,
) -> str:
    """Draw a dot for each value, stacked where they would overlap, rows below each other on one axis around 0.

    Args:
        title: what the chart says; also its name for those who cannot see it.
        unit: label of the axis.
        rows: at least one, each with at least one value.
        ends: meaning of the left and the right end.
        reach: the least extent of the axis, for charts that are compared.
        heading: whether the title is drawn.
    """
    furthest = max(reach, *(abs(value) for row in rows for value in row.values))
    scale = _scale(-furthest, furthest, EDGE, WIDTH - 2 * EDGE)
    size = abs(scale(1) - scale(0))  # a dot is as wide as a year
    size = max(2.0, min(size, 7.0))
    y: float = _title_height(title) if heading else EDGE
    top = y
    parts: list[str] = []
    for row in rows:
        stacks = stack([scale(value) for value in row.values], size)
        highest = max(level for _, level in stacks) + 1
        y += LINE + highest * size + EDGE
        parts.append(
            _words(EDGE, y - highest * size - EDGE, f"{row.label}, n = {len(row.values):,}", tone=row.tone)
        )
        parts += [
            f'<circle class="chart-{row.tone}" cx="{x}" cy="{round(y - (level + 0.5) * size, 1)}" '
            f'r="{round(size * 0.45, 1)}" fill="{TONES[row.tone]}"/>'
            for x, level in stacks
        ]
    frame = _axis(scale, unit, top, round(y, 1))
    words = [
        _words(EDGE, y + 3 * LINE, f"← {ends[0]}", size=13, tone="soft"),
        _words(WIDTH - EDGE, y + 3 * LINE, f"{ends[1]} →", size=13, tone="soft", anchor="end"),
    ]
    described = "; ".join(_spread(row) for row in rows)
    return _document(title, described, round(y + 4 * LINE - 8), [*frame, *parts, *words], heading=heading)


def stack(places: Sequence[float], size: float) -> list[tuple[float, int]]:
    """Return the places of dots: each in its column of `size`, on the first free level, smallest place first."""
    levels: dict[int, int] = {}
    found = []
    for place in sorted(places):
        column = math.floor(place / size)
        level = levels.get(column, 0)
        levels[column] = level + 1
        found.append((round((column + 0.5) * size, 1), level))
    return found


def curve_chart(
    title: str,
    units: tuple[str, str],
    curves: Sequence[ChartCurve],
    *,
    diagonal: bool = False,
    heading: bool = True,
) -> str:
    """Draw lines of shares over shares, from 0 to 100 per cent or as far as they reach.

    Args:
        title: what the chart says; also its name for those who cannot see it.
        units: labels of the axes: across, up.
        curves: at least one, each with at least one point, in per cent.
        diagonal: whether the line is drawn on which both are equal.
        heading: whether the title is drawn.
    """
    points = [point for curve in curves for point in curve.points]
    top = (_title_height(title) if heading else EDGE) + LINE
    bottom = top + 240
    left, right = 4 * EDGE + 8, WIDTH - 3 * EDGE
    across = _scale(min(x for x, _ in points), max(x for x, _ in points), left, right)
    up = _scale(0.0, max(y for _, y in points), bottom, top)
    parts = [*_axis(across, units[0], top, bottom)]
    for mark in up.marks:
        parts.append(_line("grid", left, up(mark), f"H{right}", GRID, 0.5))
        parts.append(_words(left - 6, up(mark) + 4, _number(mark), size=12, tone="soft", anchor="end"))
    parts.append(_words(EDGE, top - 8, units[1], size=12, tone="soft"))
    if diagonal:
        low, high = max(across.low, up.low), min(across.high, up.high)
        parts.append(
            f'<path class="chart-soft" d="M{across(low)} {up(low)}L{across(high)} {up(high)}" stroke="{SOFT}" '
            'stroke-dasharray="4 4" fill="none"/>'
        )
    for curve in curves:
        line = "L".join(f"{across(x)} {up(y)}" for x, y in curve.points)
        parts.append(
            f'<path class="chart-{curve.tone}" d="M{line}" stroke="{TONES[curve.tone]}" stroke-width="2" '
            'fill="none"/>'
        )
        parts += [
            f'<circle class="chart-{curve.tone}" cx="{across(x)}" cy="{up(y)}" r="4" fill="{TONES[curve.tone]}"/>'
            for x, y in curve.points
        ]
    height = bottom + 3 * LINE
    for curve in curves:
        parts.append(_line(curve.tone, EDGE, height - 4, "h20", TONES[curve.tone], 3))
        parts.append(_words(EDGE + 26, height, curve.label, size=13))
        height += LINE
    described = "; ".join(
        f"{curve.label}: from {_number(curve.points[0][1])} at {_number(curve.points[0][0])} to "
        f"{_number(curve.points[-1][1])} at {_number(curve.points[-1][0])}"
        for curve in curves
    )
    return _document(title, described, height, parts, heading=heading)


def _document(title: str, described: str, height: float, parts: Sequence[str], *, heading: bool) -> str:
    lines = _wrapped(title) if heading else []
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" class="chart" viewBox="0 0 {WIDTH} {height}" role="img" '
            f'aria-label={quoteattr(f"{title}. {described}")} font-family="{FONT}" font-size="14">',
            f"<title>{escape(title)}</title>",
            f'<rect class="chart-paper" width="{WIDTH}" height="{height}" fill="{PAPER}"/>',
            *(
                f'<text class="chart-ink" x="{EDGE}" y="{22 + place * 21}" font-size="17" font-weight="700" '
                f'fill="{INK}">{escape(line)}</text>'
                for place, line in enumerate(lines)
            ),
            *parts,
            "</svg>",
            "",
        ]
    )


def _wrapped(title: str) -> list[str]:
    lines: list[str] = [""]
    for word in title.split():
        if len(lines[-1]) + len(word) >= LETTERS_A_TITLE:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def _title_height(title: str) -> int:
    return 21 * len(_wrapped(title)) + 16


def _words(
    x: float,
    y: float,
    text: str,
    *,
    size: int = 14,
    tone: str = "ink",
    anchor: str = "start",
    bold: bool = False,
) -> str:
    colour = {"ink": INK, "soft": SOFT, **TONES}[tone]
    weight = ' font-weight="700"' if bold else ""
    return (
        f'<text class="chart-{tone}" x="{x}" y="{round(y, 1)}" font-size="{size}"{weight} text-anchor="{anchor}" '
        f'fill="{colour}">{escape(text)}</text>'
    )


def _axis(scale: _Scale, unit: str, top: float, bottom: float) -> list[str]:
    parts = []
    for mark in scale.marks:
        x, weight = scale(mark), 1.5 if abs(mark) < scale.step / 2 else 0.5
        parts.append(_line("grid", x, top, f"V{bottom}", GRID, weight))
        parts.append(_words(x, bottom + LINE - 2, _number(mark), size=12, tone="soft", anchor="middle"))
    parts.append(_words(WIDTH - EDGE, bottom + 2 * LINE - 4, unit, size=12, tone="soft", anchor="end"))
    return parts


def _row_height(bar: ChartBar) -> int:
    return ROW if len(bar.label) + len(bar.text) < LETTERS_A_LINE else ROW + LINE


def _bar(scale: _Scale, top: float, bar: ChartBar) -> list[str]:
    zero, end = scale(0), scale(bar.value)
    upper = top + _row_height(bar) - BAR - 10
    middle = upper + BAR / 2
    parts = [
        _words(EDGE, top + LINE - 4, bar.label),
        _words(WIDTH - EDGE, upper - 8, bar.text, anchor="end"),
        _rectangle(bar.tone, zero, end, upper, outlined=bar.faint),
    ]
    if bar.low is not None and bar.high is not None:
        low, high = scale(bar.low), scale(bar.high)
        parts.append(
            f'<path class="chart-interval" d="M{low} {middle}H{high}M{low} {middle - 5}v10M{high} {middle - 5}v10" '
            f'stroke="{INK}" stroke-width="1.5" fill="none"/>'
        )
    if bar.reach:
        start, stop = scale(bar.reach[0]), scale(bar.reach[1])
        parts.append(_line("reach", start, upper + BAR + 4, f"h{round(stop - start, 1)}", SOFT, 2))
    if bar.mark is not None:
        parts.append(_line("mark", scale(bar.mark), upper - 3, f"v{BAR + 6}", INK, 3))
    return parts


def _rectangle(tone: str, zero: float, end: float, top: float, *, outlined: bool) -> str:
    colour, few = TONES[tone], " chart-few" if outlined else ""
    fill = f'fill="none" stroke="{colour}" stroke-width="1.5"' if outlined else f'fill="{colour}"'
    return (
        f'<rect class="chart-{tone}{few}" x="{min(zero, end)}" y="{top}" width="{round(abs(end - zero), 1)}" '
        f'height="{BAR}" {fill}/>'
    )


def _line(kind: str, x: float, y: float, course: str, colour: str, width: float) -> str:
    return f'<path class="chart-{kind}" d="M{x} {y}{course}" stroke="{colour}" stroke-width="{width}"/>'


def _spread(row: ChartDots) -> str:
    ordered = sorted(row.values)
    low, middle, high = ordered[0], ordered[len(ordered) // 2], ordered[-1]
    return f"{row.label}: {len(ordered):,} portraits, from {low:.1f} to {high:.1f}, half of them below {middle:.1f}"


def _scale(low: float, high: float, start: float, end: float) -> _Scale:
    step = _step((high - low) or 1.0)
    first = step * math.floor(low / step + 1e-9)
    last = max(first + step, step * math.ceil(high / step - 1e-9))
    return _Scale(first, last, start, end, step)


def _step(span: float) -> float:
    """Return a round distance between marks, so that there are between three and seven of them."""
    size = 10.0 ** math.floor(math.log10(span) - 1)
    while True:
        for factor in (1, 2, 5):
            if span / (size * factor) <= 6:
                return size * factor
        size *= 10


def _number(value: float) -> str:
    return f"{round(value, 3) + 0.0:g}"
