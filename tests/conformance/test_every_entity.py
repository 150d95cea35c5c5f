"""Whatever is added must be finished: these tests walk the tables, so that nobody writes them again."""

import re

import pytest
from flask_appbuilder import Model
from flask_appbuilder.security.sqla.models import Role, User
from sqlalchemy import inspect
from sqlalchemy.types import Boolean, Float, Numeric

from app import access, audit, models, views
from app.entities.base import Entity, Exact
from app.entities.document import Document, State
from app.entities.sealed import Sealed
from app.models import RoutingRule
from app.reports import FORMS
from app.rules.documents import KINDS
from app.screens.base import Screen
from app.screens.documents import DocumentScreen

ENTITIES = sorted(
    (one.class_ for one in Model.registry.mappers if one.class_.__module__.startswith("app.")),
    key=lambda one: one.__name__,
)
DOCUMENTS = [one for one in ENTITIES if issubclass(one, Document) and one is not Document]
SCREENS: dict[type, type[Screen]] = {
    one.entity: one
    for one in [*(entry.screen for entries in views.MENU.values() for entry in entries), *views.WITHIN]
    if getattr(one, "entity", None) is not None
}
name_of = {"ids": lambda one: one.__name__}


@pytest.mark.parametrize("entity", ENTITIES, **name_of)
def test_an_entity_is_in_the_index_and_says_what_it_is(entity):
    assert entity.__name__ in models.__all__
    assert getattr(models, entity.__name__) is entity
    assert "__doc__" in vars(entity) and len(entity.__doc__) > 20, "say what it is in the business"
    assert issubclass(entity, Entity)


def test_the_index_names_each_thing_once_and_nothing_that_is_not_there():
    assert len(set(models.__all__)) == len(models.__all__)
    assert all(hasattr(models, name) for name in models.__all__)


@pytest.mark.parametrize("entity", ENTITIES, **name_of)
def test_money_and_quantities_are_never_floats(entity):
    for column in inspect(entity).columns:
        assert not isinstance(column.type, Float), column
        assert not isinstance(column.type, Numeric) or isinstance(column.type, Exact), column


def test_a_sealed_number_is_bound_to_its_column_and_masked_in_the_trail():
    sealed = {
        (entity.__name__, attribute.key): attribute.columns[0]
        for entity in ENTITIES
        for attribute in inspect(entity).column_attrs
        if isinstance(attribute.columns[0].type, Sealed)
    }
    assert len(sealed) >= 2
    for (entity, name), column in sealed.items():
        assert column.type.context == str(column), "what is sealed in one column must not open in another"
        assert f"{entity}.{name}" in audit.MASKED
        granted = {
            verb
            for grants in access.ROLES.values()
            for verbs, one in grants
            if one.__name__ == entity
            for verb in verbs
        }
        assert {"list", "show", "reveal"} <= granted if entity not in NOBODYS else not granted


NOBODYS = {"SecondFactor"}
"""What is sealed and shown to nobody but the person whose it is, while it is set up."""


@pytest.mark.parametrize("entity", SCREENS, **name_of)
def test_what_is_shown_has_a_name(entity):
    """Its page is headed with it; Python's own way to name a thing tells an address in memory."""
    assert entity.__str__ is not object.__str__ or entity.__repr__ is not object.__repr__


@pytest.mark.parametrize("entity", SCREENS, **name_of)
def test_a_new_record_begins_as_its_table_says(world, entity):
    """What is switched on unless somebody switches it off is switched on in the form too."""
    screen = SCREENS[entity]
    names = [name for name in getattr(screen, "edit_columns", ()) if name in inspect(entity).columns]
    usual = {
        name: column.default.arg
        for name in names
        if isinstance((column := inspect(entity).columns[name]).type, Boolean) and column.default is not None
    }
    instance = next((one for one in world.app.appbuilder.baseviews if type(one) is screen), None)
    if not usual or instance is None:
        return
    with world.app.test_request_context():
        form = instance.form_class()()
        assert {name: form[name].data for name in usual if name in form} == {
            name: usual[name] for name in usual if name in form
        }


def test_no_two_tables_have_one_name():
    """FAB's own base would merge them without a word."""
    tables = [one.local_table.name for one in Model.registry.mappers]
    assert len(set(tables)) == len(tables)
    assert not any(vars(one).get("__table_args__") == {"extend_existing": True} for one in ENTITIES)
    assert Entity.__table_args__ == {}


@pytest.mark.parametrize("entity", DOCUMENTS, **name_of)
def test_a_document_is_complete(entity):
    kind = KINDS[entity]
    actions = {move.action for move in kind.life}
    assert entity in SCREENS and issubclass(SCREENS[entity], DocumentScreen)
    assert entity in FORMS, "it has no paper"
    assert set(kind.must) | set(kind.then) <= actions, "a rule for a move that there is not"
    granted = {verb for grants in access.ROLES.values() for verbs, one in grants if one is entity for verb in verbs}
    assert {*actions, "list", "show", "add", "edit"} <= granted, f"nobody may {actions - granted} a {entity.__name__}"
    assert kind.name and kind.plural and kind.name[0].isupper()
    assert entity.__table__.name == inspect(entity).polymorphic_identity


def test_every_row_of_kinds_is_a_document_and_series_are_unique():
    assert set(KINDS) == set(DOCUMENTS)
    series = [kind.series for kind in KINDS.values()]
    assert len(set(series)) == len(series)
    assert all(re.fullmatch(r"[A-Z]{2,4}", one) for one in series)


@pytest.mark.parametrize("entity", DOCUMENTS, **name_of)
def test_every_state_of_a_life_can_be_reached_and_every_move_be_made(entity):
    reached = {State.DRAFT}
    for _ in State:
        reached |= {move.after for move in KINDS[entity].life if move.before & reached}
    assert {move.after for move in KINDS[entity].life} <= reached
    assert all(move.before <= reached for move in KINDS[entity].life)


@pytest.mark.parametrize("entity", DOCUMENTS, **name_of)
def test_an_action_stands_once_in_a_life_and_has_its_words(entity):
    actions = [move.action for move in KINDS[entity].life]
    assert len(set(actions)) == len(actions)
    assert all(move.button and move.done for move in KINDS[entity].life)


@pytest.mark.parametrize("entity", DOCUMENTS, **name_of)
def test_one_role_alone_cannot_carry_a_document_from_draft_to_release(entity):
    """Nobody signs what they wrote, so that a life with signatures needs two people; a fact needs one."""
    life = {move.action: move for move in KINDS[entity].life}
    if "route" not in life:
        return
    assert life["approve"].gathers and life["approve"].signed
    assert life["conditions"].gathers and life["conditions"].signed and life["conditions"].reasoned
    assert life["release"].before == {State.APPROVED}


def test_roles_name_only_what_there_is():
    known = {*ENTITIES, User, Role}
    verbs = {"list", "show", "add", "edit", "delete", "allot", "reveal", "confirm", "retire"} | {
        move.action for kind in KINDS.values() for move in kind.life
    }
    for role, rights in access.ROLES.items():
        for bundle, entity in rights:
            assert entity in known, role
            assert set(bundle) <= verbs, (role, bundle)


def test_an_administrator_holds_no_business_right_and_an_auditor_writes_nothing():
    """Separation of duties, pairs 14 and 16."""
    business = {one.__name__ for one in DOCUMENTS}
    pairs = access.pairs()
    assert not {
        (verb, entity) for verb, entity in pairs["Admin"] if entity in business and verb not in ("can_list", "can_show")
    }
    writing = {
        (verb, entity)
        for verb, entity in pairs["Auditor"]
        if verb not in ("can_list", "can_show") and entity != "Delegation"
    }
    assert writing == set()


def test_only_administrators_hold_rights_over_people_and_roles():
    holders = {role for role, pairs in access.pairs().items() for _, entity in pairs if entity in ("User", "Role")}
    assert holders == {"Admin"}


@pytest.mark.parametrize("entity", [*DOCUMENTS], **name_of)
def test_a_document_can_be_found_by_its_usual_columns_through_an_index(entity):
    """The composite indexes of the header serve each type's list."""
    indexed = {tuple(column.name for column in index.columns) for index in Document.__table__.indexes}
    for name in ("state", "organization_id", "vendor_id", "owner_id", "total", "due_on", "title"):
        assert any(columns[:2] == ("kind", name) for columns in indexed), name


def test_routing_rules_speak_of_documents_that_are_signed():
    signed = {kind.entity.__tablename__ for kind in KINDS.values() if kind.signed}
    assert {value for value, _ in SCREENS[RoutingRule].choices["kind"]} == signed
