"""What stood at a moment, and what differs between two, from the trail's entries alone. Source: DOC-09, F22.13."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.versions import CREATED, NOTHING, Entry, Event, differences, since_decided, standing, versions

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
KINDS = frozenset({"PurchaseRequest"})


def trail(*deeds: tuple) -> list[Entry]:
    """(who and when, action, entity, id, field or None, old, new); the fields of a new row as a mapping."""
    return [
        Entry(
            number,
            NOON + timedelta(minutes=moment),
            by,
            action,
            entity,
            key,
            field or "",
            json.dumps(old) if isinstance(old, dict) else old,
            json.dumps(new) if isinstance(new, dict) else new,
        )
        for number, ((by, moment), action, entity, key, field, old, new) in enumerate(deeds, 1)
    ]


ROSA, AMOS = 1, 2
STORY = trail(
    ((ROSA, 0), "add", "PurchaseRequest", 7, None, None, {"title": "Printers", "state": "draft"}),
    ((ROSA, 1), "add", "LineItem", 1, None, None, {"description": "Printer", "quantity": "2", "position": "1"}),
    ((ROSA, 1), "add", "LineItem", 2, None, None, {"description": "Cable", "quantity": "4", "position": "2"}),
    ((ROSA, 1), "add", "LineFunding", 1, None, None, {"line_id": "1", "strip_id": "5", "share": "100"}),
    ((ROSA, 2), "change", "PurchaseRequest", 7, "state", "draft", "routed"),
    ((AMOS, 3), "change", "PurchaseRequest", 7, "comments", None, "Seen"),
    ((AMOS, 3), "change", "PurchaseRequest", 7, "state", "routed", "disapproved"),
    ((ROSA, 4), "change", "LineItem", 1, "quantity", "2", "1"),
    ((ROSA, 4), "remove", "LineItem", 2, None, {"description": "Cable"}, None),
    ((ROSA, 4), "remove", "LineFunding", 1, None, {"share": "100"}, None),
    ((ROSA, 4), "add", "LineFunding", 2, None, None, {"line_id": "1", "strip_id": "5", "share": "60"}),
    ((ROSA, 4), "add", "LineFunding", 3, None, None, {"line_id": "1", "strip_id": "6", "share": "40"}),
    ((ROSA, 5), "change", "PurchaseRequest", 7, "state", "disapproved", "routed"),
)


def test_versions_are_what_was_created_sent_and_returned():
    events = [
        Event(NOON + timedelta(minutes=2, seconds=1), ROSA, "route", "draft", "routed", "Please"),
        Event(NOON + timedelta(minutes=2, seconds=30), AMOS, "approve", "routed", "routed", "For my part"),
        Event(NOON + timedelta(minutes=3, seconds=1), AMOS, "disapprove", "routed", "disapproved", "Too many"),
        Event(NOON + timedelta(minutes=5, seconds=1), ROSA, "route", "disapproved", "routed"),
    ]
    found = versions(STORY, events, KINDS)
    assert [(one.name, one.seq, one.by_id, one.comment) for one in found] == [
        (CREATED, 1, ROSA, ""),
        ("Routed for approval", 5, ROSA, "Please"),
        ("Signed", 5, AMOS, "For my part"),
        ("Returned", 7, AMOS, "Too many"),
        ("Routed for approval", 13, ROSA, ""),
    ]
    assert [one.seq for one in since_decided(found, 13)] == [7, 5, 1]
    assert [one.seq for one in since_decided(found, 5)] == [1]


def test_what_differs_since_it_was_returned():
    found = differences(standing(STORY, 7), standing(STORY), {"": frozenset({"state", "line_id"})})
    assert {(one.entity, one.part[1], one.deed, one.fields) for one in found} >= {
        ("LineItem", 1, "changed", (("quantity", "2", "1"),)),
        ("LineFunding", 2, "changed", (("share", "100", "60"),)),
        ("LineFunding", 3, "added", (("strip_id", "", "6"), ("share", "", "40"))),
    }
    (gone,) = [one for one in found if one.deed == "removed"]
    assert (gone.entity, gone.part[1], gone.values["description"]) == ("LineItem", 2, "Cable")
    assert {one.entity for one in found} == {"LineItem", "LineFunding"}


@pytest.mark.parametrize(
    ("deed", "stands"),
    [
        (("change", "LineItem", 1, "fob", None, "Origin"), {"fob": "Origin"}),
        (("change", "LineItem", 1, "description", "Printer", None), None),
        (("change", "LineItem", 1, "quantity", "2", "0"), None),
        (("change", "LineItem", 1, "service", "yes", "no"), None),
        (("change", "LineItem", 9, "fob", None, "Origin"), {}),
        (("add", "LineItem", 1, None, None, "no mapping {"), None),
        (("denied", "LineItem", 1, None, None, "approve by Rosa"), {}),
    ],
)
def test_one_entry_after_the_other(deed, stands):
    before = {part[:2]: fields for part, fields in standing(STORY, 5).items()}
    action, entity, key, field, old, new = deed
    told = standing([*STORY[:5], *trail(((ROSA, 9), action, entity, key, field, old, new))])
    after = {part[:2]: fields for part, fields in told.items()}
    fields = after.get((entity, key), {})
    if stands is None:
        assert fields.get(field or "description") is None
    else:
        assert fields == before.get((entity, key), {}) | (stands or ({"fob": "Origin"} if key == 9 else {}))


FIELDS, VALUES = st.sampled_from("abc"), st.sampled_from(["", "0", "no", "1", "two"])
DEEDS = st.lists(
    st.tuples(st.sampled_from(["add", "change", "remove"]), st.integers(1, 3), FIELDS, VALUES), max_size=40
)


@given(DEEDS, st.integers(0, 40))
def test_replaying_the_entries_forward_is_what_stands(deeds, cut):
    """A table is kept beside a trail, as the program keeps them; the trail alone tells every earlier table again."""
    table: dict[int, dict[str, str]] = {}
    entries: list[Entry] = []
    kept = {0: {}}

    def note(action: str, key: int, field: str = "", old: str | None = None, new: str | None = None) -> None:
        entries.append(Entry(len(entries) + 1, NOON, ROSA, action, "LineItem", key, field, old, new))

    for action, key, field, value in deeds:
        if action == "add" and key not in table:
            table[key] = {field: value}
            note("add", key, new=json.dumps({name: one for name, one in table[key].items() if one not in NOTHING}))
        elif action == "change" and key in table:
            note("change", key, field, table[key].get(field) or None, value or None)
            table[key][field] = value
        elif action == "remove" and key in table:
            note("remove", key, old=json.dumps(table.pop(key)))
        kept[len(entries)] = {
            one: {name: text for name, text in fields.items() if text not in NOTHING} for one, fields in table.items()
        }
    for seq in (cut, len(entries)):
        wanted = kept[min(seq, len(entries))]
        assert {key: fields for (_, key, _), fields in standing(entries, seq).items()} == wanted
    assert differences(standing(entries), standing(entries), {}) == []


def test_a_line_that_got_the_number_of_a_removed_one_is_another_line():
    """A database may give the id of a row that is gone to the next one; its funding goes with it."""
    entries = [
        *STORY[:7],
        *trail(
            *[
                ((ROSA, 4), "remove", "LineItem", 1, None, {}, None),
                ((ROSA, 4), "remove", "LineFunding", 1, None, {}, None),
            ]
        ),
        *trail(
            ((ROSA, 5), "add", "LineItem", 1, None, None, {"description": "Desk"}),
            ((ROSA, 5), "add", "LineFunding", 1, None, None, {"line_id": "1", "strip_id": "5", "share": "100"}),
        ),
    ]
    entries = [replace(one, seq=number) for number, one in enumerate(entries, 1)]
    found = differences(standing(entries, 7), standing(entries), {"": frozenset({"line_id"})})
    assert sorted((one.entity, one.deed, one.line[2]) for one in found) == [
        ("LineFunding", "added", 10),
        ("LineFunding", "removed", 2),
        ("LineItem", "added", 10),
        ("LineItem", "removed", 2),
    ]
