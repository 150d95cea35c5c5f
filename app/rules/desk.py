"""Containers: how a place on somebody's desk is named, and what nothing may be put into. Source: DOC-02, F22.03."""

from collections.abc import Iterable
from dataclasses import dataclass

from app.rules.deeds import Problem
from app.rules.numbers import read_key

MAIN = "My documents"
"""The cabinet that everybody has."""

DERIVED = frozenset({"inbox", "outbox"})
"""Lists of what waits: they follow from the documents, so that nothing lies in them."""

MOST_CABINETS = 30
MOST_FOLDERS = 50
"""So many cabinets, and so many folders in each, still make a tree that one finds one's way in."""

LONGEST_NAME = 80


@dataclass(frozen=True)
class Place:
    """A cabinet, or a folder in it. The main cabinet that is not written yet has the number 0."""

    cabinet_id: int = 0
    folder_id: int | None = None

    @property
    def key(self) -> str:
        """How forms and addresses name it: `7` is a cabinet, `7-12` a folder in it."""
        return str(self.cabinet_id) if self.folder_id is None else f"{self.cabinet_id}-{self.folder_id}"

    @property
    def cabinet(self) -> "Place":
        """The cabinet that a folder stands in; of a cabinet, itself."""
        return Place(self.cabinet_id)


class NoContainer(Exception):
    """What was named is no container. The message is for the person at the screen."""


def read_place(written: str) -> Place:
    """The place that a form names. Errors: NoContainer."""
    if written.strip().lower() in DERIVED:
        raise NoContainer(
            f"Nothing lies in the {written.strip().lower()}: it lists what waits. Choose one of your cabinets or folders."
        )
    parts = written.split("-")
    keys = [read_key(one) for one in parts]
    if len(keys) > 2 or keys[1:] == [0] or (keys[0] == 0 and (parts[0] != "0" or len(parts) > 1)):
        raise NoContainer("Choose one of your cabinets or folders.")
    return Place(*keys)


def name_fits(name: str, others: Iterable[str], what: str = "folder") -> list[Problem]:
    """What speaks against a container's name, given the names beside it."""
    if not name:
        return [Problem(f"Give the {what} a name.", "name")]
    if len(name) > LONGEST_NAME:
        return [
            Problem(f"The name has {len(name)} characters; a {what}'s may have {LONGEST_NAME}. Shorten it.", "name")
        ]
    if name.casefold() in DERIVED:
        return [Problem(f"“{name}” is what the list of waiting documents is called. Choose another name.", "name")]
    if name.casefold() in {one.casefold() for one in others}:
        return [Problem(f"There is already a {what} called “{name}” here. Choose another name.", "name")]
    return []


def room_for(count: int, what: str = "folder") -> list[Problem]:
    """What speaks against one more container beside so many."""
    most = MOST_CABINETS if what == "cabinet" else MOST_FOLDERS
    if count < most:
        return []
    return [Problem(f"There are {count} {what}s here already, as many as there may be. Delete one first.", "name")]
