"""A mail server in this process: it keeps what it is given, or is told what to answer."""

import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller

from tests.support.world import World


@dataclass
class Mailbox:
    """What the server was given, and what it answers to the next ones: "" takes them."""

    taken: list[EmailMessage] = field(default_factory=list)
    answer: str = ""
    url: str = ""

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        """Take a mail, or refuse it."""
        if not self.answer:
            self.taken.append(message_from_bytes(envelope.content, policy=policy.default))  # type: ignore[arg-type]
        return self.answer or "250 taken"

    @property
    def addressees(self) -> list[str]:
        """To whom the mails went."""
        return [one["To"].addresses[0].addr_spec for one in self.taken]


@contextmanager
def mail_server(world: World) -> Iterator[Mailbox]:
    """A server that takes the mails of the small office, on a free port."""
    mailbox = Mailbox()
    port = _free_port()
    controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        mailbox.url = f"smtp://127.0.0.1:{port}"
        switch_on(world, mailbox.url)
        yield mailbox
    finally:
        controller.stop()


def _free_port() -> int:
    with closing(socket.socket()) as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def switch_on(world: World, url: str) -> None:
    """Let notices go out by e-mail."""
    world.app.config.update(SMTP_URL=url, MAIL_FROM="Purser <purser@example.gov>", ADDRESS="https://purser.example.gov")
    world.app.extensions["office"].mails = True


__all__ = ["Mailbox", "mail_server", "switch_on"]
