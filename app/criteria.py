"""Many row rules, or many loading options, as one option of a statement, whose part of the cache key is made once and not
for each statement.

SQLAlchemy takes a `with_loader_criteria` for each entity and walks through all of them whenever a statement runs; with
two dozen rules that is eight ninths of the time of a small query. Why it may be kept: docs/decisions/0021-row-rules-as-one-option.md."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy.orm import LoaderCriteriaOption
from sqlalchemy.orm.interfaces import CriteriaOption, LoaderOption
from sqlalchemy.sql.cache_key import anon_map


class Remembered:
    """A key that is hashed once. Two are equal when what they hold is equal."""

    __slots__ = ("hashed", "held")

    def __init__(self, held: tuple[Any, ...]) -> None:
        self.held, self.hashed = held, hash(held)

    def __hash__(self) -> int:
        return self.hashed

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Remembered) and self.held == other.held)


class Together:
    """Several options that are carried as one; each part does what it does."""

    parts: tuple[Any, ...]

    def process_compile_state(self, compile_state: Any) -> None:
        """Add the parts to a statement that is compiled."""
        for part in self.parts:
            part.process_compile_state(compile_state)

    def process_compile_state_replaced_entities(self, compile_state: Any, mapper_entities: Any) -> None:
        """The same for a statement whose entities were exchanged, such as a count."""
        for part in self.parts:
            part.process_compile_state_replaced_entities(compile_state, mapper_entities)


class Criteria(Together, CriteriaOption):
    """All the criteria of one person, added to a statement and to what is loaded through its result."""

    propagate_to_loaders = True
    inherit_cache = True

    def __init__(self, parts: Iterable[LoaderCriteriaOption]) -> None:
        self.parts = tuple(parts)
        # Values are no part of the key: SQLAlchemy takes them from `values` when it runs a statement that it compiled
        # for somebody else who sees as many offices. The rules share no expression with any statement, so that names
        # given to them here cannot be mixed up with those of the statement.
        names, self.values = anon_map(), []  # type: ignore[var-annotated]
        self.key = Remembered(tuple(part._gen_cache_key(names, self.values) for part in self.parts))

    def _gen_cache_key(self, anon_map: Any, bindparams: list[Any]) -> tuple[Any, ...]:
        bindparams.extend(self.values)
        return (Criteria, self.key)

    def get_global_criteria(self, attributes: dict[Any, Any]) -> None:
        """The same for an UPDATE or a DELETE."""
        for part in self.parts:
            part.get_global_criteria(attributes)


class Loading(Together, LoaderOption):
    """What is loaded with a record, as one option. It is made once, holds no values, and stays as it is as long as the
    program runs, so that its key is itself. Errors: ValueError for a part with a condition of its own (`and_`), whose
    values would stay those of the first who asked."""

    propagate_to_loaders = True
    inherit_cache = True

    def __init__(self, parts: Iterable[Any]) -> None:
        self.parts = tuple(parts)
        names, values = anon_map(), []  # type: ignore[var-annotated]
        for part in self.parts:
            part._gen_cache_key(names, values)
        if values:
            raise ValueError("An option with a condition of its own belongs into the statement, not into a Loading.")

    def _gen_cache_key(self, anon_map: Any, bindparams: list[Any]) -> tuple[Any, ...]:
        return (Loading, self)
