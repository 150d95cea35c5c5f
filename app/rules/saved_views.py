"""Saved views: what speaks against a name, and how many there may be. Source: ux, list page."""

from collections.abc import Collection

from app.rules.deeds import Problem

LONGEST_NAME = 60
LONGEST_QUERY = 2000
MOST = 20
"""So many views of one list still make a row of tabs that one finds one's way in."""


def view_fits(name: str, query: str, others: Collection[str], built_in: Collection[str] = ()) -> list[Problem]:
    """What speaks against a view of this name, given the names of the person's other views of the list and of those
    that the list has of itself."""
    if not name:
        return [Problem("Give the view a name.", "name")]
    if len(name) > LONGEST_NAME:
        return [Problem(f"The name has {len(name)} characters; a view's may have {LONGEST_NAME}. Shorten it.", "name")]
    if name.casefold() in {one.casefold() for one in built_in}:
        return [Problem(f"“{name}” is a view that everybody has. Choose another name.", "name")]
    if name.casefold() in {one.casefold() for one in others}:
        return [
            Problem(
                f"You have a view “{name}” of this list already. Choose another name, or open that view and save the "
                "present filters in it.",
                "name",
            )
        ]
    if not query:
        return [Problem("There is nothing to save: the list shows everything in its usual order. Filter it first.")]
    if len(query) > LONGEST_QUERY:
        return [Problem(f"These filters take {len(query)} characters; {LONGEST_QUERY} can be kept. Take some away.")]
    return []


def room_for(count: int) -> list[Problem]:
    """What speaks against one more view beside so many of the same list."""
    if count < MOST:
        return []
    return [Problem(f"You have {count} views of this list, as many as there may be. Delete one first.", "name")]
