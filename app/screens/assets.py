"""Styles, scripts, fonts and icons: one style sheet made of its parts, under an address that names the content, so that
browsers keep everything for a year and still never show a stale page."""

import hashlib
from pathlib import Path

from flask import Flask, Response, url_for

STATIC = Path(__file__).parents[1] / "static"
SHEETS = (
    "tokens base shell buttons cards chips tables lists forms filters picker menus dialogs document grid split timeline "
    "chain inbox desk home catalog compare charts login factor errors records payables policy utilities responsive print"
).split()
"""The parts of the style sheet, in their order: what comes later wins."""

STYLES = "ui/css/purser.css"


def static_path() -> str:
    """Where static files are served: the address changes when any of them does."""
    seen = hashlib.sha256()
    for file in sorted(STATIC.rglob("*")):
        if file.is_file():
            seen.update(str(file.relative_to(STATIC)).encode() + b"\0" + file.read_bytes())
    return f"/static/{seen.hexdigest()[:12]}"


def install(app: Flask) -> None:
    """Serve the style sheet, and tell the pages where it is and which scripts to fetch ahead."""
    sheet = "\n".join((STATIC / f"ui/css/{name}.css").read_text() for name in SHEETS)
    scripts = sorted(f"ui/js/{file.name}" for file in (STATIC / "ui/js").glob("*.js"))

    @app.route(f"{app.static_url_path}/{STYLES}", endpoint="styles")
    def styles() -> Response:
        return Response(sheet, mimetype="text/css")

    app.jinja_env.globals["style_sheet"] = lambda: url_for("styles")
    app.jinja_env.globals["scripts"] = lambda: [url_for("static", filename=name) for name in scripts]
