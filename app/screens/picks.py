"""What a person has ticked among the results and not yet put into the basket, with the quantities typed for it.

Kept with the sign-in, so that turning a page or searching again loses nothing. Every button of the results sends the
ticks of its page along. Source: IN-03."""

from collections.abc import Mapping
from typing import Any

from flask import session

from app.rules.numbers import read_key

MOST = 40
"""So many may be ticked at once: they travel in a cookie."""

LONGEST = 20


def picked() -> dict[int, str]:
    """Item → the quantity typed for it, in the order in which they were ticked."""
    return {int(key): str(typed) for key, typed in session.get("picked", ())}


def remember(form: Any) -> dict[int, str]:
    """Take over what a page of results sends: what it shows, what of that is ticked, and quantities."""
    picks = picked()
    ticked = numbers(form.getlist("pick"))
    for gone in {*numbers(form.getlist("shown"))} - {*ticked} | {*numbers(form.getlist("unpick"))}:
        picks.pop(gone, None)
    for one in ticked:
        if one not in numbers(form.getlist("unpick")) and len(picks) < MOST:
            picks.setdefault(one, "1")
    for one in picks:
        picks[one] = form.get(f"quantity-{one}", picks[one])[:LONGEST]
    return keep(picks)


def keep(picks: Mapping[int, str]) -> dict[int, str]:
    """Store what is ticked from now on."""
    if list(picks.items()) != list(picked().items()):
        session["picked"] = [[key, typed] for key, typed in picks.items()]
    return dict(picks)


def numbers(texts: list[str]) -> list[int]:
    """The ids among some texts."""
    return [key for text in texts if (key := read_key(text))]
