"""Commands for the audit trail: `flask --app app audit verify [--head LINE] | head`."""

import sys
from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup

from app import audit, audit_heads
from app.audit_heads import Head, NoHead
from app.extensions import db

trail = AppGroup("audit", help="The audit trail.")


def register(group: Any) -> None:
    """Add the commands to a group."""
    group.add_command(trail)


@trail.command("head")
def head() -> None:
    """Print the day's signed head, one line to be sent elsewhere; make it, if the day has none yet."""
    office, session = current_app.extensions["office"], db.session()
    line = str(Head.of(audit_heads.head_of(session, office.today(), office.now())))
    session.commit()
    click.echo(line)


@trail.command("verify")
@click.option(
    "--head", "sent", metavar="LINE|FILE", help="What was sent elsewhere: a line, a file of lines, or - to read it."
)
def verify(sent: str | None) -> None:
    """Check every seal of the audit trail, every head in the database, and those that were sent elsewhere."""
    heads = _read(sent) if sent else []
    problems = [*audit.verify(db.session()), *audit_heads.verify(db.session(), heads)]
    for problem in problems:
        click.echo(problem)
    if heads and not problems:
        click.echo(f"The trail has only grown since {max(one.day for one in heads)}.")
    click.echo("The trail is whole." if not problems else f"{len(problems)} problems.")
    raise SystemExit(1 if problems else 0)


def _read(sent: str) -> list[Head]:
    try:
        if sent.lstrip().startswith("purser-head"):
            text = sent
        else:
            text = sys.stdin.read() if sent == "-" else Path(sent).read_text()
        heads = [Head.read(line) for line in text.splitlines() if line.strip()]
    except NoHead as wrong:
        raise click.UsageError(str(wrong))
    except (OSError, UnicodeDecodeError) as error:
        raise click.UsageError(f"{sent[:100]} cannot be read: {error}")
    if not heads:
        raise click.UsageError(f"{sent[:100]} holds no head.")
    return heads
