"""Flask-AppBuilder's way to a table, told that a kind of document is a document."""

from typing import Any

from flask_appbuilder.models.sqla.interface import SQLAInterface


class Records(SQLAInterface):
    """FAB compares classes by identity, which misses every kind of Document; we compare by descent."""

    def get_related_fk(self, model: Any) -> Any:
        return next(
            (
                name
                for name in self.list_properties
                if self.is_relation_many_to_one(name) and issubclass(model, self.get_related_model(name))
            ),
            None,
        )
