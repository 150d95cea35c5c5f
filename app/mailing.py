"""The mails: sent by a job, one by one, each claimed in the database before it goes out.

Where nobody listens, everything stays queued and is tried again after a pause that grows. Two senders at once send
nothing twice: the claim is an update that only one of them makes. Source: DOC-15, decision 0030."""

import logging
import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from flask import current_app
from sqlalchemy import select, update
from sqlalchemy.orm import Session, joinedload

from app.entities.document import Document
from app.entities.notices import Mail, Notice
from app.office import Office
from app.rules.notices import MOST_TRIES, pause_after

log = logging.getLogger(__name__)

MOST_AT_ONCE = 200
PATIENCE = 20  # seconds for an answer of the mail server

Send = Callable[[EmailMessage], None]


class NoServer(Exception):
    """Nobody listens, or whoever does will not talk to us."""


@dataclass(frozen=True)
class Post:
    """Where mails go, and what they say of us. `server` is `smtp://name:password@host:587?starttls=1` or
    `smtps://host`; `address` is where people reach the office's pages."""

    server: str
    sender: str
    address: str

    @contextmanager
    def opened(self) -> Iterator[Send]:
        """A connection to the mail server. Errors: NoServer."""
        where = urlsplit(self.server)
        host, secure = where.hostname or "localhost", where.scheme == "smtps"
        kind: Any = smtplib.SMTP_SSL if secure else smtplib.SMTP
        how = {"context": ssl.create_default_context()} if secure else {}
        try:
            connection = kind(host, where.port or (465 if secure else 25), timeout=PATIENCE, **how)
            if parse_qs(where.query).get("starttls") == ["1"]:
                connection.starttls(context=ssl.create_default_context())
            if where.username:
                connection.login(unquote(where.username), unquote(where.password or ""))
        except (OSError, smtplib.SMTPException) as problem:
            raise NoServer(type(problem).__name__) from problem
        try:
            yield connection.send_message
        finally:
            try:
                connection.quit()
            except (OSError, smtplib.SMTPException):
                connection.close()


def post_of(config: Any) -> Post | None:
    """Where this installation's mails go; nothing when mail is switched off."""
    return Post(config["SMTP_URL"], config["MAIL_FROM"], config["ADDRESS"]) if config["SMTP_URL"] else None


def send_queued(session: Session, office: Office) -> str:
    """Send what is due. Each mail is a transaction of its own, so that nothing waits for the mail server."""
    post = post_of(current_app.config)
    if post is None:
        return "mail is switched off"
    session.commit()  # while we talk to the server, nobody waits for our transaction
    due = session.scalars(_due(office).with_only_columns(Mail.id).limit(MOST_AT_ONCE)).all()
    session.rollback()
    counts = {"sent": 0, "put off": 0, "given up": 0}
    if due:
        try:
            with post.opened() as send:
                for key in due:
                    counts[_send_one(session, office, post, send, key)] += 1
        except NoServer as problem:
            # Nothing was claimed: all of it stays due, and the next run tries again.
            log.warning("the mail server cannot be reached: %s", problem)
            return f"the mail server cannot be reached; {len(due)} mails wait"
    counts.pop("", None)
    return ", ".join(f"{number} {what}" for what, number in counts.items())


def _due(office: Office) -> Any:
    return (
        select(Mail)
        .where(Mail.sent_at.is_(None), Mail.given_up_at.is_(None), Mail.due_at <= office.now())
        .order_by(Mail.due_at, Mail.id)
    )


def _claimed(session: Session, office: Office, key: int) -> Mail | None:
    """Take a mail, so that no other sender does. It is due again after a pause, should we die before it is sent."""
    mail = session.scalar(select(Mail).where(Mail.id == key).options(joinedload(Mail.notice).joinedload(Notice.user)))
    if mail is None or mail.sent_at is not None or mail.due_at > office.now():
        session.rollback()
        return None
    now, tries = office.now(), mail.tries
    taken = session.execute(
        update(Mail.__table__)
        .where(Mail.__table__.c.id == key, Mail.__table__.c.tries == tries, Mail.__table__.c.sent_at.is_(None))
        .values(tries=tries + 1, due_at=now + pause_after(tries + 1))
    )
    session.commit()
    return mail if taken.rowcount == 1 else None  # type: ignore[attr-defined]


def _send_one(session: Session, office: Office, post: Post, send: Send, key: int) -> str:
    mail = _claimed(session, office, key)
    if mail is None:
        return "put off"
    if not mail.notice.user.active:
        return _ended(session, office, mail, "the account is closed")
    try:
        message = message_of(session, post, mail)
    except ValueError as problem:
        return _ended(session, office, mail, f"no address to send it to: {problem}")
    try:
        send(message)
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError, smtplib.SMTPSenderRefused) as refused:
        return _refused(session, office, mail, refused)
    except (OSError, smtplib.SMTPException) as problem:
        return _put_off(session, mail, type(problem).__name__)
    mail.sent_at, mail.problem = office.now(), ""
    session.commit()
    return "sent"


def _refused(session: Session, office: Office, mail: Mail, refused: Any) -> str:
    """A server that says "never" (5..) is believed, one that says "not now" (4..) is asked again."""
    recipients = getattr(refused, "recipients", None)
    code = next(iter(recipients.values()))[0] if recipients else getattr(refused, "smtp_code", 500)
    if 400 <= int(code) < 500 and mail.tries < MOST_TRIES:
        return _put_off(session, mail, f"put off by the server ({code})")
    return _ended(session, office, mail, f"refused by the server ({code})")


def _put_off(session: Session, mail: Mail, why: str) -> str:
    mail.problem = why[:200]
    session.commit()
    return "put off"


def _ended(session: Session, office: Office, mail: Mail, why: str) -> str:
    mail.given_up_at, mail.problem = office.now(), why[:200]
    session.commit()
    return "given up"


# What a mail says.


def _plain(text: str) -> str:
    """Words without anything that could begin another header or hide from the eye."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def message_of(session: Session, post: Post, mail: Mail) -> EmailMessage:
    """A notice as a plain mail, with the way to its document. Errors: ValueError for an address that is none."""
    notice, user = mail.notice, mail.notice.user
    local, _, domain = _plain(user.email or "").rpartition("@")
    if not local or not domain:
        raise ValueError("the account has none")
    name = _plain(f"{user.first_name} {user.last_name}")
    message = EmailMessage()
    message["Subject"] = _plain(notice.text)[:150]
    message["From"] = post.sender
    message["To"] = Address(name, local, domain)
    message["Message-ID"] = f"<notice-{notice.id}@{urlsplit(post.address).hostname or 'purser'}>"
    message["Auto-Submitted"] = "auto-generated"
    message["Date"] = notice.at
    document = session.get(Document, notice.document_id) if notice.document_id is not None else None
    place = f"/{document.kind.replace('_', '-')}/show/{document.id}" if document is not None else "/notices/"
    message.set_content(
        f"{_plain(notice.text)}\n\n{post.address}{place}\n\n"
        f"You choose which notices come by e-mail: {post.address}/notices/preferences\n"
    )
    return message
