"""Backups: made while people work, checked by opening them, put back whole or not at all. Source: OP-05, OP-07, OP-09."""

import json
import os
import stat
import threading
import zipfile
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from app import audit, ledger, migrate
from app.backups import archive, making
from app.entities.funds import Posting, PostingKind
from app.extensions import db
from app.jobs import run_once
from app.models import AuditEntry, Document
from tests.operations.conftest import command
from tests.support.backups import SECRET, figures, healthy
from tests.support.databases import past_the_walls
from tests.support.making import a_basket, records

# Making.


def test_a_backup_says_what_it_is_and_is_for_its_owner_alone(office, tmp_path):
    file = tmp_path / "deep" / "office.zip"
    code, said = command(office.app, "backup", "make", file)
    assert code == 0 and "keep a copy of them somewhere else" in said
    assert stat.S_IMODE(file.stat().st_mode) == 0o600 and stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    manifest = archive.read(file)
    assert manifest.revision == migrate.head() and manifest.when == office.clock()
    with records(office) as session:
        assert manifest.counts == {
            "document": session.scalar(select(func.count(Document.id))),
            "posting": session.scalar(select(func.count(Posting.id))),
            "audit_entry": session.scalar(select(func.count(AuditEntry.id))),
        }
    assert manifest.counts["document"] > 3 and f"{manifest.counts['document']} documents" in said
    assert sorted(os.listdir(file.parent)) == ["office.zip"], "nothing else is left"


def test_a_backup_carries_no_key_and_no_sealed_number(backup, office):
    with zipfile.ZipFile(backup) as parts:
        content = b"".join(parts.read(name) for name in parts.namelist())
    for ring in office.app.config["KEYS"].values():
        for key in ring["keys"].values():
            assert key not in content and key.hex().encode() not in content
    assert office.app.config["SECRET_KEY"].encode() not in content
    assert SECRET.encode() not in content


def test_a_backup_is_not_overwritten(backup, office):
    before = backup.read_bytes()
    code, said = command(office.app, "backup", "make", backup)
    assert code == 1 and "is there already" in said and backup.read_bytes() == before


def test_without_a_file_it_goes_to_the_folder_under_the_hour(office, tmp_path):
    office.app.config["BACKUPS"] = tmp_path / "nights"
    code, said = command(office.app, "backup", "make", "--verify")
    assert code == 0 and "The backup is good." in said
    assert os.listdir(tmp_path / "nights") == ["purser-2026-11-23-140000Z.zip"]


def test_old_ones_are_forgotten_and_the_latest_never(office, tmp_path):
    folder = tmp_path / "nights"
    folder.mkdir()
    days = [making.name_at(datetime(2026, month, 20, 6, tzinfo=UTC)) for month in (8, 9, 10)]
    for name in (*days, "of-the-auditor.zip"):
        (folder / name).write_text("old")
    assert making.forget(folder, office.clock() + timedelta(days=1)) == [folder / name for name in days[:2]]
    code, said = command(office.app, "backup", "make", folder / making.name_at(office.clock()), "--forget", "30")
    assert code == 0 and "1 older ones were deleted" in said
    assert sorted(os.listdir(folder)) == ["of-the-auditor.zip", "purser-2026-11-23-140000Z.zip"]


def test_a_folder_that_cannot_be_written_to_is_named(office, tmp_path):
    (tmp_path / "file").write_text("")
    code, said = command(office.app, "backup", "make", tmp_path / "file" / "office.zip")
    assert code == 1 and f"{tmp_path / 'file'} cannot be written to" in said


def test_what_is_not_set_up_has_no_backup(elsewhere, tmp_path):
    code, said = command(elsewhere, "backup", "make", tmp_path / "nothing.zip")
    assert code == 1 and "flask --app app setup" in said and os.listdir(tmp_path) == []


def test_made_while_people_write_it_shows_one_moment(office, tmp_path, elsewhere):
    """Each transaction books a posting, moves its balance and adds an entry to the trail: a copy that is torn would have
    one without the others."""
    stop, written = threading.Event(), []

    def budget() -> None:
        while not stop.is_set():
            with office.app.app_context():
                session = db.session()
                assert not ledger.post(
                    session,
                    [
                        Posting(
                            strip_id=office.ids[code],
                            bfy=2027,
                            afy=2027,
                            afm=5,
                            kind=PostingKind.ALLOTMENT,
                            amount=Decimal("0.01"),
                            memo="More",
                            at=office.clock(),
                        )
                        for code in ("S1", "S2")
                    ],
                )
                audit.note(session, "export", session.get_one(Document, 1), f"More {len(written)}")
                session.commit()
                written.append(1)
                db.session.remove()

    writers = [threading.Thread(target=budget) for _ in range(2)]
    for writer in writers:
        writer.start()
    try:
        said = []
        for number in range(3):
            before = len(written)
            said.append(command(office.app, "backup", "make", tmp_path / f"{number}.zip"))
            assert len(written) > before or number == 0
    finally:
        stop.set()
        for writer in writers:
            writer.join()
    assert [code for code, _ in said] == [0, 0, 0], said
    counts = [archive.read(tmp_path / f"{number}.zip").counts["posting"] for number in range(3)]
    assert counts[0] <= counts[1] <= counts[2] and counts[0] < counts[2], "they wrote all the while"
    for number in range(3):
        code, report = command(office.app, "backup", "verify", tmp_path / f"{number}.zip")
        assert code == 0 and "The backup is good." in report, report
    assert command(elsewhere, "backup", "restore", tmp_path / "1.zip")[0] == 0
    healthy(elsewhere)
    assert figures(elsewhere)["posting"] == counts[1]


# Every night.


def test_a_folder_that_is_named_gets_one_every_night_and_keeps_some(office, tmp_path):
    office.app.config.update(BACKUPS=tmp_path / "nights", BACKUP_DAYS=2)
    for day in (23, 24, 25, 26):
        office.clock.on(f"2026-11-{day}")
        ran = run_once(office.app, "backup", office.clock())
        assert ran.state == "done" and f"purser-2026-11-{day}-140000Z.zip, " in ran.outcome
        assert run_once(office.app, "backup", office.clock()).state == "already"
    assert sorted(os.listdir(tmp_path / "nights")) == [f"purser-2026-11-{day}-140000Z.zip" for day in (24, 25, 26)]
    code, said = command(office.app, "backup", "verify", tmp_path / "nights" / "purser-2026-11-26-140000Z.zip")
    assert code == 0, said


def test_where_no_folder_is_named_none_is_made(office):
    assert run_once(office.app, "backup", office.clock()).outcome == "no backup: PURSER_BACKUPS names no folder"


def test_nobody_who_writes_waits_for_the_backup_of_the_night(office, tmp_path, monkeypatch):
    office.app.config["BACKUPS"] = tmp_path
    begun, written = threading.Event(), threading.Event()
    make = making.make

    def slowly(*given):
        begun.set()
        assert written.wait(10), "the writer waited for the backup"
        return make(*given)

    monkeypatch.setattr(making, "make", slowly)
    job = threading.Thread(target=run_once, args=(office.app, "backup", office.clock()))
    job.start()
    assert begun.wait(20)
    a_basket(office, "routed")
    written.set()
    job.join()
    assert os.listdir(tmp_path) == ["purser-2026-11-23-140000Z.zip"]


def test_a_night_without_room_is_on_record_and_tried_again(office, tmp_path):
    (tmp_path / "full").write_text("")
    office.app.config["BACKUPS"] = tmp_path / "full"
    assert run_once(office.app, "backup", office.clock()).outcome == "failed: Refused"
    office.app.config["BACKUPS"] = tmp_path / "roomy"
    assert run_once(office.app, "backup", office.clock()).state == "done"


# Verifying.


def test_a_good_backup_passes_and_the_office_is_not_touched(backup, office):
    before = figures(office.app)
    code, said = command(office.app, "backup", "verify", backup)
    assert code == 0, said
    for sentence in (
        "the file holds what was written into it",
        "every balance is the sum of its postings",
        "every seal of the audit trail and of its days is right",
        "all 1 sealed numbers open with our keys",
        "The backup is good.",
    ):
        assert sentence in said
    assert "NOT CHECKED" not in said and figures(office.app) == before


def rewritten(backup: Path, change) -> Path:
    """The backup with other parts, as somebody with a ZIP program would make it."""
    with zipfile.ZipFile(backup) as parts:
        content = {name: parts.read(name) for name in parts.namelist()}
    change(content)
    other = backup.with_name("other.zip")
    with zipfile.ZipFile(other, "w", zipfile.ZIP_DEFLATED) as parts:
        for name, body in content.items():
            parts.writestr(name, body)
    return other


def say(content: dict[str, bytes], **changes) -> None:
    content["manifest.json"] = json.dumps(json.loads(content["manifest.json"]) | changes).encode()


def flip(content: dict[str, bytes]) -> None:
    name = next(one for one in content if one.startswith("database"))
    body = bytearray(content[name])
    body[len(body) // 2] ^= 0xFF
    content[name] = bytes(body)


DAMAGE = {
    "cut off": (lambda file: file.write_bytes(file.read_bytes()[:-5000]), "or not whole"),
    "empty": (lambda file: file.write_bytes(b""), "is no backup of Purser"),
    "something else": (lambda file: file.write_text("minutes of the meeting"), "is no backup of Purser"),
    # Of one bit alone what was packed may come out the same: repeated bytes can be copied from several places.
    "some bytes": (
        lambda file: file.write_bytes(
            (whole := file.read_bytes())[: len(whole) // 2]
            + bytes(one ^ 0x5A for one in whole[len(whole) // 2 :][:32])
            + whole[len(whole) // 2 + 32 :]
        ),
        "is damaged",
    ),
    "a byte, packed anew": (lambda file: rewritten(file, flip).rename(file), "is damaged"),
    "no database": (
        lambda file: rewritten(file, lambda parts: parts.pop(max(parts, key=lambda name: len(parts[name])))).rename(
            file
        ),
        "or not whole",
    ),
    "of a later format": (lambda file: rewritten(file, lambda parts: say(parts, format=2)).rename(file), "format 2"),
    "of a newer version": (
        lambda file: rewritten(file, lambda parts: say(parts, revision="9999")).rename(file),
        "newer version of Purser",
    ),
    "nonsense": (
        lambda file: rewritten(file, lambda parts: say(parts, keys={"field/1": 3}, counts={"document": "many"})).rename(
            file
        ),
        "or not whole",
    ),
    "other numbers": (
        lambda file: rewritten(file, lambda parts: say(parts, made_at="2026-11-22T14:00:00+00:00")).rename(file),
        "manifest was changed",
    ),
}


@pytest.mark.parametrize(("harm", "words"), DAMAGE.values(), ids=DAMAGE.keys())
def test_a_damaged_backup_is_found_and_not_restored(backup, office, elsewhere, harm, words):
    harm(backup)
    for verb, app in (("verify", office.app), ("restore", elsewhere)):
        code, said = command(app, "backup", verb, backup)
        assert code == 1 and words in said, said
    code, said = command(elsewhere, "backup", "make", backup.with_name("x.zip"))
    assert code == 1 and "flask --app app setup" in said, "nothing was restored"


def test_a_file_that_is_not_there_is_named(office, tmp_path):
    code, said = command(office.app, "backup", "verify", tmp_path / "lost.zip")
    assert code == 1 and "There is no file" in said and "lost.zip" in said


def test_books_that_do_not_agree_and_an_edited_trail_are_found(office, tmp_path, elsewhere):
    with office.app.app_context(), db.engine.begin() as connection:
        past_the_walls(connection)
        connection.execute(text("UPDATE posting SET amount = amount + 1 WHERE id = 1"))
        connection.execute(text("UPDATE audit_head SET seal = 'x' WHERE id = 1"))
    file = tmp_path / "drifting.zip"
    assert command(office.app, "backup", "make", file)[0] == 0
    code, said = command(office.app, "backup", "verify", file)
    assert code == 1 and "WRONG: The books do not agree: S1" in said and "its end is missing or was changed" in said
    assert "Do not rely on drifting.zip" in said
    code, said = command(elsewhere, "backup", "restore", file)
    assert code == 1 and "Nothing was restored" in said
    code, said = command(elsewhere, "backup", "restore", file, "--anyway")
    assert code == 1 and "Restored." in said and "WRONG: The books do not agree" in said
    assert figures(elsewhere) == figures(office.app)
