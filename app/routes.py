"""How routes are kept: the function that writes a route's address is made when the first link to it is asked for."""

from collections.abc import Callable

from werkzeug.routing import Rule


class LateRule(Rule):
    """A route that compiles what writes its address with the first link to it. There are nearly 500 routes with two such
    functions each, most of them are never linked to, and to compile them all took most of the time in which the
    application is put together. Were Werkzeug to name its method otherwise, this would be as fast as before, not wrong."""

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        made: list[Callable[..., tuple[str, str]]] = []

        def build(rule: Rule, /, **values: object) -> tuple[str, str]:
            if not made:
                made.append(super(LateRule, self)._compile_builder(append_unknown))
            return made[0](rule, **values)

        return build
