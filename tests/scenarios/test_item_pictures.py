"""Pictures of catalog items: added on the item's page, seen in the search, taken by content. Source: IN-02, UP-01 … UP-07."""

from io import BytesIO

import pytest
from PIL import Image

from app.extensions import db
from app.models import ItemPicture


def a_picture(kind="PNG", size=(30, 20)):
    """The content of a small file."""
    content = BytesIO()
    Image.new("RGB", size, "#336699").save(content, kind)
    return content.getvalue()


def add(person, world, content, name="desk.png", words="A desk of oak"):
    """Send it as the item's page does."""
    item = world.ids["item desk"]
    return person.post(f"/catalog-item/picture/{item}", file=(BytesIO(content), name), words=words)


def pictures(world):
    """How many there are."""
    with world.app.app_context():
        return db.session.scalar(db.select(db.func.count()).select_from(ItemPicture))


def test_a_picture_is_added_found_and_taken_away(world, sign_in):
    """The buyer adds it, the requester sees it in the search, the buyer takes it away again."""
    buyer, before = sign_in("buyer"), pictures(world)
    page = add(buyer, world, a_picture())
    assert "Picture added." in page.text and 'alt="A desk of oak"' in page.text
    with world.app.app_context():
        pk = db.session.scalar(db.select(db.func.max(ItemPicture.id)))
    shown = sign_in("requester").get(f"/items/picture/{pk}")
    assert shown.status_code == 200 and shown.content_type == "image/png"
    assert f"/items/picture/{pk}" in sign_in("requester").get("/items/?q=desk").text
    buyer = sign_in("buyer")
    assert "No picture yet" in buyer.post(f"/item-picture/delete/{pk}").text
    assert pictures(world) == before


WRONG = [
    (b"<svg onload=alert(1)>", "desk.png", "is not what its ending says"),
    (b"<svg onload=alert(1)>", "desk.svg", "are not taken"),
    (b"%PDF-1.4 nothing", "desk.pdf", "is no picture"),
    (a_picture("GIF"), "desk.gif", "are not taken"),
    (a_picture() + b"x" * 4_000_000, "desk.png", "is larger than 4,000,000 bytes"),
    (a_picture("JPEG"), "desk.png", "is not what its ending says"),
    (b"", "desk.png", "is empty"),
]


@pytest.mark.parametrize(("content", "name", "words"), WRONG)
def test_what_is_no_picture_is_refused_and_the_words_stay(world, sign_in, content, name, words):
    """Whatever the name says."""
    before = pictures(world)
    page = add(sign_in("buyer"), world, content, name)
    assert page.status_code == 422
    assert words in page.text and 'value="A desk of oak"' in page.text
    assert pictures(world) == before


def test_only_who_keeps_pictures_adds_them(world, sign_in):
    """A requester sees no form and is refused."""
    rosa, before = sign_in("requester"), pictures(world)
    assert "picture-file" not in rosa.get(f"/catalog-item/show/{world.ids['item desk']}").text
    assert add(rosa, world, a_picture()).status_code == 403
    assert pictures(world) == before
