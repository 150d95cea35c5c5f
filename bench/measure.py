"""The table: each operation some times over, what half of them and 95 of 100 stayed below, and the statements they took."""

import statistics
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from bench.client import Browser, Program, Session
from bench.operations import Operation, Work, deeds, pages

WARM = 4


@dataclass(frozen=True)
class Figure:
    """What was measured of one operation, in milliseconds."""

    name: str
    goal: float
    half: float
    most: float
    statements: int
    allowed: int

    @property
    def met(self) -> bool:
        """Whether the goal is met."""
        return self.half <= self.goal and (not self.allowed or self.statements <= self.allowed)


def measured(work: Work, say: Callable[[Figure], None], only: str = "") -> list[Figure]:
    """All operations, or those whose name has some words, one after the other."""
    figures = []
    for operation in (one for one in _all(work) if only in one.name):
        figure = _figure(operation)
        say(figure)
        figures.append(figure)
    return figures


def _all(work: Work) -> Iterable[Operation]:
    yield from pages(work)
    yield from deeds(work)


def _figure(operation: Operation) -> Figure:
    took, statements = [], 0
    for turn in range(WARM + operation.times):
        answers = operation.run(operation.prepare())
        if turn >= WARM:
            took.append(1_000 * sum(one.seconds for one in answers))
            statements = max(statements, sum(one.statements for one in answers))
    took.sort()
    return Figure(
        operation.name,
        operation.goal,
        statistics.median(took),
        took[int(0.95 * (len(took) - 1))],
        statements,
        operation.most_statements,
    )


@dataclass(frozen=True)
class Rate:
    """How many a second, all clients together."""

    name: str
    goal: float
    a_second: float


def rates(work: Work, seconds: float = 6.0, clients: int = 4) -> list[Rate]:
    """What two workers serve when several ask at once."""
    large = f"/purchase-request/show/{work.large}"
    return [
        Rate("calls for a list", 130, _rate(work, Program, "buyer", "/delivery-order?size=80", seconds, clients)),
        Rate("pages of a list", 60, _rate(work, Browser, "buyer", "/delivery-order/list/?size=100", seconds, clients)),
        Rate("opened documents", 60, _rate(work, Browser, "requester", large, seconds, clients)),
    ]


def _rate(work: Work, kind: type[Session], name: str, path: str, seconds: float, clients: int) -> float:
    sessions = [kind(work.address, name) for _ in range(clients)]
    for one in sessions:
        one.sign_in()
    done = [0] * clients
    end = time.perf_counter() + seconds

    def ask(number: int) -> None:
        while time.perf_counter() < end:
            sessions[number].get(path)
            done[number] += 1

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done) / seconds
