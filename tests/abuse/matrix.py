"""Who reaches what: every route of the application, called by every role, with a record of the clinic and with one of
the parks, and what came back.

The answers stand in golden_matrix.json, so that a right that changes is seen by whoever reviews the change. After a
screen was added or a right was changed, write them anew and read the difference:

    python -m tests.abuse.matrix
"""

import hashlib
import json
import sys
import tempfile
from collections.abc import Iterator
from io import BytesIO
from itertools import product
from pathlib import Path
from typing import Any

from flask import Flask
from jinja2 import ChoiceLoader, DictLoader
from sqlalchemy import inspect, select, update
from werkzeug.routing import Rule

from app.extensions import db
from app.models import (
    Attachment,
    CatalogItem,
    Delegation,
    Document,
    FundingTemplate,
    FundingTemplatePart,
    Holiday,
    ItemPicture,
    JobRun,
    Organization,
    OrganizationAddress,
    OrganizationContact,
    Policy,
    Posting,
    Profile,
    SourceBank,
    StripBalance,
    VendorAddress,
    VendorCommodity,
    VendorContact,
)
from app.rules.documents import KINDS
from app.screens.base import Screen
from app.screens.lookups import LOOKUPS
from tests.support.around import a_bank_account, a_tax_id, debar_vendor, hold_vendor
from tests.support.databases import Databases
from tests.support.making import (
    BENCH,
    PARKS,
    a_basket,
    a_receipt,
    a_released_order,
    a_request,
    an_agreement,
    an_invoice,
    an_order,
    records,
)
from tests.support.people import TOKEN, Person
from tests.support.world import CAST, Clock, World

GOLDEN = Path(__file__).parent / "golden_matrix.json"

PEOPLE = {role: name for name, (_, _, role, office) in reversed(CAST.items()) if office != "parks"}
"""Role → the person of the cast who holds it."""
ANONYMOUS = "nobody"
ROLES = [ANONYMOUS, *sorted(PEOPLE)]

NOT_PAGES = {"static", "styles", "appbuilder.static", "health.healthz", "health.readyz", "health.metrics"}

Answers = dict[str, dict[str, str]]
"""Route → "own" or "foreign" → what came back."""


def furnish(world: World) -> dict[str, tuple[int, int]]:
    """A record of the clinic and one of the parks for each table that has a screen. Where a table knows no offices,
    both are the same."""
    pairs = _documents(world) | _records(world)
    with records(world) as session:
        for screen in world.app.appbuilder.baseviews:  # type: ignore[attr-defined]
            if isinstance(screen, Screen) and screen.entity.__tablename__ not in pairs:
                first = session.scalar(select(screen.entity.id).order_by(screen.entity.id).limit(1))
                assert first is not None, f"furnish() makes no {screen.entity.__name__}"
                pairs[screen.entity.__tablename__] = (first, first)
    return pairs


def _documents(world: World) -> dict[str, tuple[int, int]]:
    clinic, parks = (
        a_released_order(world),
        an_order(world, "released", BENCHES, place=PARKS, vendor="B", agreement="B"),
    )
    pairs = {
        "market_basket": (a_basket(world), a_basket(world, "draft", BENCH, place=PARKS)),
        "purchase_request": (a_request(world), a_request(world, "draft", BENCH, place=PARKS)),
        "delivery_order": (an_order(world), an_order(world, "draft", BENCH, place=PARKS)),
        "receipt": (
            a_receipt(world, clinic, {1: "2"}, "draft"),
            a_receipt(world, parks, {1: "1"}, "draft", place=PARKS),
        ),
    }
    agreement = an_agreement(world)
    a_receipt(world, clinic, {1: "12"})
    a_receipt(world, parks, {1: "1"}, place=PARKS)
    pairs["invoice"] = (
        an_invoice(world, clinic, {1: ("1", "44.99")}, number="D-1"),
        an_invoice(world, parks, {1: ("1", "61.15")}, number="D-2", vendor="B", place=PARKS),
    )
    an_invoice(world, clinic, {1: ("1", "44.99")}, "released", number="D-3")
    an_invoice(world, parks, {1: ("0.5", "61.15")}, "released", number="D-4", vendor="B", place=PARKS)
    _hand_over(world, pairs["invoice"][1], "stranger")
    for one, other in [*pairs.values(), (agreement, agreement)]:
        _pin_papers(world, {one, other})
    from app.models import Payment

    with records(world) as session:
        paid = list(session.scalars(select(Payment.id).order_by(Payment.id)))
    return pairs | {"master_agreement": (agreement, agreement), "payment": (paid[0], paid[1])}


BENCHES = BENCH.__class__(
    "Toner", "1", "61.15", "7510", "item Toner cartridge, black", "agreement", funding={"P1": "100"}
)


def _hand_over(world: World, document: int, name: str) -> None:
    """Make a document somebody else's: who entered it sees it wherever it belongs."""
    with records(world) as session:
        session.execute(
            update(Document.__table__)
            .where(Document.__table__.c.id == document)
            .values(owner_id=world.ids[name], created_by_id=world.ids[name])
        )
        session.commit()


def _pin_papers(world: World, documents: set[int]) -> None:
    with records(world) as session:
        for one in documents:
            session.add(
                Attachment(
                    document_id=one,
                    file_name="note.txt",
                    media_type="text/plain",
                    size=3,
                    digest=hashlib.sha256(b"abc").hexdigest(),
                    content=b"abc",
                    added_by_id=world.ids["requester"],
                    added_at=world.clock(),
                )
            )
        session.commit()


def _records(world: World) -> dict[str, tuple[int, int]]:
    hold_vendor(world, "KCI")
    debar_vendor(world, "KCI")
    a_tax_id(world)
    a_bank_account(world)
    ids, today = world.ids, world.clock().date()
    with records(world) as session:
        made: dict[str, list[Any]] = {"funding_template": [], "funding_template_part": [], "delegation": []}
        for office, strip, of, to in (
            ("clinic", "S1", "requester", "approver"),
            ("parks", "P1", "outsider", "stranger"),
        ):
            template = FundingTemplate(name=f"All of {office}", organization_id=ids[office])
            template.parts = [FundingTemplatePart(strip_id=ids[strip], percent=100)]
            deputy = Delegation(from_user_id=ids[of], to_user_id=ids[to], starts_on=today, ends_on=today)
            session.add_all([template, deputy, OrganizationContact(organization_id=ids[office], name="Front desk")])
            session.flush()
            for name, one in (
                ("funding_template", template),
                ("funding_template_part", template.parts[0]),
                ("delegation", deputy),
            ):
                made[name].append(one.id)
        session.add_all(
            [
                Holiday(day=today, name="Snow"),
                JobRun(job="books", due=world.clock(), started_at=world.clock(), outcome="the books agree"),
                SourceBank(code="GEN", bank_name="First Bank", ends_in="4321", standard=True),
                Policy(name="payment lag", value=1, effective_from=today),
                VendorContact(vendor_id=ids["vendor A"], name="Ann"),
                VendorCommodity(vendor_id=ids["vendor A"], commodity_code_id=ids["7510"]),
                ItemPicture(
                    item_id=session.scalar(select(CatalogItem.id).limit(1)), media_type="image/png", content=b"x"
                ),
            ]
        )
        _close_an_old_year(session)
        session.commit()
        own = {
            strip: session.scalar(select(StripBalance.id).where(StripBalance.strip_id == ids[strip]))
            for strip in ("S1", "P1")
        }
        posted = {
            strip: session.scalar(select(Posting.id).where(Posting.strip_id == ids[strip]).limit(1))
            for strip in ("S1", "P1")
        }
        profiles = {
            name: session.scalar(select(Profile.id).where(Profile.user_id == ids[name]))
            for name in ("receiver", "outsider")
        }
        places = {
            office: session.scalar(
                select(OrganizationAddress.id).where(OrganizationAddress.organization_id == ids[office])
            )
            for office in ("clinic", "parks")
        }
        remit = session.scalar(select(VendorAddress.id).limit(1))
        top = session.scalar(select(Organization.id).where(Organization.code == "CLINIC"))
    return {name: (one, other) for name, (one, other) in made.items()} | {
        "funding_strip": (ids["S1"], ids["P1"]),
        "strip_balance": (own["S1"], own["P1"]),
        "posting": (posted["S1"], posted["P1"]),
        "profile": (profiles["receiver"], profiles["outsider"]),
        "organization_address": (places["clinic"], places["parks"]),
        "vendor_address": (remit, remit),
        "organization": (top, ids["parks"]),
        "ab_user": (ids["evaluator"], ids["evaluator"]),
    }


def _close_an_old_year(session: Any) -> None:
    from datetime import date

    from app.models import FiscalYear

    session.add(FiscalYear(year=2020, starts_on=date(2019, 7, 1), ends_on=date(2020, 6, 30), closed=True))


def routes(app: Flask) -> list[tuple[str, Rule]]:
    """Every method and rule, in an order in which what is deleted or moved is no longer needed."""
    late = ("/detach/", "/delete", "/act/")
    found = [
        (method, rule)
        for rule in app.url_map.iter_rules()
        if rule.endpoint not in NOT_PAGES and not rule.endpoint.startswith("api.")
        for method in sorted((rule.methods or set()) & {"GET", "POST"})
    ]
    last = next((one for one in found if one[1].rule == "/logout/"), None)
    ordered = sorted(
        (one for one in found if one is not last),
        key=lambda one: (one[0] == "POST", sum(part in one[1].rule for part in late), one[1].rule),
    )
    return [*ordered, *([last] if last else [])]


def addresses(
    app: Flask, rule: Rule, keys: dict[str, tuple[int, int]], inner: dict[int, tuple[int, int]]
) -> Iterator[tuple[str, str, str]]:
    """Whose record, how the route is called in the matrix, and the address, for every way to fill a rule in. Where the
    office makes no difference there is one."""
    view = getattr(app.view_functions[rule.endpoint], "__self__", None)
    entity = getattr(view, "entity", None)
    pair = keys[entity.__tablename__] if entity is not None and "pk" in rule.arguments else (1, 1)
    words = ("own", "foreign") if pair[0] != pair[1] else ("any",)
    adapter = app.url_map.bind("localhost")
    for which, key in zip(words, pair, strict=False):
        line, paper = inner.get(key, (1, 1))
        actions = _actions(entity) if which != "foreign" else ["cancel"]
        known: dict[str, list[Any]] = {
            "pk": [key],
            "line_id": [line],
            "attachment_id": [paper],
            "roster": ["contacts"],
            "tab": ["funding"],
            "ending": ["csv"],
            "action": actions,
            "locale": ["de"],
            "name": [_reference(view)] if isinstance(view, Screen) else sorted(LOOKUPS),
        }
        for values in product(*(known.get(name, [1]) for name in sorted(rule.arguments))):
            filled = dict(zip(sorted(rule.arguments), values, strict=True))
            label = rule.rule.replace("<action>", str(filled.get("action")))
            if not isinstance(view, Screen):
                label = label.replace("<name>", str(filled.get("name")))
            yield which, label, adapter.build(rule.endpoint, filled)


def _actions(entity: Any) -> list[str]:
    return sorted(move.action for move in KINDS[entity].life) if entity in KINDS else ["none"]


def _reference(screen: Any) -> str:
    relations = inspect(screen.entity).relationships
    return next((name for name in (*screen.edit_columns, *screen.search_columns) if name in relations), "none")


def said(answer: Any) -> str:
    """What an answer comes to."""
    if answer.status_code in (301, 302, 303, 307, 308):
        return "sign in" if answer.headers["Location"].startswith("/login/") else "goes on"
    return str(answer.status_code)


def furnished(databases: Databases) -> World:
    """A fresh copy of the small office with a record in every table; `keys_of` tells which."""
    from tests.support.offices import application, filled

    def fill(url: str) -> None:
        filled(url)
        world = World(application(url, Clock()), Clock())
        with world.app.app_context():
            world.name_things()
            db.session.remove()
        (databases.folder / "furnished.json").write_text(json.dumps(furnish(world)))
        with world.app.app_context():
            db.engine.dispose()

    clock = Clock()
    world = World(application(databases.copy("sqlite", "furnished", fill), clock), clock)
    with world.app.app_context():
        world.name_things()
        db.session.remove()
    return world


def keys_of(databases: Databases) -> dict[str, tuple[int, int]]:
    """Table → the record of the clinic and the one of the parks, in a copy of `furnished`."""
    return json.loads((databases.folder / "furnished.json").read_text())


def walk(databases: Databases, role: str) -> Answers:
    """Call every route as somebody of a role."""
    world, keys = furnished(databases), keys_of(databases)
    with records(world) as session:
        inner = {
            document.id: (
                document.lines[0].id if document.lines else 1,
                document.attachments[0].id if document.attachments else 1,
            )
            for document in session.scalars(select(Document)).unique()
        }
    client, token = world.app.test_client(), ""
    if role != ANONYMOUS:
        person = Person(world.app, PEOPLE[role])
        client, token = person.client, person.token
    else:
        token = TOKEN.search(client.get("/login/").text)[1]  # type: ignore[index]
    without_shell(world.app)
    answers: Answers = {}
    for method, rule in routes(world.app):
        for which, label, path in addresses(world.app, rule, keys, inner):
            data = {"csrf_token": token, "file": (BytesIO(b""), "")} if method == "POST" else None
            answer = client.open(path, method=method, data=data)
            answers.setdefault(f"{method} {label}", {})[which] = said(answer)
            answer.close()
    return answers


def without_shell(app: Flask) -> None:
    """Draw pages without what surrounds them, and errors as their number: it is the answers that count here."""
    short = DictLoader({"layout/base.html": "{% block content %}{% endblock %}", "errors/error.html": "{{ code }}"})
    app.jinja_env.loader = ChoiceLoader([short, app.jinja_env.loader])  # type: ignore[list-item]
    app.jinja_env.bytecode_cache = None


def merged(walks: dict[str, Answers]) -> dict[str, Any]:
    """Route → record → answer → the roles that got it."""
    table: dict[str, Any] = {}
    for role in ROLES:
        for route, by_record in walks[role].items():
            for which, answer in by_record.items():
                table.setdefault(route, {}).setdefault(which, {}).setdefault(answer, []).append(role)
    for by_record in table.values():
        for answers in by_record.values():
            most = max(answers, key=lambda answer: (len(answers[answer]), answer))
            if len(answers[most]) > len(ROLES) // 2:
                answers[most] = "all others" if len(answers) > 1 else "all"
    return dict(sorted(table.items(), key=lambda row: (row[0].split()[1], row[0])))


def written(table: dict[str, Any]) -> str:
    """A line for each route, so that a difference reads well."""
    rows = [f"  {json.dumps(route)}: {json.dumps(answers)}" for route, answers in table.items()]
    return "{\n" + ",\n".join(rows) + "\n}\n"


def main() -> None:
    """Write the golden matrix anew."""
    with tempfile.TemporaryDirectory() as folder:
        databases = Databases(Path(folder), "matrix")
        walks = {}
        for role in ROLES:
            walks[role] = walk(databases, role)
            print(f"{role}: {len(walks[role])} routes", file=sys.stderr)
    GOLDEN.write_text(written(merged(walks)))


if __name__ == "__main__":
    main()
