"""Ratios measured in one run: both sides take turns, so that noise of the machine falls on both alike."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Ratio:
    """One measured ratio: ours over the yardstick's."""

    name: str
    goal: float
    ratio: float
    """Median over the rounds."""
    low: float
    high: float
    ours_ms: float
    """Median of ours."""
    yardstick_ms: float
    """Median of what it is measured against."""
    unit: str = "ms"
    """Of both."""

    def as_dict(self) -> dict[str, float]:
        """The numbers, rounded."""
        return {name: round(value, 3) for name, value in asdict(self).items() if not isinstance(value, str)}

    def line(self) -> str:
        """For the terminal."""
        verdict = "holds" if self.ratio <= self.goal else "MISSED"
        return (
            f"{self.name:<38} {self.ratio:6.2f}  (goal {self.goal:g}, {self.low:.2f} to {self.high:.2f})"
            f"  {self.ours_ms:9.2f} {self.unit} against {self.yardstick_ms:9.2f} {self.unit}  {verdict}"
        )


def seconds(work: Callable[[], object]) -> float:
    """How long it took."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def ratio_of(name: str, goal: float, rounds: Sequence[tuple[Sequence[float], Sequence[float]]]) -> Ratio:
    """From rounds of (seconds of ours, seconds of the yardstick): in each the medians' ratio."""
    ratios = [statistics.median(ours) / statistics.median(other) for ours, other in rounds]
    ours = statistics.median([each for round_, _ in rounds for each in round_])
    other = statistics.median([each for _, round_ in rounds for each in round_])
    return Ratio(name, goal, statistics.median(ratios), min(ratios), max(ratios), ours * 1000, other * 1000)


def taking_turns(
    name: str,
    goal: float,
    ours: Callable[[], object],
    yardstick: Callable[[], object],
    *,
    rounds: int,
    turns: int,
    before: Callable[[], object] = lambda: None,
) -> Ratio:
    """Run both in turns, `turns` times in each of `rounds` rounds.

    Args:
        before: run before each of ours, not measured.
    """
    before(), ours(), yardstick()
    kept = []
    for _ in range(rounds):
        pairs = []
        for _turn in range(turns):
            before()
            pairs.append((seconds(ours), seconds(yardstick)))
        kept.append(([pair[0] for pair in pairs], [pair[1] for pair in pairs]))
    return ratio_of(name, goal, kept)
