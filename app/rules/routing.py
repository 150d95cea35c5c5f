"""Routing: which rules of the office's signing policy speak of a document, and why.

One evaluation serves everybody: routing asks which signatures are wanted, the simulator why, and the policy's own page
where nothing is asked. Source: DOC-05, IT-02."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from app.entities.approvals import RoutingRule
from app.entities.document import Document
from app.rules.deeds import Absent, Actor
from app.rules.money import written

FALLBACK = "Approver"
"""The role that signs when no rule says otherwise: nothing is ever approved by nobody (WF-13)."""

NO_RULE = "No routing rule matches: the usual approver signs"


@dataclass(frozen=True)
class Case:
    """What the signing policy asks of a document: its type, office, amount, codes and subtype, and nothing else.
    `path` is the office's place in the tree; `technology` says that a line is information technology."""

    kind: str
    office: str
    path: str
    total: Decimal
    codes: frozenset[str] = frozenset()
    technology: bool = False
    subtype: str = ""


def case_of(document: Document) -> Case:
    """A document as the signing policy sees it."""
    codes = [line.commodity_code for line in document.lines if line.commodity_code]
    return Case(
        kind=document.kind,
        office=document.organization.name,
        path=document.organization.path,
        total=document.total,
        codes=frozenset(one.code for one in codes),
        technology=any(one.technology for one in codes),
        subtype=getattr(document, "subtype", "") or "",
    )


class Condition(NamedTuple):
    """One condition of a rule held against a document: what it is about, what the rule asks, what the document is, and
    whether that fits."""

    about: str
    asked: str
    found: str
    holds: bool


def _type(rule: RoutingRule, case: Case) -> Condition:
    return Condition("type", _spaced(rule.kind), _spaced(case.kind), rule.kind == case.kind)


def _in_force(rule: RoutingRule, case: Case) -> Condition | None:
    return None if rule.active else Condition("rule", "in force", "the rule is switched off", False)


def _agency(rule: RoutingRule, case: Case) -> Condition | None:
    if rule.organization is None:
        return None
    within = case.path.startswith(rule.organization.path)
    return Condition("agency", f"{rule.organization.name} and below", f"it belongs to {case.office}", within)


def _amount(rule: RoutingRule, case: Case) -> Condition | None:
    if rule.amount_from is None and rule.amount_to is None:
        return None
    above = rule.amount_from is None or case.total >= rule.amount_from
    below = rule.amount_to is None or case.total <= rule.amount_to
    return Condition("amount", band(rule), f"the total is {written(case.total)}", above and below)


def _class(rule: RoutingRule, case: Case) -> Condition | None:
    if not rule.commodity_class:
        return None
    fitting = sorted(code for code in case.codes if code.startswith(rule.commodity_class))
    found = (
        f"it buys {', '.join(fitting[:3])}" if fitting else f"it buys {', '.join(sorted(case.codes)[:3]) or 'no code'}"
    )
    return Condition("class", rule.commodity_class, found, bool(fitting))


def _technology(rule: RoutingRule, case: Case) -> Condition | None:
    if not rule.technology:
        return None
    found = "a line of it is information technology" if case.technology else "no line of it is information technology"
    return Condition("information technology", "only", found, case.technology)


def _subtype(rule: RoutingRule, case: Case) -> Condition | None:
    if not rule.subtype:
        return None
    return Condition("subtype", rule.subtype, f"it is {case.subtype or 'of no subtype'}", rule.subtype == case.subtype)


CONDITIONS: tuple[Callable[[RoutingRule, Case], Condition | None], ...] = (
    _type,
    _in_force,
    _agency,
    _amount,
    _class,
    _technology,
    _subtype,
)
"""What a rule may ask. A condition that a rule leaves empty always holds, and is not spoken of."""


@dataclass(frozen=True)
class Finding:
    """A rule held against a document: what fits, and what does not."""

    rule: RoutingRule
    conditions: tuple[Condition, ...]

    @property
    def applies(self) -> bool:
        """Whether the rule asks for its signature."""
        return not self.failed

    @property
    def failed(self) -> tuple[Condition, ...]:
        """What does not fit."""
        return tuple(one for one in self.conditions if not one.holds)


def examine(rule: RoutingRule, case: Case) -> Finding:
    """Hold a rule against a document, condition by condition."""
    found = (condition(rule, case) for condition in CONDITIONS)
    return Finding(rule, tuple(one for one in found if one is not None))


def matches(rule: RoutingRule, case: Case) -> bool:
    """Whether a rule speaks of a document."""
    return examine(rule, case).applies


def reaches(rule: RoutingRule, case: Case) -> bool:
    """Whether a rule speaks of documents like this one, whatever their amount."""
    return all(one.about == "amount" for one in examine(rule, case).failed)


class Seat(NamedTuple):
    """Whose signature: the holders of a role at or above the document's office, or one named person."""

    step: int
    role: str
    user_id: int | None


@dataclass(frozen=True)
class Wanted:
    """One signature that the policy asks for, why, and by which rules."""

    step: int
    role: str
    user_id: int | None
    reason: str
    findings: tuple[Finding, ...] = ()

    @property
    def signer(self) -> tuple[str, int | None]:
        """Who is asked: a role, or a person."""
        return self.role, self.user_id


def seat_of(rule: RoutingRule) -> Seat:
    """Whose signature a rule asks for."""
    return Seat(rule.step, rule.role if rule.user_id is None else "", rule.user_id)


def wanted(case: Case, rules: Iterable[RoutingRule]) -> list[Wanted]:
    """The signatures that the office's rules ask for on a document, in order, each once."""
    asked: dict[Seat, list[Finding]] = {}
    for finding in (examine(rule, case) for rule in rules):
        if finding.applies:
            asked.setdefault(seat_of(finding.rule), []).append(finding)
    found = [Wanted(*seat, findings[-1].rule.reason, tuple(findings)) for seat, findings in asked.items()]
    return sorted(found, key=lambda one: one.step) or [Wanted(1, FALLBACK, None, NO_RULE)]


def missed(case: Case, rules: Iterable[RoutingRule]) -> list[Finding]:
    """The rules that do not speak of a document, those first that nearly do."""
    found = [examine(rule, case) for rule in rules]
    return sorted((one for one in found if not one.applies), key=lambda one: (len(one.failed), one.rule.step))


def seats(role: str, user_id: int | None, path: str, actor: Actor) -> list[Actor | Absent]:
    """In whose place a person may give a signature: their own first, then those whom they stand in for; none when it
    is not theirs to give. It belongs to the one who is named for it, or to whoever holds its role at or above the
    office of that path."""
    mine: tuple[Actor | Absent, ...] = (actor, *actor.stands_in_for)
    return [one for one in mine if _belongs(role, user_id, path, one)]


def _belongs(role: str, user_id: int | None, path: str, one: Actor | Absent) -> bool:
    if user_id is not None:
        return user_id == one.user_id
    return role in one.roles and path.startswith(one.path)


# A rule in words.


def band(rule: RoutingRule) -> str:
    """The amounts of a rule: "from 10,000.00 to 50,000.00"."""
    low, high = rule.amount_from, rule.amount_to
    return " ".join(
        word
        for word in (
            f"from {written(low)}" if low is not None else "",
            f"to {written(high)}" if high is not None else "",
        )
        if word
    )


def sentence(rule: RoutingRule, plural: str, signer: str) -> str:
    """A rule as people say it: "Approver signs purchase requests of Health and below from 10,000.00"."""
    return " ".join((signer, "signs", *_objects(rule, plural)))


def _objects(rule: RoutingRule, plural: str) -> Iterator[str]:
    yield plural.lower()
    if rule.subtype:
        yield f"of subtype {rule.subtype}"
    if rule.technology:
        yield "for information technology"
    if rule.commodity_class:
        yield f"of class {rule.commodity_class}"
    if rule.organization is not None:
        yield f"of {rule.organization.name} and below"
    if band(rule):
        yield band(rule)


def _spaced(name: str) -> str:
    return name.replace("_", " ")
