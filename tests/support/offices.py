"""The program with its small office, on either kind of database."""

from pathlib import Path
from weakref import WeakSet

from flask import Flask
from jinja2 import FileSystemBytecodeCache

from app import create_app, migrate
from app.extensions import appbuilder, db
from app.office import open_office

from .databases import Databases
from .plugin import stays
from .world import Clock, World, build

_made: "WeakSet[Flask]" = WeakSet()


def application(url: str, clock: Clock) -> Flask:
    """The application of the tests: cheap passwords, a clock that stands still."""
    office = open_office("Central Purchasing Office", "America/New_York", "US-KY")
    office.clock = clock
    app = create_app(
        SQLALCHEMY_DATABASE_URI=url,
        OFFICE=office,
        TESTING=False,
        FAB_PASSWORD_HASH_METHOD="pbkdf2:sha256:1",
        SERVER_NAME=None,
    )
    _made.add(app)
    compiled = Path(app.config["VAR"]) / "compiled"  # templates, compiled once for the run and not for each test
    compiled.mkdir(parents=True, exist_ok=True)
    app.jinja_env.bytecode_cache = FileSystemBytecodeCache(str(compiled))
    return app


def filled(url: str) -> None:
    """Fill a database with the small office."""
    app = application(url, Clock())
    migrate.upgrade(app)
    with app.app_context():
        build(app, Clock())
        db.session.remove()
        db.engine.dispose()


def open_world(kind: str, databases: Databases) -> World:
    """The small office in an application and a database of its own."""
    clock = Clock()
    return _named(World(application(databases.copy(kind, "office", filled), clock), clock))


class Standing:
    """An application that is lent to one test after the other, each time with a fresh copy of the small office below it.

    To make an application, and to compile its statements anew, takes longer than most tests do. What a test may change
    of it is put back: settings, clock, and to which application Flask-AppBuilder belongs.
    """

    def __init__(self, kind: str, databases: Databases) -> None:
        self.databases = databases
        self.url = databases.copy(kind, "office", filled)
        self.app = application(self.url, Clock())
        self._config = dict(self.app.config)
        self._office = dict(vars(self.app.extensions["office"]))
        self._builder = dict(vars(appbuilder))
        stays()

    def lend(self) -> World:
        """The office as on its first day."""
        for app in _made:  # a test may have made another application on the same database
            disconnect(app)
        self.databases.renew(self.url, "office", filled)
        clock = Clock()
        self.app.config.clear()
        self.app.config.update(self._config)
        vars(self.app.extensions["office"]).update(self._office | {"clock": clock})
        vars(appbuilder).clear()
        vars(appbuilder).update(self._builder)
        return _named(World(self.app, clock))


def disconnect(app: Flask) -> None:
    """Let go of an application's connections."""
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def _named(world: World) -> World:
    with world.app.app_context():
        world.name_things()
        db.session.remove()
    return world
