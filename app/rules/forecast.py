"""Who would sign a document, and why: the signing policy and the separation of duties asked before anybody routes.

Nothing is decided anew here: `routing.wanted` says which signatures, `routing.seats` who may give one, and the same bars
as at signing say who may not. Source: DOC-05, DOC-06."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from app.entities.approvals import RoutingRule
from app.rules.approvals import authority, authorship, in_place_of
from app.rules.deeds import Absent, Actor
from app.rules.routing import Case, Finding, Wanted, missed, seats, wanted

Bars = Callable[[Actor, Actor | Absent], Iterator[str]]
"""Why a person may not sign in somebody's place, beyond what holds for every type of document."""


class Places(Protocol):
    """Who there is. `app/facts.py` answers from the database; tests answer from memory."""

    def signatories(self, role: str, user_id: int | None, path: str) -> Sequence[Actor]: ...


@dataclass(frozen=True)
class Signatory:
    """Somebody whom a step is open to, in what capacity, and what speaks against it."""

    actor: Actor
    capacity: str
    bars: tuple[str, ...] = ()

    @property
    def may_sign(self) -> bool:
        """Whether nothing speaks against it."""
        return not self.bars


@dataclass(frozen=True)
class Seat:
    """One signature that would be asked, the rules that ask for it, and the people it is open to."""

    wanted: Wanted
    signatories: tuple[Signatory, ...]

    @property
    def is_stuck(self) -> bool:
        """Whether nobody could give it, so that the document would wait for ever."""
        return not any(one.may_sign for one in self.signatories)


@dataclass(frozen=True)
class Forecast:
    """The approval route that a document would take, and the rules that do not speak of it, the nearest first."""

    case: Case
    seats: tuple[Seat, ...]
    missed: tuple[Finding, ...]


def forecast(
    case: Case,
    rules: Sequence[RoutingRule],
    places: Places,
    entity: type,
    made: Collection[int],
    bars: Bars | None = None,
) -> Forecast:
    """Who would sign a document like this one. `made` are the people who created or changed it."""

    def judged(asked: Wanted, actor: Actor) -> Signatory:
        place = in_place_of(seats(asked.role, asked.user_id, case.path, actor), actor, made, case.total)
        found = [] if actor.may("approve", entity) else ["holds no role that may approve this type of document"]
        found += [one.of_them for one in (*authorship(made, actor, place), *authority(case.total, actor, place))]
        found += bars(actor, place) if bars else ()
        return Signatory(actor, _capacity(asked, actor, place), tuple(found))

    def seat(asked: Wanted) -> Seat:
        open_to = places.signatories(asked.role, asked.user_id, case.path)
        return Seat(
            asked, tuple(judged(asked, one) for one in open_to if seats(asked.role, asked.user_id, case.path, one))
        )

    return Forecast(case, tuple(seat(one) for one in wanted(case, rules)), tuple(missed(case, rules)))


def _capacity(asked: Wanted, actor: Actor, place: Actor | Absent) -> str:
    holds = "is named in the rule" if asked.user_id is not None else f"holds the role {asked.role}"
    return holds if place is actor else f"stands in today for {place.name}, who {holds}"
