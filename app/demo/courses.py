"""The courses that the demonstration's orders take: what may become of an order, how often, and how long it lasts."""

from collections.abc import Mapping

from app.demo.cast import Household
from app.demo.stage import Stage

ORDERED = "route sign release"
PAYING = "file approve process pay"

COURSES = {
    "draft": "",
    "routed": "route",
    "sent back": "route return",
    "signed": "route sign",
    "open": ORDERED,
    "with conditions": "route conditions release receive",
    "part": f"{ORDERED} part",
    "received": f"{ORDERED} receive",
    "drafted": f"clerk {ORDERED} receive",
    "to look at": f"ask {ORDERED} receive",
    "looked at": f"ask {ORDERED} receive accept bill {PAYING}",
    "counting": f"{ORDERED} count",
    "terminated": f"{ORDERED} terminate",
    "reversed": f"{ORDERED} receive reverse receive",
    "waiting": f"{ORDERED} early",
    "too dear": f"{ORDERED} receive overbill",
    "too many": f"{ORDERED} part early",
    "billed": f"{ORDERED} receive bill file",
    "bill sent back": f"{ORDERED} receive bill file refuse",
    "accepted": f"{ORDERED} receive bill file approve",
    "held": f"{ORDERED} receive bill file approve hold",
    "paid": f"{ORDERED} receive bill {PAYING}",
    "in time": f"{ORDERED} receive bill {PAYING}",
    "paid in parts": f"{ORDERED} part rest bill {PAYING}",
    "short paid": f"{ORDERED} receive overbill shorten {PAYING}",
    "late": f"{ORDERED} receive bill file approve process",
    "closed": f"{ORDERED} part bill {PAYING} close",
}
"""How an order ends, or where it waits → the steps that lead there."""

DECKS = {
    40: "paid closed late short-paid paid terminated looked-at paid-in-parts paid reversed paid paid paid closed late",
    18: "reversed held too-dear counting paid waiting billed accepted paid drafted too-many bill-sent-back part short-paid "
    "paid with-conditions paid open held billed paid to-look-at part terminated paid accepted waiting",
    0: "open routed sent-back signed draft counting waiting part routed open received routed open part signed",
}
"""Days since the basket was begun, at least → the courses that its orders take in turn."""

DELAYS: Mapping[str, tuple[int, int]] = {
    "clerk": (0, 0),
    "ask": (0, 0),
    "route": (0, 0),
    "sign": (1, 1),
    "conditions": (1, 1),
    "return": (1, 1),
    "release": (0, 1),
    "receive": (2, 6),
    "part": (2, 5),
    "rest": (3, 6),
    "count": (1, 3),
    "reverse": (1, 1),
    "accept": (1, 2),
    "terminate": (4, 9),
    "bill": (0, 3),
    "early": (1, 3),
    "overbill": (0, 3),
    "shorten": (1, 2),
    "file": (0, 0),
    "approve": (1, 2),
    "refuse": (1, 1),
    "process": (0, 1),
    "hold": (0, 1),
    "close": (2, 6),
    "pay": (0, 0),
}
"""Step → how many business days it takes, from and to."""


def course(stage: Stage, household: Household, age: int) -> str:
    """The next course of the deck for orders of this age; each group of offices has its own, so that each meets all."""
    least = next(days for days in DECKS if age >= days)
    group = "health" if household.office.startswith("DPH") else "others"
    place = stage.ids[f"deck {group} {least}"] = stage.ids.get(f"deck {group} {least}", -1) + 1
    deck = DECKS[least].split()
    return deck[place % len(deck)].replace("-", " ")
