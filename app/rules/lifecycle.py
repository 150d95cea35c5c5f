"""The lives that documents live: who is next after whom, and nothing else.

A table and the functions that read it. Nothing here knows what a document is for, who may move it (`access`) or what
must hold and what follows (`documents`). Source: DOC-01."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from app.entities.document import State


@dataclass(frozen=True)
class Move:
    """One step of a life.

    `signed` asks the person's password again, `reasoned` asks for a comment, `gathers` means that the state changes
    only when every signature is there."""

    action: str
    before: frozenset[State]
    after: State
    button: str
    done: str
    signed: bool = False
    reasoned: bool = False
    gathers: bool = False
    tone: str = ""


def _move(action: str, before: str, after: str, button: str, done: str, **how: object) -> Move:
    return Move(action, frozenset(map(State, before.split())), State(after), button, done, **how)  # type: ignore[arg-type]


#     action         from                                 to             on the button            in the history
MOVES = (
    _move("route",       "draft disapproved",                 "routed",      "Route for approval",    "routed it for approval",
          tone="primary"),
    _move("recall",      "routed",                            "draft",       "Recall",                "recalled it"),
    _move("approve",     "routed",                            "approved",    "Approve",               "approved it",
          signed=True, gathers=True, tone="primary"),
    _move("conditions",  "routed",                            "approved",    "Approve conditionally", "approved it with conditions",
          signed=True, gathers=True, reasoned=True),
    _move("disapprove",  "routed",                            "disapproved", "Return",                "returned it",
          reasoned=True, tone="danger"),
    _move("release",     "approved",                          "released",    "Release",               "released it",
          tone="primary"),
    _move("close",       "released",                          "closed",      "Close",                 "closed it",
          reasoned=True),
    _move("cancel",      "draft disapproved routed approved", "cancelled",   "Cancel",                "cancelled it",
          reasoned=True, tone="danger"),
)  # fmt: skip


def life(base: Iterable[Move], *changes: Move, without: str = "") -> tuple[Move, ...]:
    """A life made from another: rows of the same action replaced, new ones added, some left out."""
    rows = {move.action: move for move in base if move.action not in without.split()}
    return tuple((rows | {move.action: move for move in changes}).values())


def _named(action: str, **changes: object) -> Move:
    return replace(next(move for move in MOVES if move.action == action), **changes)  # type: ignore[arg-type]


ROUTED = MOVES
"""Every document that people sign."""

REQUEST = life(
    ROUTED,
    _move(
        "cancel",
        "draft disapproved routed approved released",
        "cancelled",
        "Cancel",
        "cancelled it",
        reasoned=True,
        tone="danger",
    ),
)
"""A released request can still be cancelled: that frees what it set aside (IN-09)."""

AWARD = life(
    ROUTED, _move("terminate", "released", "terminated", "Terminate", "terminated it", reasoned=True, tone="danger")
)
"""A released award is not cancelled but terminated, with what it still holds freed (DOC-01, FND-06)."""

BILL = life(
    ROUTED,
    _named("release", button="Process", done="processed it for payment"),
    _named("close", button="Mark as paid", done="recorded its payment", reasoned=False),
)
"""An invoice: its release is called Process, its closing is the payment (PY-04)."""

FACT = (
    _move("release", "draft",    "released",  "Record",  "recorded it", tone="primary"),
    _move("accept",  "released", "released",  "Accept",  "accepted what came"),
    _move("reverse", "released", "cancelled", "Reverse", "reversed it", reasoned=True, tone="danger"),
    _move("cancel",  "draft",    "cancelled", "Discard", "discarded it", tone="danger"),
)  # fmt: skip
"""Receipts record facts: nobody approves a fact, but what came is accepted where an order asks for it, and a wrong
report can be reversed."""


class IllegalMove(Exception):
    """A step that the document's present state does not allow. The message is for the person at the screen."""


def legal_moves(moves: Iterable[Move], state: str) -> list[Move]:
    """The steps open from a state, in the order of the table."""
    return [move for move in moves if state in move.before]


def find(moves: Iterable[Move], state: str, action: str) -> Move:
    """The step called `action` from `state`. Errors: IllegalMove."""
    for move in moves:
        if move.action == action and state in move.before:
            return move
    known = next((move for move in moves if move.action == action), None)
    button = known.button.lower() if known else action.replace("_", " ")
    fitting = ", ".join(sorted(known.before)) if known else "no state"
    raise IllegalMove(f"This document is {state}. To {button} it, it has to be {fitting}.")
