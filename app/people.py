"""The persons who act: what their roles, office and deputies allow today, read afresh each time."""

from datetime import date

from flask_appbuilder.security.sqla.models import (
    Permission,
    PermissionView,
    Role,
    User,
    ViewMenu,
    assoc_permissionview_role,
    assoc_user_role,
)
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload

from app.entities.approvals import Delegation
from app.entities.organization import Organization, Profile
from app.rules.deeds import Actor
from app.scope import Sight, unscoped

OPENS: dict[str, tuple[str, ...]] = {
    "Buyer": ("purchase_request", "master_agreement", "delivery_order"),
    "Purchasing technician": ("purchase_request", "master_agreement", "delivery_order"),
}
"""Role → kinds of document that it opens in every office (ORG-04)."""

SEES_EVERYTHING = frozenset({"Auditor"})
"""Roles that see every row of every office; what they may do is another matter."""


def grants_of(session: Session, role_ids: list[int]) -> frozenset[tuple[str, str]]:
    """Every (permission, entity) pair of some roles, in one query."""
    pairs = (
        select(Permission.name, ViewMenu.name)
        .join(PermissionView, PermissionView.permission_id == Permission.id)
        .join(ViewMenu, PermissionView.view_menu_id == ViewMenu.id)
        .join(assoc_permissionview_role, assoc_permissionview_role.c.permission_view_id == PermissionView.id)
        .where(assoc_permissionview_role.c.role_id.in_(role_ids))
        .distinct()
    )
    return frozenset((permission, view) for permission, view in session.execute(pairs))


def roles_of(session: Session, user_id: int) -> dict[int, str]:
    """A person's roles by id."""
    mine = select(Role.id, Role.name).join(assoc_user_role, assoc_user_role.c.role_id == Role.id)
    return dict(session.execute(mine.where(assoc_user_role.c.user_id == user_id)).all())


def profile_of(session: Session, user_id: int) -> Profile | None:
    """What Purser knows of a person."""
    return session.scalar(select(Profile).where(Profile.user_id == user_id).options(joinedload(Profile.organization)))


def deputizing(today: date) -> Select[int, int]:
    """Who stands in today, and for whom."""
    pairs = select(Delegation.to_user_id, Delegation.from_user_id)
    return pairs.where(Delegation.starts_on <= today, Delegation.ends_on >= today)


def actor_for(session: Session, user: User, today: date) -> Actor:
    """A person as rules see one."""
    with unscoped(session):
        roles, profile = roles_of(session, user.id), profile_of(session, user.id)
        pairs = session.execute(deputizing(today).where(Delegation.to_user_id == user.id))
        away = [pair.from_user_id for pair in pairs]
        return Actor(
            user_id=user.id,
            name=f"{user.first_name} {user.last_name}",
            roles=frozenset(roles.values()),
            organization_id=profile.organization_id if profile else None,
            path=profile.organization.path if profile else "/nowhere/",
            approval_limit=profile.approval_limit if profile else None,
            stands_in_for=frozenset(away),
            grants=grants_of(session, list(roles)),
        )


def sight_of(session: Session, actor: Actor) -> Sight:
    """How far a person sees."""
    with unscoped(session):
        below = session.scalars(select(Organization.id).where(Organization.path.startswith(actor.path))).all()
        offices = session.scalar(select(func.count(Organization.id)))
        kinds = {kind for role in actor.roles for kind in OPENS.get(role, ())}
        return Sight(
            user_id=actor.user_id or 0,
            below=tuple(below),
            above=tuple(int(part) for part in actor.path.split("/") if part.isdigit()),
            kinds=tuple(sorted(kinds)),
            roles=tuple(sorted(actor.roles)),
            everything=bool(actor.roles & SEES_EVERYTHING),
            whole=len(below) == offices,
        )


def holders(session: Session, role: str, path: str) -> list[User]:
    """The active people who hold a role at or above an office: those who may sign for it."""
    above = [int(part) for part in path.split("/") if part.isdigit()]
    return list(
        session.scalars(
            select(User)
            .join(assoc_user_role, assoc_user_role.c.user_id == User.id)
            .join(Role, Role.id == assoc_user_role.c.role_id)
            .join(Profile, Profile.user_id == User.id)
            .where(Role.name == role, User.active.is_(True), Profile.organization_id.in_(above))
            .order_by(User.id)
        )
    )


MOST_SIGNATORIES = 60
"""A signature that is open to more people than that is open to anybody."""


def open_to(session: Session, role: str, user_id: int | None, path: str, today: date) -> list[User]:
    """The people to whom a signature is open: the one named and the deputies in force, or the holders of a role at or
    above an office. People whose account is closed do not sign."""
    with unscoped(session):
        if user_id is None:
            users = holders(session, role, path)
        else:
            deputies = deputizing(today).where(Delegation.from_user_id == user_id)
            wanted = {user_id, *(pair.to_user_id for pair in session.execute(deputies))}
            users = list(session.scalars(select(User).where(User.id.in_(wanted), User.active.is_(True))))
            users.sort(key=lambda one: (one.id != user_id, one.id))
        return users[:MOST_SIGNATORIES]


def signatories(session: Session, role: str, user_id: int | None, path: str, today: date) -> list[Actor]:
    """The same people, as rules see them."""
    return [actor_for(session, one, today) for one in open_to(session, role, user_id, path, today)]
