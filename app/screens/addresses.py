"""The address of a page with other arguments than it was asked with.

Not by `url_for`: its own words (`endpoint`, `_scheme` …) are somebody's arguments too, in an address that was typed."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from flask import Flask, request


def this_page(changes: Mapping[str, Any] | None = None, at: str = "") -> str:
    """The page that is open, or the one at another address, with the arguments of this one and some of them changed.
    A change to None, or to an empty list, takes an argument away."""
    arguments: dict[str, Any] = request.args.to_dict(flat=False) | {
        name: value if isinstance(value, list) else [] if value is None else [value]
        for name, value in (changes or {}).items()
    }
    asked = urlencode(arguments, doseq=True)
    path = at or f"{request.script_root}{request.path}"
    return f"{path}?{asked}" if asked else path


def install(app: Flask) -> None:
    """Give every template the way to such an address."""
    app.jinja_env.globals["this_page"] = this_page
