"""What somebody shows before they sign or move money: their password, and the second factor where one is wanted.

Buttons, the inbox and calls all ask here, so that none of them can ask for less. Source: DOC-04, AU-05."""

from dataclasses import dataclass

from app.rules.documents import Kind
from app.screens import second_factor, security

MOVES_MONEY = frozenset({("close", "IN")})
"""Moves without a signature that ask for the second factor all the same: paying."""

NOT_YOURS = "This is not your password, or it was tried too often. Nothing was signed."


@dataclass(frozen=True)
class Proof:
    """Whether a signature stands; or why nothing may be done, and what has to be given again."""

    proved: bool
    why: str = ""
    field: str = ""


def prove(kind: Kind, action: str, password: str, code: str) -> Proof:
    """What an action on a kind of document asks of the person. Without a password one given a moment ago may still
    hold; whether it must is for the rules to say."""
    signed = any(move.action == action and move.signed for move in kind.life)
    proved = signed and security.proves(password)
    if signed and password and not proved:
        return Proof(False, NOT_YOURS, "password")
    if (proved or (action, kind.series) in MOVES_MONEY) and (why := second_factor.step_up(code)):
        return Proof(False, why, "code")
    return Proof(proved)
