"""A funding strip of one number, and people who spend from it at the same time: for tests of the database engine."""

import threading
from collections.abc import Callable

from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.orm import Session

from app.engine import engine_options, install


def connect(url: str, read_only: Callable[[], bool] = lambda: False) -> Engine:
    engine = create_engine(url, **engine_options(url))
    install(engine, read_only, lambda: True)
    return engine


def spent(connection: Connection | Session) -> int:
    return connection.execute(text("SELECT spent FROM strip WHERE id = 1")).scalar_one()


def read(engine: Engine) -> int:
    with engine.connect() as connection:
        return spent(connection)


def spend_one_more(engine: Engine) -> None:
    """Read, think, write: what a careless screen does. The row is locked where the database locks rows."""
    lock = " FOR UPDATE" if engine.dialect.name == "postgresql" else ""
    with engine.begin() as connection:
        before = connection.execute(text(f"SELECT spent FROM strip WHERE id = 1{lock}")).scalar_one()
        connection.execute(text("UPDATE strip SET spent = :after WHERE id = 1"), {"after": before + 1})


def run_all(*jobs: Callable[[], object]) -> list[BaseException]:
    """Run the jobs at the same time; what they raised."""
    errors: list[BaseException] = []

    def run(job: Callable[[], object]) -> None:
        try:
            job()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors
