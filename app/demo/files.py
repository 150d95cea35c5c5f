"""The demo's tables: CSV files that a person can read and edit. Where they come from: data/SOURCES.md."""

import csv
from collections.abc import Iterator
from pathlib import Path

FOLDER = Path(__file__).resolve().parent / "data"


def rows(name: str) -> Iterator[dict[str, str]]:
    """The rows of one of the demo's tables."""
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as text:
        yield from csv.DictReader(text)
