"""Home and inbox: what waits for me, what is late, what is left."""

from typing import Any

from flask import render_template
from flask_appbuilder import IndexView, expose

from app.screens.gate import signed_in


class HomeScreen(IndexView):
    """The first page."""

    @expose("/")
    @signed_in
    def index(self) -> Any:
        """Where the day begins."""
        return render_template("home.html", title="Home", appbuilder=self.appbuilder)
