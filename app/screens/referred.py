"""What the values in the audit trail stand for: the trail keeps ids and plain dates, people read names and days."""

import functools
import json
import re
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from app.entities.base import Entity
from app.entities.funds import FundingStrip
from app.entities.operations import AuditEntry
from app.rules.numbers import read_key
from app.screens import present

A_DAY = re.compile(r"\d{4}-\d\d-\d\d")
SHORT = {User: present.full_name, FundingStrip: lambda strip: strip.code}
"""Entities that are called by less than their whole name here."""


def in_words(value: str | None) -> str:
    """A kept value as people write it."""
    if value and A_DAY.fullmatch(value):
        return present.day(date.fromisoformat(value))
    return value or ""


@functools.cache
def _target(entity: str, field: str) -> type | None:
    found = next((one for one in Entity.registry.mappers if one.class_.__name__ == entity), None)
    if found is None or not field.endswith("_id"):
        return None
    relation = next((one for one in found.relationships if field in {column.key for column in one.local_columns}), None)
    return relation.mapper.class_ if relation is not None else None


def _added(entry: AuditEntry) -> dict[str, str]:
    try:
        return json.loads(entry.new or "{}") if entry.action == "add" else {}
    except ValueError:
        return {}


class Referred:
    """The names of all that some entries refer to, in one query for each table."""

    def __init__(self, session: Session, entries: Sequence[AuditEntry]) -> None:
        wanted: dict[type, set[int]] = {}
        for target, key in self._references(entries):
            wanted.setdefault(target, set()).add(key)
        self._names: dict[tuple[type, int], str] = {}
        for target, keys in wanted.items():
            column: Any = inspect(target).columns["id"]
            rows: Iterable[Any] = session.scalars(select(target).where(column.in_(keys)))
            self._names |= {(target, row.id): SHORT.get(target, str)(row) for row in rows}

    @staticmethod
    def _references(entries: Iterable[AuditEntry]) -> Iterable[tuple[type, int]]:
        for entry in entries:
            values = [(entry.field, entry.old), (entry.field, entry.new)] if entry.field else _added(entry).items()
            for field, value in values:
                target, key = _target(entry.entity, field), read_key(value)
                if target is not None and key:
                    yield target, key

    def value(self, entity: str, field: str, value: str | None) -> str:
        """One value of a field; what is out of sight stays without a name."""
        target = _target(entity, field)
        if target is None or not value:
            return in_words(value)
        return self._names.get((target, read_key(value)), "one that you do not see")

    def values(self, entry: AuditEntry) -> dict[str, Any]:
        """What a new record was given, by field; money as money."""
        given = {field: self.value(entry.entity, field, value) for field, value in _added(entry).items()}
        if "amount" in given:
            given["amount"] = present.money(Decimal(given["amount"]))
        return {"amount": "0.00", "strip_id": "a strip"} | given
