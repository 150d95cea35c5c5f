"""What the demo is played on: a session, an office whose clock the demo moves, and the people by their names."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any, TypeVar

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import people, workflow
from app.demo.cast import CAST
from app.demo.diary import Diary
from app.entities.catalog import CommodityCode
from app.entities.document import Document
from app.office import Office
from app.rules import approvals
from app.rules.deeds import Actor

D = TypeVar("D", bound=Document)


@dataclass
class Stage:
    """Everything that the parts of the demo share."""

    session: Session
    office: Office
    diary: Diary
    dice: Random
    ids: dict[str, int] = field(default_factory=dict)
    _actors: dict[str, Actor] = field(default_factory=dict)
    _codes: dict[str, int] = field(default_factory=dict)

    def actor(self, name: str) -> Actor:
        """A person, by user name, as rules see one."""
        if name not in self._actors:
            user = self.session.scalars(select(User).where(User.username == name)).one()
            self._actors[name] = people.actor_for(self.session, user, self.diary.last_day)
        return self._actors[name]

    def code(self, psc: str) -> int:
        """The id of a commodity code."""
        if not self._codes:
            self._codes = dict(self.session.execute(select(CommodityCode.code, CommodityCode.id)).all())
        return self._codes[psc]

    @contextmanager
    def writing(self, name: str) -> Iterator[Actor]:
        """A person writes: the trail says who and when."""
        actor = self.actor(name)
        self.session.info.update(actor=actor, now=self.diary())
        try:
            yield actor
            self.session.commit()
        finally:
            self.session.info.update(actor=None, now=None)

    def signer(self, document: Document) -> str:
        """Whose signature a document waits for: of those who may sign, the one nearest to its office."""
        step = approvals.current_steps(approvals.open_sheet(document))[0]
        made, names = approvals.preparers(document), [name for name, *_, role, _, _ in CAST if role == step.role]
        for name in sorted(names, key=lambda name: (-len(self.actor(name).path), self.actor(name).user_id)):
            actor = self.actor(name)
            enough = actor.approval_limit is None or document.total <= actor.approval_limit
            if approvals.places(step, actor) and actor.user_id not in made and enough:
                return name
        raise LookupError(f"nobody of the cast can sign {document}")

    def start(self, name: str, entity: type[D], **values: Any) -> D:
        """A person's new draft; within `writing`."""
        return workflow.start(self.session, self.office, entity, self.actor(name), **values)

    def act(self, name: str, document: Document, action: str, comment: str = "", **extra: Any) -> list[Document]:
        """A person presses one of a document's buttons; returns what that made."""
        done = workflow.act(
            self.session, self.office, document, action, self.actor(name), comment=comment, proved=True, extra=extra
        )
        return done.made
