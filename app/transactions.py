"""One transaction, tried again when somebody else was faster, and a clash of two people in words. Source: DOC-07."""

import random
import time
from collections.abc import Callable, Iterable
from typing import TypeVar

from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from app.rules.deeds import Problem

T = TypeVar("T")

TRANSIENT = frozenset({"40001", "40P01", "55P03"})
"""PostgreSQL's words for: somebody else was faster, try again."""


class Refused(Exception):
    """The rules say no. Carries every problem, worded for the person at the screen."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = list(problems)
        super().__init__("; ".join(str(problem) for problem in self.problems))


def settled(session: Session, transaction: Callable[[], T], tries: int = 8) -> T:
    """What a transaction comes to. It is tried again when somebody else was faster, and rolled back when anything
    speaks against it. Errors: Refused, and those of the transaction."""
    for attempt in range(1, tries + 1):
        try:
            return transaction()
        except OperationalError as busy:
            session.rollback()
            if getattr(busy.orig, "sqlstate", None) not in TRANSIENT or attempt == tries:
                raise
            time.sleep(random.random() * min(0.02 * 2**attempt, 1))
        except (IntegrityError, StaleDataError) as clash:
            session.rollback()
            raise Refused([Problem(_in_words(clash))]) from clash
        except BaseException:
            session.rollback()
            raise
    raise AssertionError("unreachable")


CLASHES = {
    "invoice_number": "This vendor has already billed that invoice number.",
    "nothing_is_spent": "Another document has just used these funds. Look at the balance and try again.",
    "below_its_ceiling": "Another order has just used what was left of the agreement. Try again with less.",
}
"""Part of a constraint's name → what to tell the clerk whose request met it."""


def _in_words(clash: Exception) -> str:
    text = str(getattr(clash, "orig", clash))
    return next(
        (words for part, words in CLASHES.items() if part in text),
        "Somebody else changed this at the same moment. Look at it again and repeat.",
    )
