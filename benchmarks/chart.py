"""The ratios to the floor as a picture, reproducible to the byte.

It has no background; its colours are legible on white and on black.
"""

from __future__ import annotations

from io import BytesIO
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

import matplotlib

from benchmarks.contender import OURS
from benchmarks.results import Results
from benchmarks.tasks import column_of
from benchmarks.timing import ratio
from benchmarks.wording import multiple

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_TEXT = "#7a828c"
_OURS = "#2f81f7"
_FLOOR = "#8b949e"
_OTHERS = "#c69026"
_ROW = 0.25  # inches
_COLUMNS = 2
_MEANING = "times as long as the floor, shorter is better, every step a factor of ten"
_STYLE: Any = {
    "svg.hashsalt": "sgformats",
    "svg.fonttype": "none",
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "axes.edgecolor": _TEXT,
    "axes.labelcolor": _TEXT,
    "axes.titlecolor": _TEXT,
    "text.color": _TEXT,
    "xtick.color": _TEXT,
    "ytick.color": _TEXT,
}


def panels(results: Results) -> dict[str, list[tuple[str, float]]]:
    """For each kind of work, every contender and its ratio to the floor, for the middle size."""
    found = {}
    for title, tasks in results.of_kind("peers").items():
        for task in tasks:
            if task.column == column_of(results.sizes[1]):
                timed = results.times[task.name]
                ratios = [(one.name, ratio(one, timed[0]).median) for one in timed]
                found[title] = sorted(ratios, key=lambda pair: pair[1])
    return found


def svg(results: Results) -> bytes | None:
    """The picture; None if none of its data was measured."""
    shown = panels(results)
    if not shown:
        return None
    values = [value for bars in shown.values() for _, value in bars]
    limits = (min(0.1, min(values) / 2), max(values) * 4)
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    titles = [*shown]
    lines = [titles[index : index + _COLUMNS] for index in range(0, len(titles), _COLUMNS)]
    heights = [max(len(shown[title]) for title in line) + 2.2 for line in lines]
    with matplotlib.rc_context(_STYLE):
        figure = Figure(figsize=(10, _ROW * sum(heights) + 0.3), layout="constrained")
        FigureCanvasSVG(figure)
        axes = figure.subplots(len(lines), _COLUMNS, squeeze=False, height_ratios=heights)
        for line, places in zip(lines, axes, strict=True):
            for title, place in zip_longest(line, places):
                if title is None:
                    place.set_visible(False)
                else:
                    _draw(place, title, shown[title], limits)
        figure.supxlabel(f"{column_of(results.sizes[1])}; {_MEANING}", fontsize=9)
        written = BytesIO()
        figure.savefig(written, format="svg", transparent=True, metadata={"Date": None})
    return b"\n".join(line.rstrip() for line in written.getvalue().splitlines()) + b"\n"


def _draw(
    place: Axes, title: str, bars: list[tuple[str, float]], limits: tuple[float, float]
) -> None:
    """Draw a panel: the fastest on top, each bar with its number, a line at the floor."""
    colors = [
        _OURS if name == OURS else _FLOOR if value == 1.0 else _OTHERS for name, value in bars
    ]
    spots = range(len(bars))
    left = limits[0]
    place.set_xscale("log")
    place.set_xlim(limits)
    place.barh(spots, [value - left for _, value in bars], left=left, color=colors, height=0.7)
    place.set_yticks(spots, [name for name, _ in bars])
    place.invert_yaxis()
    place.set_title(title, loc="left", fontsize=10, fontweight="bold")
    place.axvline(1.0, color=_TEXT, linewidth=0.8, linestyle="--", zorder=0)
    place.xaxis.set_major_formatter(lambda value, _: f"{value:,.10g} ×")
    place.xaxis.set_minor_formatter(lambda value, _: "")
    for spot, (name, value) in enumerate(bars):
        weight = "bold" if name == OURS else "normal"
        right = 1.0 if 0.2 < value < 1.0 else value  # Clear of the line at the floor.
        place.text(right * 1.1, spot, multiple(value), va="center", fontweight=weight)
    for side in ("top", "right"):
        place.spines[side].set_visible(False)
    for label in place.get_yticklabels():
        if label.get_text() == OURS:
            label.set_fontweight("bold")
