"""Pictures of what a page costs by how much there is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """A cost at several sizes."""

    name: str
    sizes: list[int] = field(default_factory=list)
    costs: list[float] = field(default_factory=list)

    def add(self, size: int, cost: float) -> None:
        self.sizes.append(size)
        self.costs.append(cost)


def plot_costs(
    path: Path,
    curves: Sequence[Curve],
    size_name: str,
    cost_name: str,
    *,
    limits: Sequence[tuple[str, float]] = (),
) -> None:
    """Write a PNG with both axes logarithmic; a level line is a cost that does not grow.

    Args:
        path: of the picture.
        curves: what to draw.
        size_name: what the horizontal axis counts.
        cost_name: what the vertical axis measures.
        limits: bounds, drawn as broken lines: name and cost.
    """
    from matplotlib.figure import Figure
    from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

    figure = Figure(figsize=(6.4, 4.0), dpi=100, layout="constrained")
    axes = figure.add_subplot()
    for number, curve in enumerate(curves):
        axes.plot(curve.sizes, curve.costs, marker="o", label=curve.name, color=f"C{number}")
    for number, (name, cost) in enumerate(limits):
        axes.axhline(cost, linestyle="--", linewidth=1, color=f"C{number}")
        axes.annotate(name, (curves[0].sizes[0], cost), va="bottom", fontsize=8)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.set_xlabel(size_name)
    axes.set_ylabel(cost_name)
    axes.grid(True, which="major", linewidth=0.5, alpha=0.5)
    axes.legend(fontsize=8)
    figure.savefig(path)
