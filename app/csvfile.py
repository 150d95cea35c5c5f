"""CSV files from elsewhere, as people save them: any of four separators, two encodings, headings in several words."""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import IO

LARGEST = 20_000_000
"""Bytes of the largest file that is taken; the longest list of codes has a fifth of it."""

CsvSource = Path | IO[bytes] | IO[str]

Columns = Mapping[str, Sequence[str]]
"""Our name of a column → what its heading may be, letters and digits alone. Each heading is used once."""


@dataclass(frozen=True)
class RowError:
    """One thing that is wrong in a file. `row` counts the file's lines from 1, the heading included."""

    row: int
    column: str
    message: str

    def __str__(self) -> str:
        where = f"Row {self.row}, {self.column}" if self.column else f"Row {self.row}"
        return f"{where}: {self.message}"


@dataclass
class Report:
    """What came of a file. Nothing was written when there are errors, or when it was a dry run."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    errors: list[RowError] = field(default_factory=list)
    dry_run: bool = False

    def wrong(self, row: int, column: str, message: str) -> None:
        """Note what is wrong with a row."""
        self.errors.append(RowError(row, column, message))

    def __str__(self) -> str:
        if self.errors:
            return f"Nothing was loaded; to correct in the file: {len(self.errors)}."
        would = "would be " if self.dry_run else ""
        return f"{self.added} {would}added, {self.changed} {would}changed, {self.unchanged} the same."


def read(
    source: CsvSource,
    columns: Columns,
    wanted: Sequence[str],
    report: Report,
    *,
    headings: bool = True,
) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a file with their line numbers, by our names of the columns; empty lines are passed over.

    Without a heading for the first of `columns` the file is refused, or, when `headings` are not asked for, its columns
    are taken in our order. What cannot be read is noted in the report."""
    places: dict[str, int] = {}
    for number, row in cells(source, report):
        if not places:
            places, has_heading = _layout(row, columns, headings)
            if missing := [name for name in wanted if name not in places]:
                report.wrong(
                    number,
                    "",
                    f"There is no column for {' and '.join(missing)}. The headings are: {', '.join(row)[:200]}.",
                )
                return
            if has_heading:
                continue
        yield number, {name: row[place] if place < len(row) else "" for name, place in places.items()}
    if not places and not report.errors:
        report.wrong(1, "", "The file is empty.")


def cells(source: CsvSource, report: Report) -> Iterator[tuple[int, list[str]]]:
    """The rows of a file as they stand, with their line numbers; empty lines are passed over. What cannot be read is
    noted in the report."""
    text = _text(source, report)
    first = text.lstrip().split("\n", 1)[0]
    reader = csv.reader(StringIO(text), delimiter=max(",;\t|", key=first.count))
    try:
        for found in reader:
            row = [cell.strip() for cell in found]
            if any(row):
                yield reader.line_num, row
    except csv.Error as problem:
        report.wrong(reader.line_num, "", f"The file cannot be read from here on ({problem}). Save it again as CSV.")


def _text(source: CsvSource, report: Report) -> str:
    found: bytes | str = source.read_bytes() if isinstance(source, Path) else source.read(LARGEST + 1)
    if len(found) > LARGEST:
        report.wrong(1, "", f"The file is larger than {LARGEST:,} bytes. Load it in parts.")
        return ""
    content = found if isinstance(found, str) else _decoded(found)
    if "\x00" in content:
        report.wrong(1, "", "This is not a CSV file. Save the table as CSV and load that.")
        return ""
    return content.replace("\r\n", "\n").replace("\r", "\n")


def _decoded(found: bytes) -> str:
    try:
        return found.decode("utf-8-sig")
    except UnicodeDecodeError:
        return found.decode("cp1252", "replace")  # what spreadsheets write when nobody asks for UTF-8


def _layout(row: Sequence[str], columns: Columns, headings: bool) -> tuple[dict[str, int], bool]:
    """Where our columns are, and whether the first row says so."""
    found = _places(row, columns)
    if next(iter(columns)) in found or headings:
        return found, True
    return dict(zip(columns, range(len(row)), strict=False)), False


def _places(heading: Sequence[str], columns: Columns) -> dict[str, int]:
    plain = [re.sub(r"[^a-z0-9]", "", cell.lower()) for cell in heading]
    found: dict[str, int] = {}
    for name, words in columns.items():
        free = (plain.index(word) for word in words if word in plain and plain.index(word) not in found.values())
        if (place := next(free, None)) is not None:
            found[name] = place
    return found
