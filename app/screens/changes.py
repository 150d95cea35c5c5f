"""What a global change does to a line: each field of a tab, and a split of funding, as a `Change`. Source: DOC-13."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from markupsafe import Markup

from app.entities.lines import Basis, LineItem
from app.rules.global_change import DoesNotFit, fitted
from app.rules.lines import amount_of, carried, whole_in
from app.rules.money import written
from app.rules.numbers import LARGEST
from app.screens.forms import RecordForm, fill
from app.screens.funding import Part, Split
from app.screens.line_page import CHOICES, LABELS
from app.screens.present import cell, plain_number

FUNDING = "funding"

ITS_OWN = frozenset({"description", "quantity", "unit", "unit_price", "commodity_code", "extended_description"})
"""What makes a line this line: offered, but not ticked beforehand."""


@dataclass(frozen=True)
class Change:
    """One thing that a tab changes on a line. `old` says what a line has, `new` what it would have and what there is to
    mind (or raises DoesNotFit), `put` does it."""

    name: str
    label: str
    ticked: bool
    old: Callable[[LineItem], Any]
    new: Callable[[LineItem], tuple[Any, str]]
    put: Callable[[LineItem], None]


@dataclass
class Effect:
    """What the ticked changes would do to one line."""

    line: LineItem
    chosen: bool
    differences: list[tuple[str, Any, Any]] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)

    @property
    def takes(self) -> bool:
        """Whether there is something to do, and nothing against it."""
        return bool(self.differences) and not self.refusals


def effect_on(line: LineItem, changes: Sequence[Change], chosen: bool) -> Effect:
    """What changes would do to a line, tried on a copy of it."""
    effect, trial = Effect(line, chosen), carried(line, line.position)
    for change in changes:
        try:
            new, remark = change.new(line)
        except DoesNotFit as why:
            effect.refusals.append(str(why))
            continue
        if new != (old := change.old(line)):
            effect.differences.append((change.label, old, new))
            effect.remarks += [remark] if remark else []
            change.put(trial)
    if (amount := amount_of(trial)) > LARGEST:
        effect.refusals.append(f"The line would come to {written(amount)}; a line carries at most {written(LARGEST)}.")
    elif amount != line.amount:
        effect.differences.append(("Amount", written(line.amount), written(amount)))
    return effect


def field_changes(form: RecordForm, names: Sequence[str], source: LineItem) -> Iterator[Change]:
    """The fields of a tab as changes. What is empty here is not ticked beforehand, unless it has just been emptied:
    nobody means to empty thirty lines by not filling in one."""
    filled, blank = LineItem(description=""), LineItem(description="")
    fill(form, filled, names)
    for name in names:
        text = in_words(filled, name)
        says = text != in_words(blank, name) or text != in_words(source, name)
        yield Change(
            name,
            spoken(name),
            says and name not in ITS_OWN,
            partial(_field_of, name),
            partial(_always, text),
            partial(_fill_one, form, name),
        )


def _field_of(name: str, line: LineItem) -> Any:
    return in_words(line, name)


def _always(text: Any, _line: LineItem) -> tuple[Any, str]:
    return text, ""


def _fill_one(form: RecordForm, name: str, line: LineItem) -> None:
    fill(form, line, [name])


def spoken(name: str) -> str:
    """What a field is called where it does not stand beside another one."""
    label = LABELS.get(name, "")
    return label if len(label) > 2 else name.replace("_", " ").capitalize()


def in_words(line: LineItem, name: str) -> Any:
    """A field of a line as people read it."""
    value, options = getattr(line, name), dict[Any, str](CHOICES.get(name, ()))
    return options.get(value) or cell(line, name)


def funding_change(split: Split, source: LineItem | None) -> Change:
    """A split as a change of a line's funding."""
    whole = whole_in(source, split.basis) if source is not None else None

    def on(line: LineItem) -> Split:
        basis, shares = fitted(split.basis, [part.share for part in split.parts], line, whole)
        parts = zip(split.parts, shares, strict=True)
        return Split(basis, [Part(part.strip, part.strip_text, "", share) for part, share in parts])

    def new(line: LineItem) -> tuple[Any, str]:
        made = on(line)
        missing = whole_in(line, made.basis) - sum(part.share for part in made.parts)
        remark = "in percent, because the line's quantity or amount is another" if made.basis != split.basis else ""
        if missing:
            remark = f"{plain_number(abs(missing))} {'left open' if missing > 0 else 'too much'}"
        return split_in_words(made), remark

    def old(line: LineItem) -> Any:
        return split_in_words(Split.of(line))

    def put(line: LineItem) -> None:
        on(line).put_on(line)

    return Change(FUNDING, "Funding", True, old, new, put)


UNITS = {Basis.PERCENT: " %", Basis.QUANTITY: "", Basis.AMOUNT: ""}


def split_in_words(split: Split) -> Any:
    """A split in a line of text: "GF-100 60 %, GF-200 40 %"."""
    if not split.parts:
        return Markup('<span class="muted">–</span>')
    basis = Basis(split.basis)
    shares = [
        f"{part.strip.code if part.strip else part.strip_text} "
        f"{written(part.share) if basis == Basis.AMOUNT else plain_number(part.share)}{UNITS[basis]}"
        for part in split.parts
    ]
    return ", ".join(shares) + (" by quantity" if basis == Basis.QUANTITY else "")
