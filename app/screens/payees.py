"""A vendor's tax ids and bank accounts: masked wherever they stand, shown in full once to who may and says who they are,
and on record. Source: VR-02, VR-10, DOC-06, MO-10."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import make_response, request, url_for
from flask_appbuilder import expose
from markupsafe import Markup
from sqlalchemy import select
from wtforms.validators import InputRequired

from app import audit
from app.entities.payees import TaxId
from app.entities.vendors import Vendor
from app.extensions import db
from app.rules import payees
from app.screens import second_factor, security
from app.screens.base import Screen
from app.screens.forms import RecordForm, SecretField
from app.screens.gate import actor, allowed, office
from app.screens.present import moment
from app.sealing import Secret, blind_index, blind_indexes

NOT_PROVED = "This is not your password, or it was tried too often. Nothing was shown."


def _link(there: str, words: Any) -> Markup:
    return Markup('<a class="docnum" href="{}">{}</a>').format(there, words)


class SealedNumber(Screen):
    """What both have in common: a number typed twice and seen by nobody, until somebody asks for it."""

    show_template = "vendors/payee.html"
    order_columns = ("id",)
    lookup_columns = ("id",)
    context = ""
    row_verbs: Sequence[str] = ("reveal",)

    def form_class(self) -> type[RecordForm]:
        form = super().form_class()
        form.number_again = SecretField(
            "Number again",
            [InputRequired("Type the number again.")],
            description="Typed twice, because nobody can read it here.",
        )
        return form

    def cell(self, record: Any, name: str) -> Any:
        """The masked number leads to the record's page, the vendor to its own."""
        there = None
        if name == "number":
            there = self.show_url(record)
        elif name == "vendor" and actor().may("show", Vendor):
            there = url_for("VendorScreen.show", pk=record.vendor_id)
        return _link(there, getattr(record, name)) if there else super().cell(record, name)

    def row_buttons(self, record: Any) -> Sequence[Mapping[str, Any]]:
        if not self.may("reveal"):
            return ()
        return ({"url": self.url("reveal", pk=record.id), "label": "Reveal", "symbol": "eye", "signs": "ask"},)

    def check(self, record: Any, form: RecordForm) -> None:
        """The number is well formed, and was typed the same twice. From here on it stands in one spelling."""
        if record.number is None or record.vendor is None:
            return
        typed = record.number.reveal()
        again = form["number_again"].data
        if again is None or payees.normal(again.reveal()) != payees.normal(typed):
            form["number_again"].errors = ["The two numbers are not the same. Type both again."]
        self._add(form, "number", self.problems(record, typed))
        record.number = Secret(payees.normal(typed))

    def problems(self, record: Any, typed: str) -> Sequence[str]:
        """What is wrong with the number itself."""
        return ()

    def _add(self, form: RecordForm, name: str, problems: Sequence[str]) -> None:
        form[name].errors = [*form[name].errors, *problems]

    def alike(self, record: Any) -> Sequence[Any]:
        """The records that hold the same number, found without opening any."""
        same = self.entity.number_index.in_(blind_indexes(record.number.reveal(), self.context))
        return list(db.session.scalars(select(self.entity).where(same).order_by(self.entity.id).limit(20)))

    def before_save(self, record: Any, new: bool) -> None:
        """What finds the number again."""
        record.number_index = blind_index(record.number.reveal(), self.context)

    @expose("/show/<pk>")
    @allowed("show")
    def show(self, pk: str) -> Any:
        """One record, its number masked, with what can be done with it."""
        return self._page_of(self.load(pk))

    def _page_of(self, record: Any, problems: Sequence[str] = (), status: int = 200) -> Any:
        told = [{"anchor": "", "message": one} for one in problems]
        return self.page(self.show_template, record=record, title=str(record), inner=(), problems=told), status

    @expose("/reveal/<pk>", methods=["POST"])
    @allowed("reveal")
    def reveal(self, pk: str) -> Any:
        """The whole number, once: for who has just given their password, and on record (VR-10)."""
        record = self.load(pk)
        if not security.proves(request.form.get("password", "")):
            return self._page_of(self.load(pk), [NOT_PROVED], 422)
        if why := second_factor.step_up(request.form.get("code", "")):
            return self._page_of(self.load(pk), [why], 422)
        record = self.load(pk)
        number = record.number.reveal()
        audit.note(db.session(), "revealed", record, str(record.number))
        db.session.commit()
        page = self.page(
            "vendors/revealed.html",
            record=record,
            title=str(record),
            number=number,
            when=moment(office().now()),
        )
        answer = make_response(page)
        answer.headers["Cache-Control"] = "no-store"
        return answer


class TaxIdScreen(SealedNumber, of=TaxId):
    title, plural = "Tax id", "Tax ids"
    context = "tax_id.number"
    list_columns = ("vendor", "kind", "number", "label")
    show_columns = list_columns
    search_columns = ("vendor", "kind")
    edit_columns = ("vendor", "kind", "label", "number")
    labels = {"label": "Note"}
    hints = {
        "number": "With or without dashes. It is kept encrypted and shown as •••6789.",
        "label": "Where it is from, such as form W-9 of a day.",
    }
    choices = {
        "kind": [
            ("FEIN", "Employer (FEIN)"),
            ("SSN", "Social security number"),
            ("ITIN", "Individual taxpayer (ITIN)"),
            ("foreign", "Foreign"),
        ]
    }
    exclude_route_methods = {"edit"}

    def problems(self, record: Any, typed: str) -> Sequence[str]:
        problems = list(payees.tax_number(record.kind, typed))
        if not problems:
            record.number = Secret(payees.normal(typed))
            problems = list(payees.tax_id_is_free(record.vendor, [one.vendor for one in self.alike(record)]))
        return problems

    def before_save(self, record: Any, new: bool) -> None:
        super().before_save(record, new)
        record.suffix = record.vendor.suffix
