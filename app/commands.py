"""The commands of an application, loaded when somebody asks for one: a web worker, which never does, neither waits for
what they need (migrations, backups, the demo) nor carries it."""

from click import Command, Context
from flask import Flask
from flask.cli import AppGroup


class Commands(AppGroup):
    """`flask --app app …`; `cli.register` says what there is."""

    def __init__(self, app: Flask) -> None:
        super().__init__(app.name)
        self._app, self._loaded = app, False

    def list_commands(self, ctx: Context) -> list[str]:
        """Their names, for the help."""
        self._load()
        return super().list_commands(ctx)

    def get_command(self, ctx: Context, cmd_name: str) -> Command | None:
        """The one that was asked for."""
        self._load()
        return super().get_command(ctx, cmd_name)

    def _load(self) -> None:
        if not self._loaded:
            from app import cli

            self._loaded = True
            cli.register(self._app)
