"""Purser, the purchasing back-office of a public agency. The factory: settings, extensions, the gate, then the menu."""

import gc
from typing import Any

from flask import Flask, has_request_context, request
from werkzeug.middleware.proxy_fix import ProxyFix


def create_app(**overrides: Any) -> Flask:
    """The application, with settings of `config.py` replaced by `overrides`."""
    from app import api, audit, engine, log_requests, logs, models, routes, sealing, views
    from app.commands import Commands
    from app.extensions import appbuilder, csrf, db
    from app.office import open_office
    from app.screens import addresses, assets, desk, errors, gate, headers, health, present, shell, widgets
    from app.screens.security import OfficeSecurity

    app = Flask(__name__, static_url_path=assets.static_path())
    app.url_rule_class = routes.LateRule
    app.config.from_object("config")
    app.config.update(overrides)
    logs.install(app.config["LOG"])
    if "SQLALCHEMY_DATABASE_URI" in overrides:
        app.config["SQLALCHEMY_DATABASE_URI"] = engine.database_url(overrides["SQLALCHEMY_DATABASE_URI"])
        app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine.engine_options(app.config["SQLALCHEMY_DATABASE_URI"])
    ring = app.config["KEYS"]["audit"]
    audit.use_key(ring["keys"][ring["current"]])
    sealing.use_keys(*(sealing.Ring.of(app.config["KEYS"][purpose]) for purpose in ("field", "index")))
    app.extensions["office"] = overrides.get("OFFICE") or open_office(
        app.config["OFFICE_NAME"], app.config["TIME_ZONE"], app.config["HOLIDAYS"]
    )
    app.extensions["office"].mails = bool(app.config["SMTP_URL"])
    if app.config["PROXY_HOPS"]:
        hops = app.config["PROXY_HOPS"]
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    assert models.__all__
    with app.app_context():
        db.init_app(app)
        csrf.init_app(app)
        engine.install(db.engine, lambda: has_request_context() and request.method in gate.READING, has_request_context)
        widgets.dress_fields()
        appbuilder.security_manager_class = OfficeSecurity
        appbuilder.indexview = views.HomeScreen
        _forget_earlier_application(appbuilder)
        appbuilder.init_app(app, db.session)
        views.register(appbuilder)
    log_requests.install(app)
    gate.install(app)
    present.install(app)
    shell.install(app)
    addresses.install(app)
    desk.install(app)
    headers.install(app)
    errors.install(app)
    api.install(app)
    health.install(app)
    assets.install(app)
    app.cli = Commands(app)
    app.jinja_env.globals["appbuilder"] = appbuilder
    return app


def served() -> Flask:
    """The application for web workers that are children of one process: it loads the program once for all of them, so
    that it lies in memory once, and a new worker is there at once."""
    gc.disable()  # nothing of what is loaded goes away; to look for it took a quarter of the start
    from app.extensions import db

    app = create_app()
    with app.app_context():
        db.engine.dispose()  # no connection is open that two of them would use
    gc.freeze()  # it stays as it is: to look through it over and over takes time, and makes copies of shared memory
    gc.enable()
    return app


def _forget_earlier_application(appbuilder: Any) -> None:
    """FAB keeps the screens and the menu of the application before; a second one in the same process starts clean."""
    appbuilder.baseviews, appbuilder.menu = [], None
