"""The split editor: which strips pay for a line, by percentage, quantity or amount. Source: LIN-04."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from app.entities.funds import FundingStrip, FundingTemplate
from app.entities.lines import Basis, LineFunding, LineItem
from app.extensions import db
from app.rules.deeds import Problem
from app.rules.lines import split, whole_in
from app.rules.numbers import NotANumber, read_decimal, read_key
from app.screens.present import plain_number

MOST_PARTS = 20


@dataclass
class Part:
    """One row of the editor: a strip and its share, as typed."""

    strip: FundingStrip | None
    strip_text: str
    share_text: str
    share: Decimal = Decimal(0)
    amount: Decimal | None = None
    error: str = ""


@dataclass
class Split:
    """A split as the editor shows it and as lines take it."""

    basis: str
    parts: list[Part]
    errors: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, line: LineItem) -> "Split":
        """What a line has now."""
        return cls(
            line.funding_basis,
            [Part(one.strip, str(one.strip), plain_number(one.share), one.share, one.amount) for one in line.funding],
        )

    def put_on(self, line: LineItem) -> None:
        """Fund a line by this split; rows that stay are changed, not made anew, so that the trail stays short."""
        line.funding_basis = self.basis
        kept = {one.strip_id: one for one in line.funding}
        rows = []
        for position, part in enumerate(self.parts, 1):
            assert part.strip is not None
            row = kept.get(part.strip.id) or LineFunding(strip_id=part.strip.id, strip=part.strip)
            if (row.position, row.share) != (position, part.share):
                row.position, row.share = position, part.share
            rows.append(row)
        line.funding[:] = rows

    def tried_on(self, line: LineItem) -> LineItem:
        """A line that stands nowhere, funded by this split: what would be left of the real one, and what each pays."""
        tried = LineItem(position=line.position, quantity=line.quantity, amount=line.amount, funding_basis=self.basis)
        parts = [part for part in self.parts if part.strip is not None]
        amounts = split(line.amount, self.basis, [part.share for part in parts], whole_in(line, self.basis))
        for part, amount in zip(parts, amounts, strict=True):
            part.amount = amount
            tried.funding.append(LineFunding(strip=part.strip, share=part.share, amount=amount))
        return tried

    def problems(self) -> list[Problem]:
        """What is wrong with it, for the page's summary."""
        return [Problem(one, "funding", tab="funding") for one in self.errors]


def read_split(form: Any) -> Split:
    """A split from a posted form: `basis`, and rows of `strip` and `share`; or a named template."""
    if template := read_key(form.get("template")):
        chosen = db.session.scalar(select(FundingTemplate).where(FundingTemplate.id == template))
        if chosen is not None:
            return Split(
                Basis.PERCENT,
                [Part(one.strip, str(one.strip), plain_number(one.percent), one.percent) for one in chosen.parts],
            )
    basis = form.get("basis", Basis.PERCENT)
    split = Split(basis if basis in list(Basis) else Basis.PERCENT, [])
    places = 2 if split.basis == Basis.AMOUNT else 4
    texts, typed = form.getlist("strip_text"), form.getlist("strip")
    for number, (key, share) in enumerate(list(zip(typed, form.getlist("share"), strict=False))[:MOST_PARTS], 1):
        text = texts[number - 1] if number <= len(texts) else ""
        if not key.strip() and not share.strip() and not text.strip():
            continue
        split.parts.append(_read_part(split, number, key.strip(), text, share, places))
    if not split.parts and not split.errors:
        split.errors.append("Choose at least one funding strip.")
    strips = [part.strip.id for part in split.parts if part.strip is not None]
    if len(set(strips)) < len(strips):
        split.errors.append("A strip stands twice in the funding. Add its shares up in one row.")
    return split


def _read_part(split: Split, number: int, key: str, text: str, share: str, places: int) -> Part:
    found = db.session.scalar(
        select(FundingStrip).where(FundingStrip.id == read_key(key), FundingStrip.active.is_(True))
    )
    part = Part(found, str(found) if found else text, share)
    if not found:
        part.error = f"Row {number}: choose a funding strip from the list."
    try:
        part.share = read_decimal(share, places=places, at_least=Decimal(0))
    except NotANumber as problem:
        part.error = f"Row {number}: {problem}."
    if part.error:
        split.errors.append(part.error)
    return part
