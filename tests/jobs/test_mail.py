"""Notices go out by e-mail to those who want that: nothing is lost while the mail server is away, and nothing is sent
twice. A real server takes them. Source: DOC-15."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from app import jobs, mailing, reminders
from app.entities.notices import Mail, Notice, NoticePreference
from app.rules.notices import LONGEST_PAUSE, NOTICES, Ways, pause_after, ways
from tests.support.jobs import run, told
from tests.support.mail import Mailbox, mail_server, switch_on
from tests.support.making import a_request, records
from tests.support.pages import form_to
from tests.support.people import Person

NOBODY = "smtp://127.0.0.1:9"
"""A port where no server listens."""


@pytest.fixture
def post(both):
    with mail_server(both) as mailbox:
        yield mailbox


def send(world) -> str:
    """A run of the job."""
    with records(world) as session:
        said = mailing.send_queued(session, world.app.extensions["office"])
        session.commit()
        return said


def queued(world) -> int:
    with records(world) as session:
        return session.scalar(select(func.count(Mail.id)).where(Mail.sent_at.is_(None))) or 0


def prefer(world, name: str, kind: str, in_app: bool, by_mail: bool) -> None:
    with records(world) as session:
        session.add(NoticePreference(user_id=world.ids[name], kind=kind, in_app=in_app, by_mail=by_mail))
        session.commit()


def test_who_has_something_to_sign_is_told_with_the_way_to_it(both, post: Mailbox):
    request = a_request(both, "routed", title="Printers")
    assert queued(both) == 2, "both approvers of the clinic"
    assert send(both) == "2 sent, 0 put off, 0 given up"
    assert sorted(post.addressees) == ["approver@example.org", "chief@example.org"]
    (mail, _) = post.taken
    assert "waits for your signature: Printers" in mail["Subject"] and mail["From"] == "Purser <purser@example.gov>"
    body = mail.get_content().splitlines()
    assert f"https://purser.example.gov/purchase-request/show/{request}" in body
    assert body[-1].endswith("https://purser.example.gov/notices/preferences")
    assert mail["Auto-Submitted"] == "auto-generated" and mail.get_content_type() == "text/plain"
    assert send(both) == "0 sent, 0 put off, 0 given up" and len(post.taken) == 2, "once only"
    assert Person(both.app, "approver").get("/notices/").text.count("waits for your signature") == 0, (
        "the inbox says so"
    )


def test_nothing_is_lost_while_the_server_is_away(both):
    with mail_server(both) as post:
        switch_on(both, NOBODY)
        a_request(both, "disapproved")
        before = queued(both)
        assert before == 3, "two to sign it, one to correct it"
        for _ in range(3):
            assert send(both) == f"the mail server cannot be reached; {before} mails wait"
        assert queued(both) == before
        switch_on(both, post.url)
        assert send(both) == f"{before} sent, 0 put off, 0 given up"
        assert "requester@example.org" in post.addressees and queued(both) == 0


def test_a_server_that_says_not_now_is_asked_again_after_a_pause(both, post: Mailbox):
    a_request(both, "routed")
    post.answer = "451 not now"
    assert send(both) == "0 sent, 2 put off, 0 given up"
    post.answer = ""
    assert send(both) == "0 sent, 0 put off, 0 given up", "not before its pause is over"
    both.clock.moment += timedelta(minutes=2)
    assert send(both) == "2 sent, 0 put off, 0 given up" and len(post.taken) == 2


def test_a_server_that_says_never_is_believed(both, post: Mailbox):
    a_request(both, "routed")
    post.answer = "550 no such person"
    assert send(both) == "0 sent, 0 put off, 2 given up"
    both.clock.moment += timedelta(days=1)
    post.answer = ""
    assert send(both) == "0 sent, 0 put off, 0 given up" and post.taken == []


def test_two_senders_at_once_send_nothing_twice(both, post: Mailbox):
    for _ in range(5):
        a_request(both, "routed")
    start, said = threading.Barrier(3), []

    def one() -> None:
        start.wait()
        said.append(send(both))

    threads = [threading.Thread(target=one) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    names = [mail["Message-ID"] for mail in post.taken]
    assert len(names) == len(set(names)) == 10, said
    assert queued(both) == 0


def test_a_sender_that_died_is_followed_by_another(both, post: Mailbox):
    """Claimed and not sent: after its pause it is due again, under the same name, so that a reader can tell."""
    a_request(both, "routed")
    office = both.app.extensions["office"]
    with records(both) as session:
        key = session.scalars(select(Mail.id)).first()
        assert mailing._claimed(session, office, key) is not None
        assert mailing._claimed(session, office, key) is None, "nobody takes it a second time"
    assert send(both) == "1 sent, 0 put off, 0 given up"
    both.clock.moment += pause_after(1)
    assert send(both) == "1 sent, 0 put off, 0 given up" and len(post.taken) == 2


def test_the_mail_is_queued_with_its_notice_or_not_at_all(both, post: Mailbox):
    with records(both) as session:
        before = session.scalar(select(func.count(Notice.id)))
    draft = a_request(both)
    assert Person(both.app, "outsider").press("purchase-request", draft, "route").status_code in (403, 404)
    with records(both) as session:
        assert session.scalar(select(func.count(Notice.id))) == before and queued(both) == 0


def test_each_hears_as_they_wish(both, post: Mailbox):
    prefer(both, "approver", "arrived", True, False)
    prefer(both, "chief", "arrived", False, False)
    prefer(both, "requester", "signed", False, True)
    a_request(both, "approved", title="Lamps")
    send(both)
    assert post.addressees == ["requester@example.org"]
    assert "waits for your signature: Lamps" in Person(both.app, "approver").get("/notices/").text
    assert "approved it" not in Person(both.app, "requester").get("/notices/").text


def test_what_is_switched_off_is_neither_counted_nor_written_again(both):
    prefer(both, "requester", "signed", False, False)
    a_request(both, "approved")
    rosa = Person(both.app, "requester")
    assert "All read." in rosa.get("/notices/").text
    assert queued(both) == 0


def test_without_a_server_nothing_is_queued(both):
    a_request(both, "disapproved")
    assert queued(both) == 0 and send(both) == "mail is switched off"


HOSTILE = "Paper\r\nBcc: everybody@example.com\r\n\r\n<b>now</b>\u2028\u202e"


def test_what_people_write_cannot_begin_a_header(both, post: Mailbox):
    a_request(both, "routed", title="Paper")
    with records(both) as session:
        session.execute(update(Notice).values(text=HOSTILE))
        session.commit()
    send(both)
    for mail in post.taken:
        assert mail["Bcc"] is None and mail["Subject"].startswith("Paper Bcc: everybody@example.com")
        assert set(mail.keys()) == {
            "Subject", "From", "To", "Message-ID", "Auto-Submitted", "Date", "Content-Type",
            "Content-Transfer-Encoding", "MIME-Version", "X-Peer", "X-MailFrom", "X-RcptTo",
        } - ({"X-Peer", "X-MailFrom", "X-RcptTo"} - set(mail.keys()))  # fmt: skip


@pytest.mark.parametrize("email", ["", "nobody", "@", "a@b\r\nBcc: x@example.com", "x" * 60 + "@"])
def test_an_address_that_is_none_is_given_up_and_the_others_go_out(both, post: Mailbox, email):
    from flask_appbuilder.security.sqla.models import User

    a_request(both, "routed")
    with records(both) as session:
        session.execute(update(User).where(User.username == "approver").values(email=email))
        session.commit()
    said = send(both)
    assert said in ("1 sent, 0 put off, 1 given up", "2 sent, 0 put off, 0 given up")
    assert "chief@example.org" in post.addressees and all(mail["Bcc"] is None for mail in post.taken)


def test_the_scheduler_knows_the_job_and_a_closed_account_gets_nothing(both, post: Mailbox):
    from flask_appbuilder.security.sqla.models import User

    a_request(both, "routed")
    with records(both) as session:
        session.execute(update(User).where(User.username == "chief").values(active=False))
        session.commit()
    ran = jobs.run_once(both.app, "mail", both.clock())
    assert (ran.state, ran.outcome) == ("done", "1 sent, 0 put off, 1 given up")
    assert jobs.run_once(both.app, "mail", both.clock()).state == "already"


def at_next_noon(world) -> str:
    """A run of the job that looks for people who are not reached, on the next day."""
    world.clock.moment += timedelta(days=1)
    return run(world, "addresses").outcome


def test_administrators_are_told_whom_no_mail_reaches(both, post: Mailbox):
    a_request(both, "routed")
    assert at_next_noon(both) == "everybody is reached", "what is queued is not lost"
    post.answer = "550 no such person"
    send(both)
    assert at_next_noon(both) == "2 people are not reached"
    said = [
        f"No e-mail reaches {name} since 2026-11-24: refused by the server (550). Correct the address under Accounts"
        for name in ("Amos Approver", "Carla Chief")
    ]
    assert sorted(told(both, "admin")) == said and told(both, "fiscal") == [], "who can correct it"
    assert at_next_noon(both) == "2 people are not reached" and sorted(told(both, "admin")) == said, "once"

    post.answer = ""
    a_request(both, "routed")
    send(both)
    assert at_next_noon(both) == "everybody is reached", "the latest mail arrived"


def test_who_has_no_account_any_more_is_not_missed(both, post: Mailbox):
    from flask_appbuilder.security.sqla.models import User

    a_request(both, "routed")
    with records(both) as session:
        session.execute(update(User).where(User.username == "chief").values(active=False))
        session.execute(update(User).where(User.username == "approver").values(email="nowhere"))
        session.commit()
    assert send(both) == "0 sent, 0 put off, 2 given up"
    assert at_next_noon(both) == "1 people are not reached"
    assert [words.partition(": ")[2] for words in told(both, "admin")] == [
        "no address to send it to: the account has none. Correct the address under Accounts"
    ]


def test_many_at_once_are_counted(both, post: Mailbox, monkeypatch):
    monkeypatch.setattr(reminders, "MOST_AT_ONCE", 1)
    a_request(both, "routed")
    post.answer = "550 go away"
    send(both)
    at_next_noon(both)
    one, all_of_them = told(both, "admin")
    assert one.startswith("No e-mail reaches Amos Approver since")
    assert all_of_them == ("No e-mail reaches 2 people in all. Ask whoever keeps the mail server (2026-11-24)")


# Preferences.


def test_preferences_are_ticked_and_kept(both):
    rosa = Person(both.app, "requester")
    form = form_to(rosa.get("/notices/preferences").text, "")
    ticked = [one for one in form.fields["way"] if one != "released:app"]
    assert rosa.post("/notices/preferences", **form.sent(way=[*ticked, "signed:mail"])).status_code == 200
    with records(both) as session:
        kept = {one.kind: (one.in_app, one.by_mail) for one in session.scalars(select(NoticePreference))}
    assert kept == {"released": (False, False), "signed": (True, True)}
    again = form_to(rosa.get("/notices/preferences").text, "").fields["way"]
    assert "signed:mail" in again and "released:app" not in again


def test_what_is_fixed_stays_whatever_is_sent(world):
    rosa = Person(world.app, "requester")
    rosa.post("/notices/preferences", way=["x", "returned", "returned:app:mail", "\x00", "fly:app"])
    a_request(world, "disapproved")
    assert "returned it" in rosa.get("/notices/").text
    with records(world) as session:
        assert {one.kind for one in session.scalars(select(NoticePreference))} <= set(NOTICES)


def test_preferences_are_each_persons_own(world):
    Person(world.app, "approver").post("/notices/preferences", way=[])
    before = form_to(Person(world.app, "requester").get("/notices/preferences").text, "").fields["way"]
    assert "signed:app" in before
    assert world.app.test_client().get("/notices/preferences").status_code == 302


@pytest.mark.parametrize(
    ("kind", "chosen", "heard"),
    [
        ("arrived", None, Ways(False, True)),
        ("arrived", Ways(True, False), Ways(True, False)),
        ("returned", Ways(False, False), Ways(True, False)),
        ("books", Ways(False, True), Ways(True, True)),
        ("something older", None, Ways(True, False)),
    ],
)
def test_ways(kind, chosen, heard):
    assert ways(kind, chosen) == heard


def test_pauses_grow_and_have_an_end():
    pauses = [pause_after(tries) for tries in range(1, 40)]
    assert pauses == sorted(pauses) and pauses[0] == timedelta(minutes=2) and pauses[-1] == LONGEST_PAUSE
