"""Commands for backups: `flask --app app backup make [FILE] | verify FILE | restore FILE`."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy.exc import SQLAlchemyError

from app.backups import Refused
from app.backups.archive import Manifest
from app.backups.checks import Findings
from app.backups.making import forget, make, name_at
from app.backups.restoring import Restoration
from app.backups.verifying import examine
from app.extensions import db
from app.jobs import only_one

PATH = click.Path(path_type=Path, dir_okay=False, resolve_path=True)

backup = AppGroup("backup", help="All records in one file; never the keys.")


def register(group: Any) -> None:
    """Add the commands to a group."""
    group.add_command(backup)


@contextmanager
def in_words() -> Iterator[None]:
    """What is refused, and what the database refuses, as a sentence and exit code 1."""
    try:
        yield
    except Refused as refused:
        raise click.ClickException(str(refused))
    except SQLAlchemyError as error:
        raise click.ClickException(f"The database says: {str(getattr(error, 'orig', error)).strip().splitlines()[0]}")


def _now() -> Any:
    return current_app.extensions["office"].now()


@backup.command("make")
@click.argument("file", type=PATH, required=False)
@click.option("--verify", "look", is_flag=True, help="Open it and check everything when it is made.")
@click.option("--forget", "days", type=click.IntRange(1), help="Delete the folder's backups older than so many days.")
def make_one(file: Path | None, look: bool, days: int | None) -> None:
    """Make a backup, while the office works. Without FILE: in the folder of PURSER_BACKUPS, named by the time."""
    folder = current_app.config["BACKUPS"] or current_app.config["VAR"] / "backups"
    file = file or folder / name_at(_now())
    with in_words():
        click.echo(f"{file}: {make(db.engine, current_app.config['KEYS'], file, _now())}")
        if look:
            _tell(file, *examine(file, db.engine, current_app.config["KEYS"]))
        if days:
            old = forget(file.parent, _now() - timedelta(days=days))
            click.echo(f"{len(old)} older ones were deleted.")
    click.echo("The keys are not in it: keep a copy of them somewhere else.")


@backup.command("verify")
@click.argument("file", type=PATH)
def verify(file: Path) -> None:
    """Open a backup aside and check everything that the office asks of itself. The office's own records stay untouched."""
    with in_words():
        _tell(file, *examine(file, db.engine, current_app.config["KEYS"]))


def _tell(file: Path, manifest: Manifest, findings: Findings) -> None:
    click.echo(f"{file.name}: {manifest}")
    for line in findings.lines():
        click.echo(f"  {line}")
    if findings.wrong:
        raise click.ClickException(f"Do not rely on {file.name}.")
    click.echo("The backup is good." if not findings.unchecked else "Nothing wrong was found in what was checked.")


@backup.command("restore")
@click.argument("file", type=PATH)
@click.option("--replace", is_flag=True, help="Replace the documents that are there. They are kept aside.")
@click.option("--anyway", is_flag=True, help="Restore although keys are missing or a check fails.")
def restore(file: Path, replace: bool, anyway: bool) -> None:
    """Put a backup back. Stop Purser first."""
    with in_words(), only_one(db.engine) as ours:
        if ours is None:
            raise click.ClickException("The scheduler is running. Stop Purser first, then restore.")
    db.session.remove()
    db.engine.dispose()
    with in_words():
        findings = Restoration(
            file, db.engine, current_app.config["KEYS"], _now(), replace=replace, anyway=anyway, tell=click.echo
        ).carry_out()
    for line in findings.lines():
        click.echo(f"  {line}")
    click.echo("Restored. Start Purser again, and look at flask --app app reconcile and audit verify.")
    raise SystemExit(1 if findings.wrong else 0)
