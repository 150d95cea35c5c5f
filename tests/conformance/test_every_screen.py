"""Every screen says what it shows: nothing is listed, searched, sorted or edited because nobody said otherwise."""

import pytest
from sqlalchemy import inspect

from app import views
from app.entities.document import Document
from app.models import Debarment, FiscalYear, Holiday, Organization, Policy, Unit, VendorHold
from app.screens.base import Screen
from tests.support.people import Person
from tests.support.world import CAST

ENTRIES = [(section, entry) for section, entries in views.MENU.items() for entry in entries]
SCREENS: list[type[Screen]] = [
    one for one in [*(entry.screen for _, entry in ENTRIES), *views.WITHIN] if getattr(one, "entity", None) is not None
]
by_name = {"ids": lambda one: one.__name__}

SECRET = {"password", "token_digest", "password_mark", "content", "seal", "digest"}

SMALL = {
    "Debarment",
    "Delegation",
    "FiscalYear",
    "FundingStrip",
    "FundingTemplate",
    "FundingTemplatePart",
    "Holiday",
    "CodeScheme",
    "Organization",
    "OrganizationAddress",
    "OrganizationContact",
    "Policy",
    "Profile",
    "RoutingRule",
    "StripBalance",
    "Unit",
    "User",
    "VendorHold",
}
"""Tables of hundreds or thousands of rows: sorting them needs no index."""


@pytest.mark.parametrize("screen", SCREENS, **by_name)
def test_a_screen_names_its_columns(screen):
    assert screen.list_columns and screen.search_columns is not None and screen.order_columns
    assert screen.show_columns, "say what the page of one record shows"
    if not {"add", "edit"} <= set(screen.exclude_route_methods):
        assert screen.edit_columns
    named = {
        *screen.list_columns,
        *screen.search_columns,
        *screen.show_columns,
        *screen.edit_columns,
        *screen.order_columns,
        *screen.searched,
    }
    assert not named & SECRET


@pytest.mark.parametrize("screen", SCREENS, **by_name)
def test_a_screen_dumps_no_relation(screen):
    """FAB's default shows every relation: at a million rows the first page took a minute. Lists belong into `related`,
    where they are capped."""
    relations = inspect(screen.entity).relationships
    for name in (*screen.list_columns, *screen.search_columns, *screen.show_columns, *screen.edit_columns):
        if name in relations and name != "roles":
            assert not relations[name].uselist, name


@pytest.mark.parametrize("screen", SCREENS, **by_name)
def test_what_is_searched_and_edited_is_a_column_or_a_reference(screen):
    known = {*inspect(screen.entity).columns.keys(), *inspect(screen.entity).relationships.keys()}
    assert set(screen.search_columns) <= known
    assert set(screen.edit_columns) <= known
    assert set(screen.searched) <= set(inspect(screen.entity).columns.keys())


@pytest.mark.parametrize("screen", SCREENS, **by_name)
def test_a_list_is_sorted_by_columns_that_the_database_sorts_quickly(screen):
    columns = inspect(screen.entity).columns
    for name in (*screen.order_columns, screen.base_sort[0]):
        assert name in columns, f"{name} is no column"
    if screen.entity.__name__ in SMALL or issubclass(screen.entity, Document):
        return
    table = screen.entity.__table__
    led = {next(iter(index.columns)).name for index in table.indexes} | {
        next(iter(one.columns)).name for one in table.constraints if list(getattr(one, "columns", ()))
    }
    led |= {column.name for column in table.columns if column.unique or column.primary_key}
    big = set(screen.order_columns) - led
    assert not big, f"sorting by {sorted(big)} reads the whole table: index it, or take it out of order_columns"


def everything(world) -> Person:
    """Somebody with every role, for what is asked of screens and not of rights."""
    from flask_appbuilder.security.sqla.models import Role, User
    from sqlalchemy import select

    from tests.support.making import records

    with records(world) as session:
        person = session.scalar(select(User).where(User.username == "auditor"))
        person.roles = list(session.scalars(select(Role).where(Role.name != "Public")))
        session.commit()
    return Person(world.app, "auditor")


def test_every_reference_can_be_looked_up(world):
    """Wherever a form or a filter asks for another record, typing finds some, at most twenty (RB-06)."""
    person = everything(world)
    for screen in world.app.appbuilder.baseviews:
        if not isinstance(screen, Screen):
            continue
        relations = inspect(screen.entity).relationships
        fields = [] if "lookup" in screen.exclude_route_methods else list(screen.edit_columns)
        for name in {name for name in (*fields, *screen.search_columns) if name in relations}:
            with world.app.test_request_context():
                path = (
                    screen.filter_url(name) if name in screen.search_columns else f"{screen.route_base}/lookup/{name}"
                )
            answer = person.client.get(path, query_string={"q": "%"})
            assert answer.status_code == 200, f"{path}: {answer.status_code}"
            assert len(answer.json["results"]) <= 20


@pytest.mark.parametrize("screen", SCREENS, **by_name)
def test_what_a_form_never_asks(screen):
    """Facts of the system are no fields: mass assignment has nothing to assign."""
    facts = {
        "id",
        "version",
        "created_by",
        "created_by_id",
        "owner",
        "owner_id",
        "created_at",
        "changed_at",
        "number",
        "state",
        "path",
        "kind",
    }
    free = {"kind", "number"} if not issubclass(screen.entity, Document) else set()
    assert not set(screen.edit_columns) & (facts - free)


def test_every_screen_has_one_address_and_one_name():
    bases = [screen.route_base for screen in SCREENS]
    assert len(set(bases)) == len(bases)
    labels = [entry.name for _, entry in ENTRIES]
    assert len(set(labels)) == len(labels)


@pytest.mark.parametrize("section, entry", ENTRIES, ids=[entry.name for _, entry in ENTRIES])
def test_every_menu_entry_has_an_icon_that_is_drawn(section, entry):
    from pathlib import Path

    sprite = Path(__file__).parents[2] / "app/static/ui/icons/sprite.svg"
    assert f'id="{entry.icon}"' in sprite.read_text() or f'id="i-{entry.icon}"' in sprite.read_text(), entry.icon


def test_every_menu_entry_opens_for_somebody(world):
    """The list page answers for at least one role, and the menu shows it to exactly those for whom it answers."""
    people = [Person(world.app, name) for name in {row[2]: name for name, row in CAST.items()}.values()]
    opened: dict[str, set[str]] = {}
    for person in people:
        home = person.get("/").text
        for _, entry in ENTRIES:
            path = f"{entry.screen.route_base}/" + ("list/" if hasattr(entry.screen, "list") else "")
            answer = person.client.get(path)
            assert answer.status_code in (200, 403), (person.name, path, answer.status_code)
            shown = f'href="{path}"' in home
            assert shown == (answer.status_code == 200), f"{person.name}: the menu and {path} do not agree"
            if answer.status_code == 200:
                opened.setdefault(entry.name, set()).add(person.name)
    assert set(opened) == {entry.name for _, entry in ENTRIES}


def test_small_tables_are_named_rightly():
    assert {screen.entity.__name__ for screen in SCREENS} >= SMALL
    assert {one.__name__ for one in (Debarment, FiscalYear, Holiday, Organization, Policy, Unit, VendorHold)} <= SMALL
