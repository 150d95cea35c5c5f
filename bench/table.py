"""What `make bench` prints: each operation beside its goal, on each database, and how it grows with the documents."""

from collections.abc import Mapping
from dataclasses import dataclass

from bench.measure import Figure, Rate

GROWS, STARTS, WEIGHS = 1.5, 1.5, 150


@dataclass(frozen=True)
class Result:
    """One office, measured."""

    figures: list[Figure]
    rates: list[Rate]
    started: float
    heaviest: float

    @property
    def met(self) -> bool:
        """Whether every goal is met."""
        return (
            all(one.met for one in self.figures)
            and all(one.a_second >= one.goal for one in self.rates)
            and self.started <= STARTS
            and self.heaviest <= WEIGHS
        )


def written(results: Mapping[tuple[str, int], Result]) -> str:
    """The whole table, as Markdown."""
    return "\n".join(
        line for (kind, documents), result in results.items() for line in _one(kind, documents, result, results)
    )


def _one(kind: str, documents: int, result: Result, results: Mapping[tuple[str, int], Result]) -> list[str]:
    smallest = min((size for place, size in results if place == kind), default=documents)
    before = {one.name: one.half for one in results[kind, smallest].figures}
    lines = [
        "",
        f"### {kind}, {documents:,} documents",
        "",
        "| operation | goal ms | p50 | p95 | of goal | statements | of the smallest office |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for one in result.figures:
        mark = "" if one.met else " **missed**"
        lines.append(
            f"| {one.name} | {one.goal:g} | {one.half:.1f} | {one.most:.1f} | {one.half / one.goal:.2f}{mark} | "
            f"{one.statements} | {one.half / before[one.name]:.2f} |"
        )
    for rate in result.rates:
        mark = "" if rate.a_second >= rate.goal else " **missed**"
        lines.append(f"| {rate.name}, two workers | ≥ {rate.goal:g} a second | {rate.a_second:.0f} | | {mark} | | |")
    lines.append(f"| start until the first answer | ≤ {STARTS:g} s | {result.started:.2f} s | | | | |")
    lines.append(f"| the largest worker | ≤ {WEIGHS} MB | {result.heaviest:.0f} MB | | | | |")
    return lines
