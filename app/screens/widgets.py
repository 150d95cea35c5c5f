"""Draws the form fields of Flask-AppBuilder as plain HTML fields.

Flask-AppBuilder writes Bootstrap 3 markup into its widgets, puts the label into the placeholder and needs jQuery
for dates and lists. `dress_fields` replaces how each of its widgets draws itself, once for the whole application;
forms, labels, hints and errors are the business of `templates/components/field.html`.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from flask import current_app
from flask_appbuilder import fieldwidgets, forms, upload
from markupsafe import Markup
from wtforms import DateTimeField, DateTimeLocalField, DecimalField, FloatField, IntegerField
from wtforms.widgets import PasswordInput, Select, TextArea, TextInput, html_params

Draw = Callable[..., Markup]

KEYPADS = {IntegerField: "numeric", DecimalField: "decimal", FloatField: "decimal"}
NOTHING_CHOSEN = "None"
MOST_ROWS_OF_A_LIST = 10
FEWEST_ROWS_OF_A_LIST = 4


def _attributes(field: Any, given: dict[str, Any]) -> dict[str, Any]:
    """What a page asked for, without what only Bootstrap needs; `name_` is how FAB renames a search field."""
    if "name_" in given:
        field.name = given.pop("name_")
    given.pop("placeholder", None)
    return {"class": "form-control", **given}


def _text(widget: Any, field: Any, **given: Any) -> Markup:
    keypad = next((pad for kind, pad in KEYPADS.items() if isinstance(field, kind)), None)
    asked = {"inputmode": keypad} if keypad else {}
    return TextInput.__call__(widget, field, **asked, **_attributes(field, given))


def _text_area(widget: Any, field: Any, **given: Any) -> Markup:
    return TextArea.__call__(widget, field, **{"rows": 3, **_attributes(field, given)})


def _password(widget: Any, field: Any, **given: Any) -> Markup:
    return PasswordInput.__call__(widget, field, **{"autocomplete": "new-password", **_attributes(field, given)})


def _select(widget: Any, field: Any, **given: Any) -> Markup:
    if getattr(field, "allow_blank", False) and not field.blank_text:
        field.blank_text = NOTHING_CHOSEN
    return Select.__call__(widget, field, **_attributes(field, given))


def _select_many(widget: Any, field: Any, **given: Any) -> Markup:
    rows = min(max(len(list(field.iter_choices())), FEWEST_ROWS_OF_A_LIST), MOST_ROWS_OF_A_LIST)
    return Select.__call__(widget, field, **{"multiple": True, "size": rows, **_attributes(field, given)})


def _typed(field: Any) -> str:
    """What stands in a field as words: a date that could not be read is shown as it was typed, not lost."""
    value = field.data
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S" if value.second else "%Y-%m-%dT%H:%M")
    if isinstance(value, date):
        return value.isoformat()
    return " ".join(field.raw_data or [])


def _calendar(kind: str) -> Draw:
    """A field with the browser's own calendar; unreadable words get a text field, which can show them."""

    def draw(widget: Any, field: Any, **given: Any) -> Markup:
        words = _typed(field)
        shown = kind if field.data or not words else "text"
        wanted = {"id": field.id, **_attributes(field, given), "name": field.name, "type": shown, "value": words}
        if getattr(field.data, "second", 0):
            wanted["step"] = 1
        return Markup("<input {}>").format(Markup(html_params(**wanted)))

    return draw


def _lookup(widget: Any, field: Any, **given: Any) -> Markup:
    """FAB's list that loads its choices becomes the picker."""
    picker = current_app.jinja_env.get_template("components/picker.html").module
    label = field.label.text
    chosen = "" if field.data is None else field.data
    drawn = picker.picker_input(field.name, field.id, label, widget.endpoint, chosen, str(chosen))  # type: ignore[attr-defined]
    return Markup(drawn)


def _file(widget: Any, field: Any, **given: Any) -> Markup:
    wanted = {"id": field.id, "name": field.name, **_attributes(field, given), "type": "file"}
    chooser = Markup("<input {}>").format(Markup(html_params(**wanted)))
    if not field.data or not isinstance(field.data, str):
        return chooser
    marker = f"_{field.name}-delete"
    return Markup(
        '<p class="hint">{}</p>{}<label class="tick"><input type="checkbox" name="{}">'
        "<span>Take the file away</span></label>"
    ).format(field.data, chooser, marker)


DRAWN_AS: dict[Any, Draw] = {
    fieldwidgets.BS3TextFieldWidget: _text,
    fieldwidgets.BS3TextAreaFieldWidget: _text_area,
    fieldwidgets.BS3PasswordFieldWidget: _password,
    fieldwidgets.DatePickerWidget: _calendar("date"),
    fieldwidgets.DateTimePickerWidget: _calendar("datetime-local"),
    fieldwidgets.Select2Widget: _select,
    fieldwidgets.Select2ManyWidget: _select_many,
    fieldwidgets.Select2AJAXWidget: _lookup,
    fieldwidgets.Select2SlaveAJAXWidget: _lookup,
    upload.BS3FileUploadFieldWidget: _file,
    upload.BS3ImageUploadFieldWidget: _file,
}


def dress_fields() -> None:
    """Replaces the drawing of FAB's widgets; call it before the first screen is registered, any number of times.

    A browser's calendar sends "2026-11-21T14:30", which FAB's date-and-time field does not read, so the field that
    reads both spellings takes its place in the table that makes forms from columns.
    """
    for widget, draw in DRAWN_AS.items():
        widget.__call__ = draw
    forms.FieldConverter.conversion_table = tuple(
        (test, DateTimeLocalField if field is DateTimeField else field, widget)
        for test, field, widget in forms.FieldConverter.conversion_table
    )
