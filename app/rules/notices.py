"""Notices: which kinds there are, what of them a person may switch off, and when a mail is tried again. Source: DOC-15."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple


class Ways(NamedTuple):
    """How somebody hears of a kind of notice: in the application, by e-mail, both or not at all."""

    in_app: bool
    by_mail: bool


@dataclass(frozen=True)
class NoticeKind:
    """One kind of notice: what it is called, when it comes, and how people hear of it unless they say otherwise.
    One that is `fixed` is always shown in the application; by e-mail it may be switched off all the same."""

    key: str
    label: str
    when: str
    usual: Ways
    fixed: bool = False


NOTICES: Mapping[str, NoticeKind] = {one.key: one for one in (
    NoticeKind("arrived", "Something to sign", "A document has arrived in your inbox; it stands there anyway",
               Ways(False, True)),
    NoticeKind("waits", "Waits too long", "A document has waited too long for your signature", Ways(True, True)),
    NoticeKind("returned", "Returned to you", "A document of yours was returned to be corrected", Ways(True, True), True),
    NoticeKind("signed", "Approved", "A document of yours was approved", Ways(True, False)),
    NoticeKind("released", "Released", "A document of yours took effect", Ways(True, False)),
    NoticeKind("ended", "Cancelled or terminated", "A document of yours was cancelled or terminated", Ways(True, True)),
    NoticeKind("matched", "Goods came for an invoice", "Goods came that an invoice of yours waits for", Ways(True, False)),
    NoticeKind("review", "Vendor awaits review", "Somebody entered a vendor that you may approve", Ways(True, True)),
    NoticeKind("accept", "Goods to accept", "Goods came that you are named to accept", Ways(True, True)),
    NoticeKind("draft", "Invoice to complete", "Goods came, and an invoice was drafted for you", Ways(True, True)),
    NoticeKind("late", "Missed delivery", "An order of yours was not delivered in time", Ways(True, True)),
    NoticeKind("ending", "Agreement ends soon", "An agreement of yours ends within 60, then 30 days", Ways(True, True)),
    NoticeKind("books", "Books and security", "The books differ, or somebody should look", Ways(True, True), True),
)}  # fmt: skip

OF_MOVES: Mapping[str, str] = {
    "disapprove": "returned",
    "approve": "signed",
    "release": "released",
    "terminate": "ended",
    "cancel": "ended",
}
"""Action → the kind of notice that its owner gets."""


def ways(kind: str, chosen: Ways | None) -> Ways:
    """How a person hears of a notice: as they chose, or as is usual; what is fixed is shown whatever they chose."""
    known = NOTICES.get(kind)
    if known is None:
        return Ways(True, False)
    wanted = chosen or known.usual
    return Ways(wanted.in_app or known.fixed, wanted.by_mail)


MOST_TRIES = 30
LONGEST_PAUSE = timedelta(hours=6)


def pause_after(tries: int) -> timedelta:
    """How long to wait before a mail is tried again: two minutes, four, eight, and so on up to six hours."""
    return min(timedelta(minutes=2 ** min(tries, 12)), LONGEST_PAUSE)
