"""A column that the database cannot read."""

import logging
from typing import Any, NoReturn

from sqlalchemy import Dialect, LargeBinary, TypeDecorator

from app.sealing import Closed, Secret, Unreadable, opened, seal

log = logging.getLogger(__name__)


class Sealed(TypeDecorator[Secret]):
    """A `Secret`, encrypted on its way into the database and opened when it is loaded. `context` is "table.column", and
    what is sealed is bound to it. It can be neither compared nor sorted in SQL: a blind index beside it finds it.
    Source: VR-10."""

    impl = LargeBinary
    cache_ok = True

    class Comparator(TypeDecorator.Comparator[Any]):
        """Whoever filters by what is sealed would never find anything: better to say so."""

        def operate(self, op: Any, *other: Any, **how: Any) -> NoReturn:
            raise TypeError("a sealed column is not compared; ask its blind index")

    comparator_factory = Comparator

    def __init__(self, context: str) -> None:
        super().__init__()
        self.context = context

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:
        if value is None:
            return None
        if not isinstance(value, Secret):
            raise TypeError(f"{self.context} takes a Secret, so that the number shows itself nowhere on the way")
        return seal(value.reveal(), self.context)

    def process_result_value(self, value: Any, dialect: Dialect) -> Secret | None:
        if value is None:
            return None
        try:
            return Secret(opened(bytes(value), self.context))
        except Unreadable as why:
            log.error("%s", why)
            return Closed(str(why))
