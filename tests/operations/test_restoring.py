"""Backups put back: into an empty place, over what is there, with other keys. Source: OP-04."""

from dataclasses import asdict, replace
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from app import audit, migrate, sealing
from app.backups import archive
from app.extensions import db
from app.jobs import only_one
from app.models import Document, SecondFactor, SignIn
from tests.operations.conftest import command
from tests.support.backups import SECRET, figures, healthy
from tests.support.making import a_basket, records
from tests.support.offices import application
from tests.support.people import Person
from tests.support.world import Clock, World

# Restoring.


def test_everything_is_there_again_and_people_go_on_working(backup, office, elsewhere):
    with records(office) as session:
        basket = session.scalar(select(Document.id).where(Document.kind == "delivery_order"))
    code, said = command(elsewhere, "backup", "restore", backup)
    assert code == 0 and "Restored." in said, said
    assert figures(elsewhere) == figures(office.app)
    healthy(elsewhere)
    rosa = Person(elsewhere, "requester")
    page = rosa.get(f"/delivery-order/show/{basket}")
    assert page.status_code == 200 and "Keyboard" in page.text
    again = World(elsewhere, office.clock, office.ids)
    a_basket(again, "routed", title="After the restore")
    healthy(elsewhere)
    with elsewhere.app_context():
        assert db.session.scalar(select(SecondFactor)).secret.reveal() == SECRET
        db.session.remove()


def test_visits_of_the_past_do_not_live_again(office, tmp_path):
    rosa = Person(office.app, "requester")
    assert command(office.app, "backup", "make", tmp_path / "o.zip")[0] == 0
    rosa.post("/logout/")
    code, said = command(office.app, "backup", "restore", tmp_path / "o.zip", "--replace")
    assert code == 0 and "everybody signs in anew" in said, said
    with records(office) as session:
        assert session.scalar(select(func.count(SignIn.id))) == 0


def test_documents_are_not_replaced_unasked_and_are_kept_when_they_are(backup, office):
    a_basket(office, "routed", title="After the backup")
    after = figures(office.app)
    code, said = command(office.app, "backup", "restore", backup)
    assert code == 1 and "--replace" in said and f"has {after['document']:,} documents" in said
    assert figures(office.app) == after
    code, said = command(office.app, "backup", "restore", backup, "--replace")
    assert code == 0, said
    kept = Path(said.partition("kept in ")[2].partition(". Delete")[0])
    assert figures(office.app)["document"] == after["document"] - 1 and kept.exists()
    healthy(office.app)
    office.clock.on("2026-11-24")
    if kept.suffix == ".zip":  # PostgreSQL's way back is a backup of its own
        assert command(office.app, "backup", "restore", kept, "--replace")[0] == 0
        assert figures(office.app) == after


def test_an_office_at_work_is_not_restored_over(backup, office):
    before = figures(office.app)
    with office.app.app_context():
        busy = db.engine.connect()
        busy.execute(text("SELECT 1 FROM document")).all()
        dispose, db.engine.dispose = db.engine.dispose, lambda: None
        try:
            code, said = command(office.app, "backup", "restore", backup, "--replace")
        finally:
            db.engine.dispose = dispose
            busy.close()
    assert code == 1 and "Stop Purser first" in said, said
    assert figures(office.app) == before


def test_a_running_scheduler_is_noticed(backup, office):
    with office.app.app_context(), only_one(db.engine) as ours:
        assert ours is not None
        code, said = command(office.app, "backup", "restore", backup, "--replace")
    assert code == 1 and "The scheduler is running" in said


def test_an_older_backup_is_brought_up_to_date(elsewhere, tmp_path):
    migrate.upgrade(elsewhere, "0008")
    file = tmp_path / "old.zip"
    assert command(elsewhere, "backup", "make", file)[0] == 0
    assert archive.read(file).revision == "0008"
    code, said = command(elsewhere, "backup", "verify", file)
    assert code == 0 and f"from revision 0008 to {migrate.head()}" in said, said
    code, said = command(elsewhere, "backup", "restore", file)
    assert code == 0, said
    assert migrate.compare(elsewhere) == []


def test_a_backup_of_the_other_kind_of_database_is_refused(backup, office, tmp_path):
    kind = archive.read(backup).kind
    other = {"sqlite": "postgresql", "postgresql": "sqlite"}[kind]
    manifest = archive.read(backup)
    (tmp_path / "part").write_bytes(b"x")
    archive.write(tmp_path / "other.zip", replace(manifest, kind=other), tmp_path / "part")
    code, said = command(office.app, "backup", "restore", tmp_path / "other.zip", "--replace")
    assert code == 1 and f"is a backup of {other}, and PURSER_DATABASE_URL names {kind}" in said
    assert asdict(archive.read(backup)) == asdict(manifest)


@pytest.mark.parametrize("verb", ["make", "restore"])
def test_a_server_that_does_not_answer_is_told_in_a_sentence(backup, tmp_path, verb):
    away = application(f"postgresql://clerk@/purser?host={tmp_path}/nowhere", Clock())
    file = backup if verb == "restore" else tmp_path / "none.zip"
    code, said = command(away, "backup", verb, file)
    assert code == 1 and "nowhere" in said and said.count("\n") <= 2 and "Traceback" not in said, said


# Keys.


@pytest.fixture
def other_keys(office, elsewhere):
    """The second installation has keys of its own."""
    own = office.app.config["KEYS"]
    fresh = {
        purpose: {"current": "1", "keys": {"1": bytes(range(number, number + 32))}}
        for number, purpose in enumerate(own)
    }
    elsewhere.config["KEYS"] = fresh

    def use(rings) -> None:
        audit.use_key(rings["audit"]["keys"][rings["audit"]["current"]])
        sealing.use_keys(*(sealing.Ring.of(rings[purpose]) for purpose in ("field", "index")))

    use(fresh)
    yield elsewhere
    use(own)


def test_other_keys_are_told_before_anything_is_done(backup, other_keys):
    code, said = command(other_keys, "backup", "verify", backup)
    assert code == 1, said
    assert "made under other keys" in said and "audit/1, bids/1, field/1, index/1" in said
    assert "1 of 1 sealed numbers" in said and "do not open" in said
    assert "NOT CHECKED: the seals of the audit trail" in said and "was changed" not in said
    code, said = command(other_keys, "backup", "restore", backup)
    assert code == 1 and "made under other keys" in said and "--anyway" in said
    code, said = command(other_keys, "backup", "make", backup.with_name("x.zip"))
    assert code == 1 and "flask --app app setup" in said
    code, said = command(other_keys, "backup", "restore", backup, "--anyway")
    assert code == 1 and "Restored." in said and "do not open" in said
    assert figures(other_keys)["document"] == archive.read(backup).counts["document"]
