"""Help: how the main job goes, for each role; the keys; what the words of a status mean."""

from typing import Any

from flask import render_template
from flask_appbuilder import BaseView, expose

from app.screens.gate import signed_in
from app.screens.present import chip


class HelpScreen(BaseView):
    """One page, and no manual."""

    route_base = ""
    default_view = "help"

    @expose("/help/")
    @signed_in
    def help(self) -> Any:
        """The page."""
        return render_template(
            "help/help.html",
            title="Help",
            appbuilder=self.appbuilder,
            statuses=[(chip(state), meaning) for state, meaning in STATUSES],
        )


STATUSES = (
    ("draft", "Only its owner works on it. It has no effect and can be changed or discarded."),
    ("routed", "It waits for signatures. Nobody changes it, except the approver whose turn it is."),
    ("disapproved", "An approver has sent it back with a reason. Correct it and route it again."),
    ("approved", "Everybody has signed. It is frozen, and somebody has to release it."),
    ("released", "It counts: money is set aside or spent, an order has gone out, an agreement may be ordered from."),
    ("closed", "It is done with. What it still held was given back."),
    ("cancelled", "It was given up before it counted, or taken back. It stays on record."),
    ("terminated", "An order or agreement was ended early. What had come in stays."),
    ("superseded", "A modification has taken its place."),
)
"""State → what it means to the people who work with it."""
