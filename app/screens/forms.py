"""Forms made from tables: one field per column, in the column's own type, with messages that a clerk can act on."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from flask_wtf import FlaskForm
from sqlalchemy import Boolean, Date, Integer, String, Text, inspect
from wtforms import (
    BooleanField,
    DateField,
    Field,
    HiddenField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional
from wtforms.widgets import PasswordInput, TextInput

from app.entities.base import Exact
from app.entities.sealed import Sealed
from app.extensions import db
from app.rules.formats import FORMATS, Format
from app.rules.numbers import LARGEST, NotANumber, read_decimal, read_key
from app.screens.present import plain_number
from app.sealing import Secret

LARGEST_WHOLE = 1_000_000_000


class ExactField(Field):
    """A number as people type it: "1,234.50". What cannot be read stays in the field, with the reason."""

    widget = TextInput(input_type="text")

    def __init__(
        self, label: str = "", validators: Sequence[Any] = (), places: int = 2, at_most: Decimal = LARGEST, **how: Any
    ) -> None:
        super().__init__(label, validators, **how)
        self.places, self.at_most, self.typed = places, at_most, ""
        self.render_kw: dict[str, Any] = {"inputmode": "decimal", **(how.get("render_kw") or {})}

    def _value(self) -> str:
        return self.typed or plain_number(self.data)

    def process_formdata(self, valuelist: list[str]) -> None:
        self.typed, self.data = (valuelist[0] if valuelist else ""), None
        if self.typed.strip():
            try:
                self.data = read_decimal(self.typed, places=self.places, at_most=self.at_most, at_least=Decimal(0))
            except NotANumber as problem:
                raise ValueError(str(problem)) from None


class DayField(DateField):
    """A date. What cannot be read is answered in words, and stays."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError("Enter a date like 2026-11-23.") from None
        if isinstance(self.data, date) and not 1900 <= self.data.year <= 2199:
            raise ValueError("Enter a date between 1900 and 2199.")


class WholeField(IntegerField):
    """A whole number, zero or more."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            if valuelist and valuelist[0].strip():  # not int(): it reads "1_000" and the digits of every script
                read_decimal(valuelist[0], places=0)
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError("Enter a whole number, for example 30.") from None


class SecretField(Field):
    """A number that nobody reads over the clerk's shoulder. A form that comes back asks for it again: no page ever
    holds it (VR-10)."""

    widget = PasswordInput(hide_value=True)

    def __init__(self, label: str = "", validators: Sequence[Any] = (), **how: Any) -> None:
        super().__init__(label, validators, **how)
        self.render_kw = {"autocomplete": "off", "spellcheck": "false", "maxlength": 40, **(how.get("render_kw") or {})}

    def _value(self) -> str:
        return ""

    def process_formdata(self, valuelist: list[str]) -> None:
        typed = valuelist[0].strip() if valuelist else ""
        self.data = Secret(typed) if typed else None


class LookupField(Field):
    """A reference to another record: one is shown, the rest is found by typing. A choice that the person cannot see is
    answered like one that does not exist (RB-06, RB-07)."""

    widget = TextInput()

    def __init__(
        self,
        label: str = "",
        validators: Sequence[Any] = (),
        entity: type | None = None,
        url: str = "",
        narrow: Callable[[Any], Any] | None = None,
        known: Mapping[int, Any] | None = None,
        **how: Any,
    ) -> None:
        super().__init__(label, validators, **how)
        assert entity is not None
        self.entity, self.lookup_url, self.narrow, self.typed = entity, url, narrow, ""
        self.known: Mapping[int, Any] = known or {}  # found to be offered already: not asked for each of many rows

    @property
    def lookup_id(self) -> Any:
        """The id of what is chosen."""
        return self.data.id if self.data is not None else ""

    @property
    def lookup_text(self) -> str:
        """What is chosen, in words; or what was typed without choosing."""
        return str(self.data) if self.data is not None else self.typed

    def process_data(self, value: Any) -> None:
        self.data = value

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data, chosen = None, (valuelist[0].strip() if valuelist else "")
        if not chosen:
            return
        key = read_key(chosen)
        if key in self.known:
            self.data = self.known[key]
            return
        self.data = db.session.get(self.entity, key, populate_existing=False) if key else None
        if self.data is not None and not self._offered():
            self.data = None
        if self.data is None:
            raise ValueError("Choose one from the list.")

    def _offered(self) -> bool:
        from sqlalchemy import select

        key: Any = self.entity
        statement = select(key.id).where(key.id == self.data.id)
        return db.session.scalar(self.narrow(statement) if self.narrow else statement) is not None

    def pre_validate(self, form: Any) -> None:
        if self.data is None and self.typed:
            raise ValidationError("Choose one from the list.")

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        typed = formdata.get(f"{self.name}_text", "") if formdata else ""
        super().process(formdata, **({} if data is None else {"data": data}), extra_filters=extra_filters)
        if formdata and self.name in formdata and self.data is None and typed.strip():
            self.typed = typed


SPANS = (("starts_on", "ends_on"), ("starts_on", "expires_on"), ("effective_on", "expires_on"))
"""First and last day of something, wherever a form has both."""


class RecordForm(FlaskForm):
    """A form of one record. `version` tells a stale form from a fresh one."""

    version = HiddenField()

    def validate(self, extra_validators: Any = None) -> bool:
        """Each field by itself, and that nothing ends before it starts."""
        sound: bool = super().validate(extra_validators)
        for first, last in SPANS:
            if first in self and last in self and self[first].data and self[last].data:
                if self[last].data < self[first].data:
                    self[last].errors = [*self[last].errors, f"Enter {self[first].data} or later."]
                    sound = False
        return sound


def form_for(
    entity: type,
    columns: Sequence[str],
    *,
    labels: Mapping[str, str],
    hints: Mapping[str, str],
    choices: Mapping[str, Sequence[tuple[str, str]]],
    lookups: Callable[[str, type], dict[str, Any]],
    extra: Mapping[str, Field] | None = None,
) -> type[RecordForm]:
    """A form class with the named columns and relations of an entity."""
    made = {
        name: (extra or {}).get(name)
        or _field(entity, name, labels[name], hints.get(name, ""), choices.get(name), lookups)
        for name in columns
    }
    return type(f"{entity.__name__}Form", (RecordForm,), made)


def _field(
    entity: type,
    name: str,
    label: str,
    hint: str,
    options: Sequence[tuple[str, str]] | None,
    lookups: Callable[[str, type], dict[str, Any]],
) -> Field:
    mapper: Any = inspect(entity)
    if name in mapper.relationships:
        relation = mapper.relationships[name]
        if relation.uselist:
            return SelectMultipleField(label, description=hint, coerce=int)
        local = next(iter(relation.local_columns))
        must = [InputRequired("Choose one from the list.")] if not local.nullable else []
        return LookupField(label, must, description=hint, **lookups(name, relation.mapper.class_))
    column = mapper.columns[name]
    given = column.default is not None or column.nullable
    need = [Optional()] if given else [InputRequired("Enter a value.")]
    kind, usual = column.type, column.default.arg if column.default is not None and column.default.is_scalar else None
    if options is not None:
        empty = [] if not column.nullable and column.default is None else [("", "")] if column.nullable else []
        return SelectField(label, need, description=hint, choices=[*empty, *options], default=usual)
    if isinstance(kind, Sealed):
        return SecretField(label, need, description=hint)
    if isinstance(kind, Boolean):
        return BooleanField(label, description=hint, default=bool(usual))
    if isinstance(kind, Exact):
        most = Decimal(100) if name.endswith("percent") else LARGEST
        return ExactField(label, need, places=kind.places, at_most=most, description=hint)
    if isinstance(kind, Date):
        return DayField(label, need, description=hint)
    if isinstance(kind, Integer):
        return WholeField(
            label, [*need, NumberRange(0, LARGEST_WHOLE, "Enter a whole number from 0 to %(max)s.")], description=hint
        )
    if isinstance(kind, Text):
        return TextAreaField(
            label,
            [*need, Length(max=20_000, message="At most %(max)d characters.")],
            description=hint,
            render_kw={"rows": 3},
        )
    assert isinstance(kind, String), f"{entity.__name__}.{name} has no field"
    length = Length(max=kind.length or 120, message="At most %(max)d characters.")
    shape = FORMATS.get(name)
    if shape is None:
        return StringField(label, [*need, length], description=hint)
    return StringField(
        label, [*need, length, _shaped(shape)], description=hint, render_kw={"inputmode": shape.keyboard}
    )


def _shaped(shape: Format) -> Callable[[Any, Field], None]:
    def check(_form: Any, field: Field) -> None:
        if problem := shape.problem(field.data or ""):
            raise ValidationError(problem)

    return check


def fill(form: RecordForm, record: Any, columns: Sequence[str]) -> None:
    """Copy what was entered onto a record; an emptied field falls back to the column's default."""
    mapper: Any = inspect(type(record))
    for name in columns:
        if name not in form or isinstance(form[name], SelectMultipleField):
            continue
        value = form[name].data
        column = mapper.columns.get(name)
        if column is not None and value in (None, ""):
            value = None if column.nullable else column.default.arg if column.default is not None else ""
        if isinstance(value, str):
            value = value.strip().replace("\x00", "")
        if getattr(record, name) != value:
            setattr(record, name, value)
