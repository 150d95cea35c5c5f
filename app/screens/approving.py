"""What is said after several documents were to be signed at once. Source: ux, approve from the inbox."""

from collections.abc import Sequence
from decimal import Decimal

from markupsafe import Markup

from app.screens.present import money

MOST_TOLD, LONGEST = 6, 240
"""Reasons that are told, and how much of each: the summary travels in a cookie. Whoever opens a document reads all."""


def summary(signed: Sequence[Decimal], left: Sequence[tuple[str, str]]) -> str:
    """How many were signed and for how much, and of each that was left, why. What was left is still in the inbox."""
    head = f"You approved {so_many(len(signed))} for ${money(sum(signed, Decimal(0)))}."
    if not left:
        return head
    told = [Markup("<li><b>{}:</b> {}</li>").format(name, _short(why)) for name, why in left[:MOST_TOLD]]
    if len(left) > MOST_TOLD:
        told.append(Markup("<li>and {} more</li>").format(len(left) - MOST_TOLD))
    are, them = ("is", "it") if len(left) == 1 else ("are", "them one by one")
    return Markup("{} {} {} not signed and still here. Look at {}:<ul>{}</ul>").format(
        head if signed else "Nothing was signed.", so_many(len(left)), are, them, Markup("").join(told)
    )


def so_many(count: int) -> str:
    """1 document, 2 documents."""
    return f"{count} document{'' if count == 1 else 's'}"


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1].rstrip()}…"
