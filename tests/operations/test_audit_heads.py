"""The day's head of the audit trail: what is cut off, rewritten or taken out with the key in hand is found by a line that
was sent away. Source: DOC-09, OP-03."""

import threading

import pytest
from sqlalchemy import delete, func, insert, select, text, update

from app import audit, audit_heads
from app.audit_heads import Head, NoHead
from app.extensions import db
from app.jobs import run_once
from app.models import AuditEntry, AuditHead, DailyHead, Document
from tests.operations.conftest import command
from tests.support.databases import past_the_walls
from tests.support.making import a_basket, a_processed_invoice, records

ENTRIES, HEADS, DAYS = AuditEntry.__table__, AuditHead.__table__, DailyHead.__table__


@pytest.fixture
def days(both):
    """Two days of work, and the line of each that was sent away."""
    a_processed_invoice(both)
    lines = [line_of(both)]
    both.clock.on("2026-11-24")
    a_basket(both, "routed")
    lines.append(line_of(both))
    both.clock.on("2026-11-25")
    a_basket(both, "routed")
    return both, lines


def line_of(world) -> str:
    code, said = command(world.app, "audit", "head")
    assert code == 0 and said.count("\n") == 1
    return said.strip()


def verified(world, *words) -> tuple[int, str]:
    return command(world.app, "audit", "verify", *words)


def test_the_head_of_a_day_is_made_once_and_goes_on_from_the_day_before(days):
    world, (first, second) = days
    assert line_of(world).startswith("purser-head day=2026-11-25") and line_of(world) == line_of(world)
    one, two = Head.read(first), Head.read(second)
    assert (one.previous, two.previous) == ("", one.seal)
    with records(world) as session:
        third = session.scalars(select(DailyHead).order_by(DailyHead.id.desc())).first()
        assert third.entries == session.scalar(select(func.count(AuditEntry.id))) > two.entries > one.entries
        session.add(AuditEntry())
        session.rollback()
    assert verified(world) == (0, "The trail is whole.\n")


def test_a_trail_that_has_only_grown_fits_every_line_that_was_sent(days, tmp_path):
    world, lines = days
    for line in lines:
        code, said = verified(world, "--head", line)
        assert code == 0 and f"has only grown since {Head.read(line).day}." in said, said
    (tmp_path / "heads").write_text("\n\n".join(lines) + "\n")
    code, said = verified(world, "--head", tmp_path / "heads")
    assert code == 0 and "has only grown since 2026-11-24." in said


def test_the_job_writes_it_each_night(both):
    a_basket(both, "routed")
    ran = run_once(both.app, "head", both.clock())
    assert (
        ran.state == "done"
        and ran.outcome.startswith("covers ")
        and run_once(both.app, "head", both.clock()).state == "already"
    )
    both.clock.on("2026-11-24")
    assert run_once(both.app, "head", both.clock()).state == "done"
    with records(both) as session:
        assert [str(day) for day in session.scalars(select(DailyHead.day).order_by(DailyHead.id))] == [
            "2026-11-23",
            "2026-11-24",
        ]
    assert verified(both)[0] == 0


# Somebody who owns the database and has the key.


def reseal(connection, subject: str) -> None:
    """Seal what is left of a subject's chain anew, and its end."""
    seal, seq = "", 0
    for row in connection.execute(select(ENTRIES).where(ENTRIES.c.subject == subject).order_by(ENTRIES.c.seq)).all():
        seq += 1
        seal = audit.seal_of(seal, subject, seq, dict(row._mapping))
        connection.execute(update(ENTRIES).where(ENTRIES.c.id == row.id).values(seq=seq, seal=seal))
    if seq:
        connection.execute(update(HEADS).where(HEADS.c.subject == subject).values(seq=seq, seal=seal))
    else:
        connection.execute(delete(HEADS).where(HEADS.c.subject == subject))


def subject_of(connection) -> str:
    """A document with many entries, all of them from the first day."""
    return connection.scalar(
        select(ENTRIES.c.subject)
        .where(ENTRIES.c.subject.like("document/%"), ENTRIES.c.id <= select(func.min(DAYS.c.last_id)).scalar_subquery())
        .group_by(ENTRIES.c.subject)
        .order_by(func.count().desc(), ENTRIES.c.subject)
    )


def cut_the_tail(connection) -> None:
    subject = subject_of(connection)
    last = connection.scalar(select(func.max(ENTRIES.c.id)).where(ENTRIES.c.subject == subject))
    connection.execute(delete(ENTRIES).where(ENTRIES.c.id == last))
    reseal(connection, subject)


def rewrite_an_entry(connection) -> None:
    subject = subject_of(connection)
    first = connection.scalar(select(func.min(ENTRIES.c.id)).where(ENTRIES.c.subject == subject))
    connection.execute(update(ENTRIES).where(ENTRIES.c.id == first).values(new="something else"))
    reseal(connection, subject)


def delete_a_subject(connection) -> None:
    subject = subject_of(connection)
    connection.execute(delete(ENTRIES).where(ENTRIES.c.subject == subject))
    reseal(connection, subject)


def put_one_before_all(connection) -> None:
    row = dict(connection.execute(select(ENTRIES).order_by(ENTRIES.c.id)).first()._mapping)
    row |= {"id": -5, "subject": "unit/999999", "seq": 1}
    row["seal"] = audit.seal_of("", row["subject"], 1, row)
    connection.execute(insert(ENTRIES).values(row))
    connection.execute(insert(HEADS).values(subject=row["subject"], seq=1, seal=row["seal"]))


FORGERIES = {
    cut_the_tail: "1 of ",
    rewrite_an_entry: "entries were rewritten",
    delete_a_subject: "entries are missing",
    put_one_before_all: "1 entries were put between",
}


@pytest.mark.parametrize(("forge", "words"), FORGERIES.items(), ids=lambda one: getattr(one, "__name__", ""))
def test_what_was_sealed_anew_with_the_key_is_found(days, forge, words):
    world, _ = days
    with world.app.app_context(), db.engine.begin() as connection:
        past_the_walls(connection)
        forge(connection)
    with records(world) as session:
        assert audit.verify(session) == [], "the chains themselves show nothing any more"
    code, said = verified(world)
    assert code == 1 and words in said and "before the head of 2026-11-23" in said, said


@pytest.mark.parametrize(("forge", "words"), FORGERIES.items(), ids=lambda one: getattr(one, "__name__", ""))
def test_even_if_the_heads_in_the_database_are_made_anew_the_line_that_was_sent_shows_it(days, forge, words):
    world, lines = days
    with world.app.app_context(), db.engine.begin() as connection:
        past_the_walls(connection)
        forge(connection)
        connection.execute(delete(DAYS))
    for day in ("2026-11-23", "2026-11-24"):
        world.clock.on(day)
        line_of(world)
    assert verified(world)[0] == 0, "without the line nobody could know"
    for line in lines:
        code, said = verified(world, "--head", line)
        assert code == 1 and words in said and "that was sent" in said, said
    assert "is not in the database any more" in said


def test_the_end_cut_off_after_the_last_head_is_found_by_the_next_line(days):
    world, _ = days
    third = line_of(world)
    with world.app.app_context(), db.engine.begin() as connection:
        past_the_walls(connection)
        connection.execute(delete(DAYS).where(DAYS.c.day == Head.read(third).day))
        last = connection.execute(select(ENTRIES).order_by(ENTRIES.c.id.desc())).first()
        connection.execute(delete(ENTRIES).where(ENTRIES.c.id == last.id))
        reseal(connection, last.subject)
    assert verified(world)[0] == 0
    code, said = verified(world, "--head", third)
    assert code == 1 and "Since the head of 2026-11-24, and before the head of 2026-11-25 that was sent, 1 of" in said


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        (
            "UPDATE daily_head SET entries = entries + 1 WHERE id = 1",
            "The head of 2026-11-23 in the database was changed",
        ),
        ("UPDATE daily_head SET digest = seal WHERE id = 2", "The head of 2026-11-24 in the database was changed"),
        ("DELETE FROM daily_head WHERE id = 1", "A head before that of 2026-11-24 is missing"),
    ],
)
def test_a_head_that_was_changed_without_the_key_is_found(days, statement, words):
    world, _ = days
    with world.app.app_context(), db.engine.begin() as connection:
        past_the_walls(connection)
        connection.execute(text(statement))
    code, said = verified(world)
    assert code == 1 and words in said


# What is given.


def test_a_line_of_somebody_else_is_told_from_a_trail_that_was_changed(days):
    world, (line, _) = days
    code, said = verified(world, "--head", line.replace("entries=", "entries=1"))
    assert code == 1 and "was not sealed under this installation's audit key" in said


@pytest.mark.parametrize("given", ["purser-head day=2026-11-23", "purser-head day=2026-13-45 last=1", "no/such/file"])
def test_what_is_no_head_is_refused_with_an_example(world, given):
    code, said = verified(world, "--head", given)
    assert code == 2 and ("as `audit head` prints it" in said or "cannot be read" in said)


def test_a_line_survives_a_letter(world):
    head = Head.read(line_of(world))
    assert Head.read(f"  {str(head).replace(' ', '   ')}\n") == head
    with pytest.raises(NoHead):
        Head.read(str(head)[:-1])


# While people write.


def test_an_entry_that_is_being_written_is_waited_for(both):
    """Its id is lower than that of one that is committed already: left out today, it would look put between tomorrow."""
    with records(both) as session:
        pk = session.scalar(select(func.min(Document.id)))
    begun, ended = threading.Event(), []

    def slowly() -> None:
        with records(both) as session:
            audit.note(session, "export", session.get_one(Document, pk), "slow")
            begun.set()
            threading.Event().wait(1)
            session.commit()
            ended.append(1)

    writer = threading.Thread(target=slowly)
    writer.start()
    assert begun.wait(20)
    head = Head.read(line_of(both))
    assert ended == [1]
    writer.join()
    with records(both) as session:
        assert head.entries == session.scalar(select(func.count(AuditEntry.id)))
        assert audit_heads.verify(session, [head]) == []
