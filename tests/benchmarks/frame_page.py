"""What was measured, as Markdown tables and a plot, and their place in the documentation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from attrs import frozen

from tests.benchmarks.frame_engines import BY_HAND, COPY, CORE, KERNEL, LAZY, LOOP

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "scale.md"
PLOT = PAGE.with_suffix(".svg")
BEGIN, END = "<!-- measured -->\n", "<!-- end of measured -->"
MANY = 100_000_000
_FAST, _SLOW, _BASE = "#3366aa", "#999999", "#cc8833"


@frozen(order=False)
class Goal:
    """A ratio of one run and its bound, at least or at most; without one it is only reported."""

    what: str
    ratio: float
    bound: float | None = None
    at_least: bool = False

    @property
    def is_met(self) -> bool:
        """Whether the bound holds."""
        if self.bound is None:
            return True
        return self.ratio >= self.bound if self.at_least else self.ratio <= self.bound


def engines_table(title: str, seconds: Mapping[str, float]) -> str:
    """Engines and what a row costs on each, the fastest first."""
    lines = [
        f"| {title} | Rows a second | One row takes | Times the copy pass | Times as fast as the loop |",
        "| --- | --: | --: | --: | --: |",
    ]
    for name, each in sorted(seconds.items(), key=lambda item: item[1]):
        copies, loops = each / seconds[COPY], seconds[LOOP] / each
        lines.append(
            f"| {name} | {grouped(1 / each)} | {shown(each)} | {grouped(copies)} | {grouped(loops)} |"
        )
    return "\n".join(lines)


def goals_table(goals: Iterable[Goal]) -> str:
    """Each goal beside what was measured."""
    lines = ["| Ratio | Measured | Goal | |", "| --- | --: | --: | --- |"]
    for goal in goals:
        bound, met = "none", ""
        if goal.bound is not None:
            bound = f"{'≥' if goal.at_least else '≤'} {goal.bound:g}"
            met = "met" if goal.is_met else "**missed**"
        lines.append(f"| {goal.what} | {goal.ratio:.2f} | {bound} | {met} |")
    return "\n".join(lines)


def extrapolation_table(seconds: Mapping[str, float]) -> str:
    """What 100 million subscriptions would take on one core: computed, not measured."""
    lines = [
        f"| Extrapolated, not measured: {MANY:,} subscriptions | One core |",
        "| --- | --: |",
    ]
    names = [COPY, KERNEL, LAZY, BY_HAND, LOOP, CORE]
    names += [name for name in seconds if name.startswith("Spark")]
    lines += [f"| {name} | {duration(seconds[name] * MANY)} |" for name in names]
    return "\n".join(lines)


def grouped(value: float) -> str:
    """A number of two or three figures that count, its thousands grouped."""
    if value >= 1000:
        digits = 3 - len(f"{value:.0f}")
        return f"{round(value, digits):,.0f}"
    return f"{value:.0f}" if value >= 10 else f"{value:.2g}" if value < 1 else f"{value:.1f}"


def shown(seconds: float) -> str:
    """A time as people read it."""
    for unit, size in (("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds / 1e-9:.1f} ns" if seconds < 10e-9 else f"{seconds / 1e-9:.0f} ns"


def duration(seconds: float) -> str:
    """A long time as people read it."""
    for unit, size in (("h", 3600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s" if seconds >= 10 else f"{seconds:.1f} s"


def write(text: str, seconds: Mapping[str, float], rows: int) -> None:
    """Put tables and plot into the page."""
    page = PAGE.read_text("utf-8")
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    PAGE.write_text(f"{before}{BEGIN}\n{text}\n\n{END}{after}", "utf-8")
    plot(seconds, rows)


def plot(seconds: Mapping[str, float], rows: int) -> None:
    """Rows a second of each engine, as horizontal bars on a logarithmic scale."""
    import matplotlib as mpl

    mpl.use("svg")
    import matplotlib.pyplot as plt

    mpl.rcParams["svg.hashsalt"] = "chatim_plans"
    mpl.rcParams["svg.fonttype"] = "none"
    names = sorted(seconds, key=lambda name: -seconds[name])
    speeds = [1 / seconds[name] for name in names]
    colors = [
        _SLOW if name in {COPY, LOOP} else _BASE if "by hand" in name else _FAST for name in names
    ]
    figure, axes = plt.subplots(figsize=(8, 0.34 * len(names) + 1))
    bars = axes.barh(names, speeds, color=colors)
    axes.bar_label(bars, [grouped(speed) for speed in speeds], padding=3, fontsize=8)
    axes.set_xscale("log")
    axes.set_xlim(min(speeds) / 2, max(speeds) * 12)
    axes.set_xlabel(f"subscriptions a second, one core, {rows:,} rows (logarithmic)")
    axes.spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    figure.savefig(PLOT, metadata={"Date": None})
    plt.close(figure)
