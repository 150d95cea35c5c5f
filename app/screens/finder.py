"""Find documents: every type at once, by what people remember of them. Source: DOC-12."""

from typing import Any

from flask import jsonify, render_template, request
from flask_appbuilder import BaseView, expose

from app.screens import found
from app.screens.gate import signed_in


class FinderScreen(BaseView):
    """The search that the palette leads to."""

    route_base = "/search"
    default_view = "index"

    @expose("/")
    @signed_in
    def index(self) -> Any:
        """What fits the words and filters in the address."""
        form = found.FinderForm(request.args)
        valid = form.validate()
        rows = found.documents(form) if valid and form.asks else []
        return render_template(
            "finder/finder.html",
            title="Find documents",
            appbuilder=self.appbuilder,
            form=form,
            asked=form.asks,
            valid=valid,
            rows=rows[: found.MOST],
            more=len(rows) > found.MOST,
            most=found.MOST,
        )

    @expose("/jump")
    @signed_in
    def jump(self) -> Any:
        """The first few documents and vendors for what is typed into the palette, as JSON."""
        return jsonify({"results": found.places(request.args.get("q", ""))})
