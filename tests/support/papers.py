"""What stands on paper."""

from typing import Any

from tests.support.making import Wanted

TOUCHPADS = Wanted(
    "Touchpad keyboard",
    "3",
    "89.99",
    "7510",
    "item Keyboard, wireless with touchpad",
    "agreement",
    funding={"S1": "60", "S2": "40"},
)


def says(paper: Any, *phrases: str) -> None:
    """A paper says all of it; what is missing is named beside what it does say."""
    missing = [phrase for phrase in phrases if phrase not in paper.text]
    assert not missing, f"{missing}\n\n{paper.text}"
