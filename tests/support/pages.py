"""Reads a page as a browser does: its forms with what they would send, and its words."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any


@dataclass
class Form:
    """A form of a page: where it goes, and its fields as they stand."""

    action: str
    fields: dict[str, list[str]] = field(default_factory=dict)

    def sent(self, **changes: Any) -> dict[str, Any]:
        """What it sends when some fields are changed."""
        kept = {name: values for name, values in self.fields.items() if name != "csrf_token"}
        return kept | {name: value if isinstance(value, list) else [value] for name, value in changes.items()}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.words: list[str] = []
        self._form: Form | None = None
        self._area = self._select = ""
        self._options: list[tuple[str, bool]] = []
        self._silent = 0

    def _add(self, name: str | None, value: str) -> None:
        if self._form is not None and name:
            self._form.fields.setdefault(name, []).append(value)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = Form(given.get("action", ""))
            self.forms.append(self._form)
        elif tag == "input" and given.get("type") in ("checkbox", "radio"):
            if "checked" in given:
                self._add(given.get("name"), given.get("value", "on"))
        elif tag == "input" and given.get("type") not in ("submit", "button", "file"):
            self._add(given.get("name"), given.get("value", ""))
        elif tag == "textarea":
            self._area = given.get("name", "")
            self._add(self._area, "")
        elif tag == "select":
            self._select, self._options = given.get("name", ""), []
        elif tag == "option" and self._select:
            self._options.append((given.get("value", ""), "selected" in given))
        elif tag in ("script", "style", "template"):
            self._silent += 1

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "textarea":
            self._area = ""
        elif tag == "select":
            chosen = next((value for value, selected in self._options if selected), None)
            if self._options:
                self._add(self._select, self._options[0][0] if chosen is None else chosen)
            self._select, self._options = "", []
        elif tag in ("script", "style", "template"):
            self._silent = max(0, self._silent - 1)

    def handle_data(self, data: str) -> None:
        if self._area and self._form is not None:
            self._form.fields[self._area] = [self._form.fields[self._area][0] + data]
        elif not self._silent:
            self.words.append(data)


def _read(html: str) -> _Reader:
    reader = _Reader()
    reader.feed(html)
    return reader


def forms_of(html: str) -> list[Form]:
    """All forms of a page."""
    return _read(html).forms


def form_to(html: str, action: str) -> Form:
    """The form of a page that goes to an address (the end of it); "" is the form that goes to the page itself."""
    found = [form for form in _read(html).forms if (form.action.endswith(action) if action else form.action == "")]
    assert found, f"no form goes to {action!r}"
    return found[0]


def words(html: str) -> str:
    """The words of a page, with single spaces."""
    return re.sub(r"\s+", " ", " ".join(_read(html).words)).strip()
