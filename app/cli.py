"""Commands: `flask --app app setup | seed | first-admin | jobs | reindex | reconcile | audit | backup`."""

import click
from flask import Flask

from app import access, cli_audit, cli_backups, cli_jobs, cli_people, grants, ledger, migrate, search
from app.extensions import db


def register(app: Flask) -> None:
    """Give the application its commands."""

    @app.cli.command("setup")
    def setup() -> None:
        """Bring the database's tables, rights and built-in records up to date. Safe to repeat."""
        from app.demo.reference import load_reference

        migrate.upgrade(app)
        fresh = grants.sync(db.session(), access.pairs())
        added = ", ".join(f"{number} {name}" for name, number in load_reference(db.session()).items() if number)
        search.catch_up(db.session())
        db.session.commit()
        click.echo(f"Tables are up to date; {fresh} new rights; {added or 'no'} new records.")

    @app.cli.command("seed")
    def seed() -> None:
        """Fill an empty office with the demo: real vendors, agreements and prices, and documents in every state."""
        from app import demo

        demo.seed(app)

    @app.cli.command("reindex")
    def reindex() -> None:
        """Write the index of the item search anew."""
        found = search.rebuild(db.session())
        db.session.commit()
        click.echo(f"{found} items and commodity codes can be found.")

    @app.cli.command("reconcile")
    def reconcile() -> None:
        """Compare every balance with its postings."""
        drifts = ledger.reconcile(db.session())
        for drift in drifts:
            click.echo(str(drift))
        click.echo("The books agree." if not drifts else f"{len(drifts)} balances differ.")
        raise SystemExit(1 if drifts else 0)

    cli_audit.register(app.cli)
    cli_backups.register(app.cli)
    cli_jobs.register(app.cli)
    cli_people.register(app.cli)
