"""The table: each operation some times over, what half of them and 95 of 100 stayed below, and the statements they took."""

import statistics
import threading
import time
from collections.abc import Callable, Iterable, Sequence
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


def rates(work: Work, rounds: int = 3) -> list[Rate]:
    """What two workers serve when several ask at once: what half of some rounds stayed below, because connections that
    last may all have fallen to one of the two. The opened documents are the newest orders, one after the other."""
    orders = [
        f"/delivery-order/show/{one['id']}" for one in work.by["buyer"].get("/delivery-order?size=80").json["rows"]
    ]

    def rate(name: str, goal: float, kind: type[Session], paths: Sequence[str]) -> Rate:
        return Rate(name, goal, statistics.median(_rate(work, kind, paths) for _ in range(rounds)))

    return [
        rate("calls for a list", 130, Program, ["/delivery-order?size=80"]),
        rate("pages of a list", 60, Browser, ["/delivery-order/list/?size=80"]),
        rate("opened documents", 60, Browser, orders),
    ]


def _rate(work: Work, kind: type[Session], paths: Sequence[str], seconds: float = 4.0, clients: int = 4) -> float:
    sessions = [kind(work.address, "buyer") for _ in range(clients)]
    for one in sessions:
        one.sign_in()
    done = [0] * clients
    end = time.perf_counter() + seconds

    def ask(number: int) -> None:
        while time.perf_counter() < end:
            sessions[number].get(paths[(number + clients * done[number]) % len(paths)])
            done[number] += 1

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done) / seconds
