"""Rights in the database: written from `access` by the setup command, adjusted by admins afterwards.

All rows are compared and written in bulk, so that setting up takes a moment and starting a worker writes nothing."""

import hashlib
from collections.abc import Mapping
from typing import Any

from flask_appbuilder.security.sqla.models import (
    Permission,
    PermissionView,
    Role,
    ViewMenu,
    assoc_permissionview_role,
)
from sqlalchemy import delete, insert, select, text
from sqlalchemy.orm import Session

Pair = tuple[str, str]


def sync(session: Session, roles: Mapping[str, set[Pair]]) -> int:
    """Make every role and right of the table that is not there yet, and return how many rights were new. A role that
    exists keeps what admins have made of it, and gains only rights that did not exist at all before."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(815002)"))
    wanted = {pair for pairs in roles.values() for pair in pairs}
    known = _pair_ids(session)
    fresh = wanted - known.keys()
    permissions = _ensure(session, Permission, {name for name, _ in fresh})
    views = _ensure(session, ViewMenu, {name for _, name in fresh})
    if fresh:
        session.execute(
            insert(PermissionView),
            [{"permission_id": permissions[name], "view_menu_id": views[view]} for name, view in sorted(fresh)],
        )
    known = _pair_ids(session)
    before = set(session.scalars(select(Role.name)))
    ids = _ensure(session, Role, set(roles))
    rows = [
        {"permission_view_id": known[pair], "role_id": ids[role]}
        for role, pairs in sorted(roles.items())
        for pair in sorted(pairs)
        if role not in before or pair in fresh
    ]
    if rows:
        session.execute(insert(assoc_permissionview_role), rows)
    session.commit()
    return len(fresh)


def _ensure(session: Session, model: Any, names: set[str]) -> dict[str, int]:
    have: dict[str, int] = dict(session.execute(select(model.name, model.id)).all())
    missing = sorted(names - have.keys())
    if missing:
        session.execute(insert(model), [{"name": name} for name in missing])
        have = dict(session.execute(select(model.name, model.id)).all())
    return have


def _pair_ids(session: Session) -> dict[Pair, int]:
    rows = session.execute(
        select(Permission.name, ViewMenu.name, PermissionView.id)
        .join(PermissionView, PermissionView.permission_id == Permission.id)
        .join(ViewMenu, PermissionView.view_menu_id == ViewMenu.id)
    )
    return {(name, view): key for name, view, key in rows}


def matrix(roles: Mapping[str, list[tuple[tuple[str, ...], type]]]) -> dict[str, list[str]]:
    """Every entity and the verbs that any role has with it: the cells of the role matrix."""
    found: dict[str, dict[str, None]] = {}
    for rights in roles.values():
        for verbs, entity in rights:
            found.setdefault(entity.__name__, {}).update(dict.fromkeys(verbs))
    return {name: list(found[name]) for name in sorted(found)}


def of_role(session: Session, role: Role) -> set[Pair]:
    """What a role may do."""
    rows = session.execute(
        select(Permission.name, ViewMenu.name)
        .join(PermissionView, PermissionView.permission_id == Permission.id)
        .join(ViewMenu, PermissionView.view_menu_id == ViewMenu.id)
        .join(assoc_permissionview_role, assoc_permissionview_role.c.permission_view_id == PermissionView.id)
        .where(assoc_permissionview_role.c.role_id == role.id)
    )
    return {(name, view) for name, view in rows}


def roles_with(session: Session, pair: Pair) -> frozenset[str]:
    """The roles that have a right."""
    rows = session.scalars(
        select(Role.name)
        .join(assoc_permissionview_role, assoc_permissionview_role.c.role_id == Role.id)
        .join(PermissionView, assoc_permissionview_role.c.permission_view_id == PermissionView.id)
        .join(Permission, PermissionView.permission_id == Permission.id)
        .join(ViewMenu, PermissionView.view_menu_id == ViewMenu.id)
        .where(Permission.name == pair[0], ViewMenu.name == pair[1])
    )
    return frozenset(rows)


def set_role(session: Session, role: Role, after: set[Pair]) -> None:
    """Give a role exactly these rights; only what differs is written. What there is no right of is left out."""
    known, table, before = _pair_ids(session), assoc_permissionview_role, of_role(session, role)
    lost = [known[pair] for pair in before - after]
    if lost:
        session.execute(delete(table).where(table.c.role_id == role.id, table.c.permission_view_id.in_(lost)))
    rows = [{"permission_view_id": known[pair], "role_id": role.id} for pair in sorted(after - before) if pair in known]
    if rows:
        session.execute(insert(table), rows)


def fingerprint(pairs: set[Pair]) -> str:
    """What tells a page that shows these rights from a stale one."""
    return hashlib.sha256(repr(sorted(pairs)).encode()).hexdigest()[:16]
