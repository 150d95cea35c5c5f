"""The persons who act: what their roles, office and deputies allow today, read afresh each time."""

from collections.abc import Collection, Mapping, Sequence
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
from app.rules.deeds import Absent, Actor
from app.scope import Absence, Sight, unscoped

OPENS: dict[str, tuple[str, ...]] = {
    "Buyer": ("purchase_request", "master_agreement", "delivery_order"),
    "Purchasing technician": ("purchase_request", "master_agreement", "delivery_order"),
}
"""Role → kinds of document that it opens in every office (ORG-04)."""

SEES_EVERYTHING = frozenset({"Auditor"})
"""Roles that see every row of every office; what they may do is another matter."""


def grants_of(session: Session, role_ids: Collection[int]) -> dict[int, frozenset[tuple[str, str]]]:
    """Role → its (permission, entity) pairs, in one query."""
    role = assoc_permissionview_role.c.role_id
    pairs = (
        select(role, Permission.name, ViewMenu.name)
        .join(PermissionView, PermissionView.permission_id == Permission.id)
        .join(ViewMenu, PermissionView.view_menu_id == ViewMenu.id)
        .join(assoc_permissionview_role, assoc_permissionview_role.c.permission_view_id == PermissionView.id)
        .where(role.in_(role_ids))
    )
    found: dict[int, set[tuple[str, str]]] = {key: set() for key in role_ids}
    for key, permission, view in session.execute(pairs):
        found[key].add((permission, view))
    return {key: frozenset(rights) for key, rights in found.items()}


def roles_of(session: Session, user_ids: Collection[int]) -> dict[int, dict[int, str]]:
    """Person → roles by id."""
    mine = select(assoc_user_role.c.user_id, Role.id, Role.name).join(Role, assoc_user_role.c.role_id == Role.id)
    found: dict[int, dict[int, str]] = {key: {} for key in user_ids}
    for user_id, role_id, name in session.execute(mine.where(assoc_user_role.c.user_id.in_(user_ids))):
        found[user_id][role_id] = name
    return found


def profile_of(session: Session, user_id: int) -> Profile | None:
    """What Purser knows of a person."""
    return session.scalar(select(Profile).where(Profile.user_id == user_id).options(joinedload(Profile.organization)))


def deputizing(today: date) -> Select[int, int]:
    """Who stands in today, and for whom. Nobody stands in for somebody whose account is closed."""
    pairs = select(Delegation.to_user_id, Delegation.from_user_id).join(User, User.id == Delegation.from_user_id)
    return pairs.where(Delegation.starts_on <= today, Delegation.ends_on >= today, User.active.is_(True)).distinct()


def actor_for(session: Session, user: User, today: date) -> Actor:
    """A person as rules see one."""
    return actors_for(session, [user], today)[0]


def actors_for(session: Session, users: Sequence[User], today: date) -> list[Actor]:
    """Several people as rules see them, in as many queries as for one."""
    keys = [one.id for one in users]
    if not keys:
        return []
    with unscoped(session):
        deputies = [tuple(pair) for pair in session.execute(deputizing(today).where(Delegation.to_user_id.in_(keys)))]
        away = {absent for _, absent in deputies}
        known = {one.id: one for one in users}
        if away - known.keys():
            known |= {one.id: one for one in session.scalars(select(User).where(User.id.in_(away - known.keys())))}
        roles = roles_of(session, known)
        of_role = grants_of(session, {role for key in keys for role in roles[key]})
        wanted = select(Profile).where(Profile.user_id.in_(known)).options(joinedload(Profile.organization))
        profiles = {one.user_id: one for one in session.scalars(wanted)}
        places = {key: _absent(known[key], roles[key], profiles.get(key)) for key in away}
        stands_in = {key: tuple(places[absent] for one, absent in sorted(deputies) if one == key) for key in keys}
    return [_actor(one, roles[one.id], profiles.get(one.id), stands_in[one.id], of_role) for one in users]


def _absent(user: User, roles: Mapping[int, str], profile: Profile | None) -> Absent:
    return Absent(
        user_id=user.id,
        name=f"{user.first_name} {user.last_name}",
        roles=frozenset(roles.values()),
        path=profile.organization.path if profile else "/nowhere/",
        approval_limit=profile.approval_limit if profile else None,
    )


def _actor(
    user: User,
    roles: Mapping[int, str],
    profile: Profile | None,
    stands_in_for: tuple[Absent, ...],
    of_role: Mapping[int, frozenset[tuple[str, str]]],
) -> Actor:
    return Actor(
        user_id=user.id,
        name=f"{user.first_name} {user.last_name}",
        roles=frozenset(roles.values()),
        organization_id=profile.organization_id if profile else None,
        path=profile.organization.path if profile else "/nowhere/",
        approval_limit=profile.approval_limit if profile else None,
        stands_in_for=stands_in_for,
        grants=frozenset().union(*(of_role[key] for key in roles)),
    )


def sight_of(session: Session, actor: Actor) -> Sight:
    """How far a person sees."""
    with unscoped(session):
        below = _below(session, actor.path)
        offices = session.scalar(select(func.count(Organization.id)))
        kinds = {kind for role in actor.roles for kind in OPENS.get(role, ())}
        return Sight(
            user_id=actor.user_id or 0,
            below=below,
            above=tuple(int(part) for part in actor.path.split("/") if part.isdigit()),
            kinds=tuple(sorted(kinds)),
            roles=tuple(sorted(actor.roles)),
            stands_in=tuple(
                Absence(one.user_id, tuple(sorted(one.roles)), _below(session, one.path)) for one in actor.stands_in_for
            ),
            everything=bool(actor.roles & SEES_EVERYTHING),
            whole=len(below) == offices,
        )


def _below(session: Session, path: str) -> tuple[int, ...]:
    return tuple(session.scalars(select(Organization.id).where(Organization.path.startswith(path))))


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


def allowed_to(session: Session, verb: str, entity: type) -> list[int]:
    """The active people one of whose roles may do something with an entity."""
    return list(session.scalars(allowed(verb, entity).order_by(User.id)))


def allowed(verb: str, entity: type) -> Select[int]:
    """The same, as a part of a query."""
    return (
        select(User.id)
        .join(assoc_user_role, assoc_user_role.c.user_id == User.id)
        .join(assoc_permissionview_role, assoc_permissionview_role.c.role_id == assoc_user_role.c.role_id)
        .join(PermissionView, PermissionView.id == assoc_permissionview_role.c.permission_view_id)
        .join(Permission, Permission.id == PermissionView.permission_id)
        .join(ViewMenu, ViewMenu.id == PermissionView.view_menu_id)
        .where(Permission.name == f"can_{verb}", ViewMenu.name == entity.__name__, User.active.is_(True))
        .distinct()
    )


MOST_SIGNATORIES = 60
"""A signature that is open to more people than that is open to anybody."""


def open_to(session: Session, role: str, user_id: int | None, path: str, today: date) -> list[User]:
    """The people to whom a signature is open: the one named, or the holders of a role at or above an office, then the
    deputies in force. People whose account is closed do not sign."""
    with unscoped(session):
        named = select(User).where(User.id == user_id, User.active.is_(True))
        users = holders(session, role, path) if user_id is None else list(session.scalars(named))
        places = [one.id for one in users]
        standing_in = deputizing(today).where(Delegation.from_user_id.in_(places)).subquery()
        deputies = select(User).where(
            User.id.in_(select(standing_in.c.to_user_id)), User.id.not_in(places), User.active.is_(True)
        )
        users += session.scalars(deputies.order_by(User.id))
        return users[:MOST_SIGNATORIES]


def signatories(session: Session, role: str, user_id: int | None, path: str, today: date) -> list[Actor]:
    """The same people, as rules see them."""
    return actors_for(session, open_to(session, role, user_id, path, today), today)
