"""Containers: which words name a place, and which names a place may have. Source: DOC-02, F22.03."""

import pytest

from app.rules.desk import (
    LONGEST_NAME,
    MOST_CABINETS,
    MOST_FOLDERS,
    NoContainer,
    Place,
    name_fits,
    read_place,
    room_for,
)


@pytest.mark.parametrize(
    ("written", "place"),
    [("0", Place()), ("7", Place(7)), ("7-12", Place(7, 12)), ("2147483647", Place(2147483647))],
)
def test_a_key_names_a_place_and_a_place_its_key(written, place):
    assert read_place(written) == place
    assert place.key == written


@pytest.mark.parametrize(
    "written",
    [
        "",
        " ",
        "x",
        "-",
        "-1",
        "7-",
        "7-0",
        "0-5",
        "7-12-3",
        "7-x",
        "1.5",
        "²",
        "2147483648",
        "7-99999999999",
        "7 OR 1=1",
    ],
)
def test_anything_else_is_no_container(written):
    with pytest.raises(NoContainer, match="Choose one of your cabinets or folders"):
        read_place(written)


@pytest.mark.parametrize("written", ["inbox", "outbox", " Inbox ", "OUTBOX"])
def test_nothing_goes_into_the_inbox_or_the_outbox(written):
    with pytest.raises(NoContainer, match=f"Nothing lies in the {written.strip().lower()}: it lists what waits"):
        read_place(written)


@pytest.mark.parametrize(
    ("name", "others", "said"),
    [
        ("Laboratory", ["Winter"], ""),
        ("n" * LONGEST_NAME, [], ""),
        ("Innbox", [], ""),
        ("", [], "Give the folder a name."),
        ("n" * (LONGEST_NAME + 1), [], "The name has 81 characters; a folder's may have 80. Shorten it."),
        ("laboratory", ["Laboratory"], "There is already a folder called “laboratory” here. Choose another name."),
        ("STRASSE", ["Straße"], "There is already a folder called “STRASSE” here. Choose another name."),
        ("Inbox", [], "“Inbox” is what the list of waiting documents is called. Choose another name."),
        ("outbox", [], "“outbox” is what the list of waiting documents is called. Choose another name."),
    ],
)
def test_a_name_says_what_it_is_once(name, others, said):
    assert [str(one) for one in name_fits(name, others)] == [said] * bool(said)
    assert all(one.field == "name" for one in name_fits(name, others))


@pytest.mark.parametrize(
    ("what", "count", "fits"),
    [
        ("cabinet", MOST_CABINETS - 1, True),
        ("cabinet", MOST_CABINETS, False),
        ("folder", MOST_FOLDERS - 1, True),
        ("folder", MOST_FOLDERS, False),
    ],
)
def test_a_tree_stays_small_enough_to_find_ones_way_in(what, count, fits):
    assert (room_for(count, what) == []) == fits


def test_a_folder_knows_its_cabinet():
    assert Place(7, 12).cabinet == Place(7) == Place(7).cabinet
