"""A city's purchasing office to try things out in: real names of departments, vendors, contracts and items, made-up people.

Everything that is a document comes about as it does in the office, through `workflow.act`, by the cast and on the days
of the last weeks. All of it is one transaction: an interrupted seeding leaves nothing behind."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from random import Random
from time import monotonic

import click
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session
from werkzeug.security import generate_password_hash

from app import access, grants
from app.demo import agreements, catalog, documents, funds, organization, payees, people, vendors
from app.demo.cast import CAST, PASSWORD
from app.demo.diary import Diary
from app.demo.reference import load_reference
from app.demo.stage import Stage
from app.entities.document import Document
from app.entities.notices import Notice
from app.entities.organization import Organization
from app.extensions import db

Say = Callable[[str], None]

SEED = 1999
"""The same dice on every machine; only the dates follow the day on which the demo is made."""


LONGEST_AGO = 450
"""Days before the present on which the first agreement is drawn up, at most."""


class NotEmpty(click.ClickException):
    """The demo wants an empty database, and no production."""


def seed(app: Flask, say: Say = click.echo) -> bool:
    """Fill an empty database, set up before, with the demo. Returns False, and changes nothing, when it is there already.

    Errors: NotEmpty when the database holds an office of its own, or in production."""
    if app.config.get("PRODUCTION"):
        raise NotEmpty("The demo's passwords are known to everybody: it is not for production.")
    began = monotonic()
    with app.app_context(), db.engine.connect() as connection, connection.begin():
        session = Session(bind=connection, join_transaction_mode="create_savepoint", expire_on_commit=False)
        if not _is_empty(session):
            say("The demo is already here. Nothing was changed.")
            return False
        _play(_stage(app, session), app, say)
        session.close()
    say(
        f"Done in {monotonic() - began:.0f} seconds. Sign in as one of {', '.join(name for name, *_ in CAST[:4])} … "
        f"with the password {PASSWORD}."
    )
    return True


def _is_empty(session: Session) -> bool:
    """Errors: NotEmpty when there is an office that is not the demo's."""
    if session.scalar(select(Organization.id).limit(1)) is None:
        return True
    if session.scalar(select(Organization.id).where(Organization.code == organization.CLINIC)) is None:
        raise NotEmpty("This database holds an office's records. The demo wants an empty one: name another database.")
    return False


def _stage(app: Flask, session: Session) -> Stage:
    office, dice = app.extensions["office"], Random(SEED)
    diary = Diary(office.zone, office.calendar(), office.now(), dice)
    return Stage(session, replace(office, clock=diary), diary, dice)


def _play(stage: Stage, app: Flask, say: Say) -> None:
    session, method = stage.session, app.config.get("FAB_PASSWORD_HASH_METHOD", "scrypt")
    grants.sync(session, access.pairs())
    added = load_reference(session, stage.diary.last_day)
    # What an office finds on its first day is not a change that somebody made.
    session.info["untracked"] = True
    say(f"{added['commodity codes']:,} commodity codes, {added['units']:,} units")
    say(f"{organization.build(stage)} offices, {people.enter(stage, generate_password_hash(PASSWORD, method))} people")
    say(f"{funds.allot(stage)} funding strips with allotments")
    say(f"{vendors.register(stage)} vendors, {catalog.stock(stage)} items of stock and internal providers")
    say(f"{payees.register(stage)} bank accounts that nobody has")
    people.absences(stage)
    session.commit()
    session.info["untracked"] = False
    stage.diary.open(stage.diary.ago(LONGEST_AGO))
    awarded = agreements.plan(stage)
    errands = documents.plan(stage)
    stage.diary.plan(stage.diary.ago(3), lambda: vendors.hold_after_delivery(stage))
    say(f"{awarded} master agreements, {errands} errands of the cast …")
    stage.diary.run()
    catalog.retire(stage)
    _read_notices(stage)
    session.commit()
    kinds = session.execute(select(Document.kind, func.count()).group_by(Document.kind).order_by(Document.kind))
    say(", ".join(f"{count} {kind.replace('_', ' ')}s" for kind, count in kinds))


def _read_notices(stage: Stage) -> None:
    """What is older than three days has been read."""
    stage.session.execute(
        update(Notice).where(Notice.at < stage.diary.present - timedelta(days=3)).values(read_at=Notice.at)
    )
