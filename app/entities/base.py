"""House style for tables: names, keys, exact money and UTC moments, decided once."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any

from flask_appbuilder import Model
from sqlalchemy import (
    BigInteger,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Numeric,
    String,
    Text,
    TypeDecorator,
    event,
    inspect,
)
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Mapped, Session, declared_attr, has_inherited_table, mapped_column

Model.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Exact(TypeDecorator[Decimal]):
    """A decimal that stays exact in every database.

    SQLite knows only floats, so there the number is kept as a whole count of its smallest unit;
    sums, differences and comparisons then work in SQL on both databases. Products do not: do them in Python.
    """

    impl = Numeric
    cache_ok = True

    def __init__(self, precision: int, scale: int) -> None:
        super().__init__(precision, scale)
        self.digits, self.places = precision, scale

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(BigInteger())
        return dialect.type_descriptor(Numeric(self.digits, self.places))

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        if value is None:
            return None
        exact = Decimal(value).quantize(Decimal(1).scaleb(-self.places))
        return int(exact.scaleb(self.places)) if dialect.name == "sqlite" else exact

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        if value is None:
            return None
        number = Decimal(value)
        return number.scaleb(-self.places) if dialect.name == "sqlite" else number


class Moment(TypeDecorator[datetime]):
    """A point in time: UTC in the database, aware in Python. Only screens speak the office's zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs its time zone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Money = Annotated[Decimal, mapped_column(Exact(14, 2))]
Quantity = Annotated[Decimal, mapped_column(Exact(16, 4))]
Price = Annotated[Decimal, mapped_column(Exact(16, 4), info={"money": True})]
Percent = Annotated[Decimal, mapped_column(Exact(9, 4))]
LongText = Annotated[str, mapped_column(Text)]
Code = Annotated[str, mapped_column(String(40))]
Name = Annotated[str, mapped_column(String(200))]

Model.registry.update_type_annotation_map({str: String(120), Decimal: Exact(14, 2), datetime: Moment(), date: Date()})


class Entity(Model):
    """One table. FAB's own base says `extend_existing`, which merges two tables of one name in silence; ours does not."""

    __abstract__ = True
    __table_args__: Any = {}

    frozen_with_document = False
    """True for rows that are part of what was approved: they freeze with their document (DOC-04)."""

    @declared_attr.directive
    def __tablename__(cls) -> str:
        return re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()

    @declared_attr.cascading  # type: ignore[arg-type]
    def id(cls) -> Mapped[int]:
        if has_inherited_table(cls):
            return mapped_column(ForeignKey("document.id"), primary_key=True)
        return mapped_column(primary_key=True)


@event.listens_for(Entity, "init", propagate=True)
def _start_with_defaults(record: Entity, _args: Any, given: dict[str, Any]) -> None:
    """A new record has its defaults at once, not only after it is written: rules judge it before."""
    for attribute in inspect(type(record)).column_attrs:
        default = attribute.columns[0].default
        if default is not None and default.is_scalar and attribute.key not in given:
            given[attribute.key] = default.arg


class Versioned:
    """A record that people edit in a form: `version` tells a stale form from a fresh one."""

    version: Mapped[int] = mapped_column(default=1)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"version_id_col": cls.__table__.c.version} if hasattr(cls, "__table__") else {}


def upsert(session: Session, entity: type[Entity]) -> Any:
    """An insert that may say what happens when the row is there already: for a row that several may need first, at the
    same moment. Written as the session's database has it."""
    insert = postgresql_insert if session.get_bind().dialect.name == "postgresql" else sqlite_insert
    return insert(entity)
