"""Envelopes as people fill and send them."""

from typing import Any

from app.models import RoutingRule
from tests.support.making import records, state_of
from tests.support.pages import words
from tests.support.people import Person
from tests.support.world import PASSWORD, World


def add_rules(world: World, kind: str, *rules: tuple[int, dict[str, Any]]) -> None:
    """Further lines of the signing policy: `(step, {"role": …})`."""
    with records(world) as session:
        session.add_all(RoutingRule(kind=kind, step=step, reason="Also", **who) for step, who in rules)
        session.commit()


def an_envelope(person: Person, *documents: int, subject: str = "Room 12") -> int:
    """Filled by somebody from their desk; its id."""
    answer = person.post(
        "/envelope/fill", follow=False, selected=[str(one) for one in documents], subject=subject, do="fill"
    )
    assert answer.status_code == 302, words(answer.text)
    return int(answer.headers["Location"].rpartition("/")[2])


def press(person: Person, envelope: int, action: str, **sent: Any) -> Any:
    """One of an envelope's buttons, with the password where it is asked."""
    signed = {"password": PASSWORD} if action in ("approve", "conditions") else {}
    return person.post(f"/envelope/act/{envelope}/{action}", **(signed | sent))


def routed(world: World, *documents: int, subject: str = "Room 12") -> int:
    """An envelope under way."""
    rosa = Person(world.app, "requester")
    envelope = an_envelope(rosa, *documents, subject=subject)
    assert press(rosa, envelope, "route").status_code == 200
    return envelope


def states(world: World, *documents: int) -> list[str]:
    """Where some documents are."""
    return [state_of(world, one) for one in documents]
