"""The signing policy as a whole: what a rule must say, where no rule speaks, where two say the same, and their order.

It asks the same evaluation as routing does, of documents that stand for all that are alike. Source: DOC-05."""

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations

from app.entities.approvals import RoutingRule
from app.entities.organization import Organization
from app.rules.money import CENT, written
from app.rules.routing import FALLBACK, Case, examine, wanted

MOST_STEPS = 20
ELSEWHERE = Organization(name="offices without a rule of their own", path="/")

InWords = Callable[[RoutingRule], str]


def faults(rule: RoutingRule, has_subtypes: bool) -> Iterator[tuple[str, str]]:
    """What is wrong with a rule by itself: field, and what to do."""
    person = rule.user is not None or rule.user_id is not None
    if not rule.role and not person:
        yield "role", "Choose a role or name a person: somebody has to sign."
    if rule.role and person:
        yield "user", f"Either the role {rule.role} signs or this person. Leave one of them empty."
    if rule.user is not None and not rule.user.active:
        yield "user", f"The account of {rule.user.first_name} {rule.user.last_name} is closed. Name somebody else."
    if not 1 <= (rule.step or 0) <= MOST_STEPS:
        yield "step", f"Enter a step from 1 to {MOST_STEPS}."
    if rule.amount_from is not None and rule.amount_to is not None and rule.amount_from > rule.amount_to:
        yield "amount_to", f"Enter at least {written(rule.amount_from)}, or leave it empty."
    if rule.commodity_class and not rule.commodity_class.isalnum():
        yield "commodity_class", "Enter the first letters and digits of a commodity code, such as 70."
    if rule.subtype and not has_subtypes:
        yield "subtype", "Documents of this type have no subtypes. Leave it at any."
    if not (rule.reason or "").strip():
        yield "reason", "Say why: it stands on the approval sheet."


@dataclass(frozen=True)
class Standing:
    """What the office's people and roles are today, as far as a policy depends on it: roles that somebody holds, and
    roles that may approve a type of document."""

    held: Collection[str]
    able: Collection[str]


def remarks(kind: str, plural: str, rules: Sequence[RoutingRule], standing: Standing, in_words: InWords) -> list[str]:
    """What whoever keeps the policy should know of the rules of a type: gaps, overlaps, and signatures that nobody can
    give."""
    active = [one for one in rules if one.active]
    return [
        *gaps(kind, plural, active),
        *overlaps(active, in_words),
        *_nobody(plural, active, standing),
    ]


def _nobody(plural: str, rules: Iterable[RoutingRule], standing: Standing) -> Iterator[str]:
    for role in sorted({one.role for one in rules if one.role and one.user_id is None}):
        if role not in standing.able:
            yield f"The role {role} may not approve {plural.lower()}, so that its signature is never given."
        elif role not in standing.held:
            yield f"Nobody holds the role {role}: what it has to sign would wait."
    for rule in rules:
        if rule.user is not None and not rule.user.active:
            yield f"The account of {rule.user.first_name} {rule.user.last_name} is closed: what waits for it would wait for ever."


def gaps(kind: str, plural: str, rules: Sequence[RoutingRule]) -> list[str]:
    """The amounts, office by office, of which no rule speaks, so that the usual approver signs alone."""
    offices = {one.organization.path: one.organization for one in rules if one.organization is not None}
    places = [ELSEWHERE, *(offices[path] for path in sorted(offices))]
    found = {place.path: _uncovered(kind, place, rules) for place in places}
    said = []
    for place in places:
        above = max(
            (one.path for one in places if place is not one and place.path.startswith(one.path)), key=len, default=""
        )
        if found[place.path] and found[place.path] != found.get(above):
            of = "" if place is ELSEWHERE and len(places) == 1 else f" of {place.name}"
            said += [
                f"No rule signs {plural.lower()}{of}{_between(low, high)}: the usual {FALLBACK.lower()} does."
                for low, high in found[place.path]
            ]
    return said


def _uncovered(kind: str, place: Organization, rules: Sequence[RoutingRule]) -> list[tuple[Decimal, Decimal | None]]:
    """The bands of amounts that no rule reaches in an office; the last may have no end."""
    edges = {Decimal(0)} | {one.amount_from for one in rules if one.amount_from is not None}
    edges |= {one.amount_to + CENT for one in rules if one.amount_to is not None}
    starts = sorted(edges)
    bands: list[tuple[Decimal, Decimal | None]] = []
    for low, following in zip(starts, [*starts[1:], None], strict=True):
        if wanted(Case(kind, place.name, place.path, low), rules)[0].findings:
            continue
        high = following - CENT if following is not None else None
        if bands and bands[-1][1] is not None and bands[-1][1] + CENT == low:
            bands[-1] = (bands[-1][0], high)
        else:
            bands.append((low, high))
    return bands


def _between(low: Decimal, high: Decimal | None) -> str:
    words = f" from {written(low)}" if low else ""
    return f"{words} to {written(high)}" if high is not None else words


def overlaps(rules: Sequence[RoutingRule], in_words: InWords) -> Iterator[str]:
    """Rules that ask the same person or role for the same documents: once is enough, and twice is twice the work."""
    for one, other in combinations(rules, 2):
        same = (one.role, one.user_id) == (other.role, other.user_id)
        if not same or not _both_apply(one, other):
            continue
        if one.step == other.step:
            yield f"“{in_words(one)}” and “{in_words(other)}” ask for the same signature in step {one.step}; it is given once."
        else:
            yield (
                f"“{in_words(one)}” in step {one.step} and “{in_words(other)}” in step {other.step}: the same signature "
                "is given twice."
            )


def _both_apply(one: RoutingRule, other: RoutingRule) -> bool:
    """Whether there can be a document of which both rules speak: the one that has just what both of them ask for."""
    deepest = max((one, other), key=lambda rule: len(rule.organization.path) if rule.organization else 0).organization
    both = Case(
        kind=one.kind,
        office=deepest.name if deepest else "",
        path=deepest.path if deepest else "/",
        total=max(one.amount_from or Decimal(0), other.amount_from or Decimal(0)),
        codes=frozenset({one.commodity_class, other.commodity_class} - {""}),
        technology=one.technology or other.technology,
        subtype=one.subtype or other.subtype,
    )
    return examine(one, both).applies and examine(other, both).applies


def reordered(rules: Sequence[RoutingRule], rule_id: int, earlier: bool) -> dict[int, int]:
    """The step of each rule after one of them has gone a place earlier or later. A rule that shares its step gets one
    of its own beside it; one that is alone joins the next. Steps are counted anew from one."""
    steps = sorted({one.step for one in rules})
    groups: list[list[int]] = [[one.id for one in rules if one.step == step] for step in steps]
    at = next(place for place, group in enumerate(groups) if rule_id in group)
    if len(groups[at]) > 1:
        groups[at].remove(rule_id)
        groups.insert(at if earlier else at + 1, [rule_id])
    elif 0 <= at + (-1 if earlier else 1) < len(groups):
        groups[at + (-1 if earlier else 1)].append(rule_id)
        groups.pop(at)
    return {key: step for step, group in enumerate(groups, 1) for key in group}


def fingerprint(rules: Iterable[RoutingRule]) -> str:
    """What tells a page that shows these rules, in this order, from a stale one."""
    told = ";".join(f"{one.id}.{one.version}.{one.step}" for one in rules)
    return hashlib.sha256(told.encode()).hexdigest()[:16]
