"""Containers on the screen: which place a form or an address means, and making, renaming, ordering and deleting them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import abort, request
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app import filing
from app.entities.desk import FileCabinet, Folder
from app.entities.document import Document
from app.extensions import db
from app.filing import Spot
from app.rules.deeds import Problem
from app.rules.desk import NoContainer, Place, name_fits, read_place, room_for
from app.screens.gate import actor
from app.workflow import Refused

OFF = "off"
"""Said in place of a container: take it out of my folders."""

AT_ONCE = "Another page of yours has just changed your folders. Look at them, and repeat."


def me() -> int:
    """The person whose desk it is: who asks. Nobody has a way to say another one."""
    return actor().user_id or abort(404)


def mine(counted: bool = False) -> list[Spot]:
    """All containers of the person."""
    return filing.spots(db.session(), me(), counted)


def find(written: str, among: Sequence[Spot]) -> Spot:
    """The container that is meant. Errors: NoContainer; 404 for what is not theirs."""
    place = read_place(written)
    return next((one for one in among if one.place == place or (place == Place() and one.main)), None) or abort(404)


def active(among: Sequence[Spot]) -> Spot:
    """The container into which new documents go."""
    place = filing.active_place(db.session(), me())
    return next((one for one in among if one.place == place), None) or next(one for one in among if one.main)


@dataclass(frozen=True)
class Filed:
    """Where the person has a document, and where else it could go."""

    spots: Sequence[Spot]
    spot: Spot | None
    put: bool


def filed(document: Document) -> Filed:
    """Where a document lies on the desk of who looks at it."""
    spots, place = mine(), filing.place_of(db.session(), me(), document)
    here = next((one for one in spots if one.place == place), None)
    if here is None and document.owner_id == me():
        here = next(one for one in spots if one.main)
    return Filed(spots, here, place is not None)


def chosen_in(form: Any) -> bool:
    """Work in the container that a form for a new document names, if it names one; otherwise say in the form why not.
    The caller commits. Errors: 404 for what is not theirs."""
    if written := request.form.get("container", ""):
        try:
            filing.activate(db.session(), me(), find(written, mine()))
        except NoContainer as reason:
            form.form_errors.append(str(reason))
            return False
    return True


def keep() -> None:
    """Commit. Errors: Refused, when another page of the same person was faster."""
    try:
        db.session.commit()
    except IntegrityError as clash:
        db.session.rollback()
        raise Refused([Problem(AT_ONCE, "name")]) from clash


def _refuse(problems: Sequence[Problem]) -> None:
    if problems:
        raise Refused(problems)


def make(name: str, within: Spot | None) -> Place:
    """A new cabinet, or a new folder in a cabinet. Errors: Refused."""
    session, spots = db.session(), mine()
    beside = _beside(spots, within)
    what = "cabinet" if within is None else "folder"
    _refuse([*room_for(len(beside), what), *name_fits(name, beside, what)])
    if within is None:
        cabinet = FileCabinet(user_id=me(), name=name, position=len(beside))
        session.add(cabinet)
        made: Any = cabinet
    else:
        place = filing.written(session, me(), within)
        made = Folder(user_id=me(), cabinet_id=place.cabinet_id, name=name, position=len(beside))
        session.add(made)
    _written()
    place = Place(made.id) if within is None else Place(made.cabinet_id, made.id)
    keep()
    return place


def _written() -> None:
    try:
        db.session.flush()
    except IntegrityError as clash:
        db.session.rollback()
        raise Refused([Problem(AT_ONCE, "name")]) from clash


def _beside(spots: Sequence[Spot], within: Spot | None) -> list[str]:
    """The names of the cabinets, or of the folders of one."""
    return [
        one.name
        for one in spots
        if (one.place.folder_id is None) == (within is None)
        and (within is None or one.place.cabinet_id == within.place.cabinet_id)
    ]


def _record(spot: Spot) -> Any:
    """The row behind a container; the main cabinet's is written if it was not needed before."""
    place, session = filing.written(db.session(), me(), spot), db.session()
    table, key = (FileCabinet, place.cabinet_id) if place.folder_id is None else (Folder, place.folder_id)
    return session.scalar(select(table).where(table.id == key, table.user_id == me())) or abort(404)  # type: ignore[attr-defined]


def _above(spot: Spot, spots: Sequence[Spot]) -> Spot | None:
    return None if spot.place.folder_id is None else find(spot.place.cabinet.key, spots)


def rename(spot: Spot, name: str) -> None:
    """Call a container otherwise. Errors: Refused."""
    spots = mine()
    others = [one for one in _beside(spots, _above(spot, spots)) if one != spot.name]
    _refuse(name_fits(name, others, "cabinet" if spot.place.folder_id is None else "folder"))
    _record(spot).name = name
    _written()
    keep()


def shift(spot: Spot, by: int) -> None:
    """Move a container up or down among those beside it."""
    session, record = db.session(), _record(spot)
    table = type(record)
    beside = select(table).where(table.user_id == me())
    if table is Folder:
        beside = beside.where(Folder.cabinet_id == record.cabinet_id)
    rows = list(session.scalars(beside.order_by(table.position, table.id)))
    here = rows.index(record)
    there = min(max(here + by, 0), len(rows) - 1)
    rows.insert(there, rows.pop(here))
    for position, row in enumerate(rows):
        row.position = position
    keep()


def remove(spot: Spot, to: Spot) -> None:
    """Delete a container; what lies in it moves. Errors: Refused."""
    if spot.main:
        _refuse([Problem(f"“{spot.name}” stays: what you have put nowhere lies in it. You may give it another name.")])
    inside = to.place == spot.place or (spot.place.folder_id is None and to.place.cabinet == spot.place)
    if inside:
        _refuse([Problem(f"What lies in “{spot.name}” has to move somewhere else. Choose another container.", "to")])
    filing.remove(db.session(), me(), spot, filing.written(db.session(), me(), to))
    keep()
