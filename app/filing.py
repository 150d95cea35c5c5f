"""What a person has filed where: their cabinets and folders, what lies in them, and moving it. Source: DOC-02.

A document lies in at most one place of each person. What one owns and has put nowhere lies in the main cabinet, so that
nothing is ever without a place and nobody has to file what a release has made for them (decision 0026). Everything here
is a person's own; the caller commits."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, exists, func, literal, select, union_all, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.entities.desk import ActiveContainer, FileCabinet, Filing, Folder
from app.entities.document import Document
from app.rules.desk import MAIN, Place
from app.rules.documents import KINDS

COUNTED = 100
"""The tree counts no further: from here on it says "99+"."""

ALL_KINDS = tuple(kind.entity.__tablename__ for kind in KINDS.values())
_filings, _documents = Filing.__table__, Document.__table__
NOTHING: Any = literal(0)
AS_IT_IS = {"synchronize_session": False}


@dataclass(frozen=True)
class Spot:
    """One container of a person's desk. `within` names the cabinet of a folder."""

    place: Place
    name: str
    main: bool = False
    within: str = ""
    count: int = 0

    @property
    def path(self) -> str:
        """Its name, with the cabinet's before a folder's."""
        return f"{self.within} / {self.name}" if self.within else self.name

    @property
    def counted(self) -> str:
        """How much lies in it, as the tree says it."""
        return f"{COUNTED - 1}+" if self.count >= COUNTED else str(self.count)


# Where things are.


def spots(session: Session, user_id: int, counted: bool = False) -> list[Spot]:
    """Everything that a person may put a document into, cabinet by cabinet, in their order. Two statements, and one
    more for the main cabinet when it is to be counted."""
    cabinets = session.execute(
        select(FileCabinet.id, FileCabinet.name, FileCabinet.main, _count_in(FileCabinet) if counted else NOTHING)
        .where(FileCabinet.user_id == user_id)
        .order_by(FileCabinet.position, FileCabinet.id)
    ).all()
    found = [Spot(Place(key), name, main, count=count) for key, name, main, count in cabinets]
    if not any(one.main for one in found):
        found.insert(0, Spot(Place(), MAIN, main=True))
    within: dict[int, list[Spot]] = {}
    if cabinets:
        names = {one.place.cabinet_id: one.name for one in found}
        for key, cabinet, name, count in session.execute(
            select(Folder.id, Folder.cabinet_id, Folder.name, _count_in(Folder) if counted else NOTHING)
            .where(Folder.user_id == user_id)
            .order_by(Folder.position, Folder.id)
        ):
            within.setdefault(cabinet, []).append(
                Spot(Place(cabinet, key), name, within=names.get(cabinet, ""), count=count)
            )
    if counted:
        loose = _how_many(select(Document.id).where(*_loose(user_id)))
        unfiled = session.scalar(select(loose)) or 0
        found = [replace(one, count=min(one.count + unfiled, COUNTED)) if one.main else one for one in found]
    return [spot for one in found for spot in (one, *within.get(one.place.cabinet_id, ()))]


def _how_many(statement: Select[Any]) -> Any:
    return select(func.count()).select_from(statement.limit(COUNTED).subquery()).scalar_subquery()


def _count_in(container: Any) -> Any:
    """How many documents within sight lie in a cabinet itself, or in a folder."""
    lies = (
        Filing.folder_id == Folder.id
        if container is Folder
        else (Filing.cabinet_id == FileCabinet.id) & Filing.folder_id.is_(None)
    )
    filed = select(Filing.id).join(Document, Filing.document_id == Document.id)
    return _how_many(filed.where(lies).correlate(container))


def _loose(user_id: int) -> Sequence[ColumnElement[bool]]:
    """What a person owns and has put nowhere."""
    filed = exists().where(_filings.c.user_id == user_id, _filings.c.document_id == Document.id)
    return (Document.kind.in_(ALL_KINDS), Document.owner_id == user_id, ~filed)


def lying_in(user_id: int, spot: Spot) -> Select[Any]:
    """The documents of a place."""
    place = spot.place
    folder = _filings.c.folder_id
    filed = select(_filings.c.document_id).where(
        _filings.c.user_id == user_id,
        _filings.c.cabinet_id == place.cabinet_id,
        folder.is_(None) if place.folder_id is None else folder == place.folder_id,
    )
    if not spot.main:
        return select(Document).where(Document.id.in_(filed))
    put = exists().where(_filings.c.user_id == user_id, _filings.c.document_id == _documents.c.id)
    loose = select(_documents.c.id).where(_documents.c.kind.in_(ALL_KINDS), _documents.c.owner_id == user_id, ~put)
    return select(Document).where(Document.id.in_(union_all(filed, loose)))


def place_of(session: Session, user_id: int, document: Document) -> Place | None:
    """Where a person has a document: None is the main cabinet for what is theirs, and nowhere for what is not."""
    row = session.execute(
        select(Filing.cabinet_id, Filing.folder_id).where(Filing.user_id == user_id, Filing.document_id == document.id)
    ).one_or_none()
    return Place(*row) if row else None


def active_place(session: Session, user_id: int) -> Place | None:
    """The container that a person works in; None is the main cabinet."""
    row = session.execute(
        select(ActiveContainer.cabinet_id, ActiveContainer.folder_id).where(ActiveContainer.user_id == user_id)
    ).one_or_none()
    return Place(*row) if row else None


# Putting things somewhere.


def file_new(session: Session, document: Document, user_id: int | None) -> None:
    """A new document goes into the active container of who makes it (F22.03)."""
    if user_id is None:
        return
    with session.no_autoflush:
        place = active_place(session, user_id)
    if place is not None:
        session.add(Filing(user_id=user_id, document=document, cabinet_id=place.cabinet_id, folder_id=place.folder_id))


def activate(session: Session, user_id: int, spot: Spot) -> None:
    """From now on new documents go there."""
    session.execute(delete(ActiveContainer).where(ActiveContainer.user_id == user_id), execution_options=AS_IT_IS)
    if not spot.main:
        place = spot.place
        session.add(ActiveContainer(user_id=user_id, cabinet_id=place.cabinet_id, folder_id=place.folder_id))
        session.flush()


def put(session: Session, user_id: int, document_ids: Iterable[int], spot: Spot) -> int:
    """Move documents into a container, wherever they lay; how many they were. They have to be within sight."""
    ids = sorted(set(document_ids))
    take_out(session, user_id, ids)
    place = written(session, user_id, spot)
    session.add_all(
        Filing(user_id=user_id, document_id=one, cabinet_id=place.cabinet_id, folder_id=place.folder_id) for one in ids
    )
    session.flush()
    return len(ids)


def take_out(session: Session, user_id: int, document_ids: Iterable[int]) -> None:
    """Take documents out of wherever a person has put them: their own fall back into the main cabinet."""
    session.execute(
        delete(Filing).where(Filing.user_id == user_id, Filing.document_id.in_(list(document_ids))),
        execution_options=AS_IT_IS,
    )


def written(session: Session, user_id: int, spot: Spot) -> Place:
    """The place of a container as it stands in the database: the main cabinet is written when it is first needed."""
    if spot.place.cabinet_id:
        return spot.place
    main = select(FileCabinet.id).where(FileCabinet.user_id == user_id, FileCabinet.main)
    key = session.scalar(main)
    if key is None:
        try:
            with session.begin_nested():
                session.add(made := FileCabinet(user_id=user_id, name=MAIN, position=-1, main=True))
                session.flush()
                key = made.id
        except IntegrityError:
            key = session.scalar(main)  # another page of the same person was faster
            if key is None:
                raise
    return Place(key)


def remove(session: Session, user_id: int, spot: Spot, to: Place) -> None:
    """Delete a container, and its folders if it is a cabinet; what lies in them moves, and so does the choice of where
    new documents go."""
    place, values = spot.place, {"cabinet_id": to.cabinet_id, "folder_id": to.folder_id}
    for table in (Filing, ActiveContainer):
        here = table.cabinet_id == place.cabinet_id if place.folder_id is None else table.folder_id == place.folder_id
        session.execute(update(table).where(table.user_id == user_id, here).values(values), execution_options=AS_IT_IS)
    inside = Folder.cabinet_id == place.cabinet_id if place.folder_id is None else Folder.id == place.folder_id
    session.execute(delete(Folder).where(Folder.user_id == user_id, inside), execution_options=AS_IT_IS)
    if place.folder_id is None:
        session.execute(
            delete(FileCabinet).where(
                FileCabinet.user_id == user_id, FileCabinet.id == place.cabinet_id, FileCabinet.main.is_(False)
            ),
            execution_options=AS_IT_IS,
        )
