"""Somebody's desk, read and arranged through its pages."""

import re
from typing import Any

from app.models import FileCabinet, Folder
from tests.support.making import records
from tests.support.people import Person
from tests.support.world import World


def cabinet(person: Person, name: str) -> str:
    """Make a cabinet; its key."""
    return _made(person.post("/desk/container/add", follow=False, name=name))


def folder(person: Person, name: str, within: str = "0") -> str:
    """Make a folder in a cabinet; its key."""
    return _made(person.post("/desk/container/add", follow=False, name=name, at=within))


def _made(answer: Any) -> str:
    where = answer.headers.get("Location", "")
    found = re.search(r"/desk/\?at=([\d-]+)$", where)
    assert found, f"no container was made: {where}"
    return found[1]


def lying_in(person: Person, key: str = "", **asked: str) -> list[int]:
    """The documents that the page of a container shows, in its order."""
    page = person.client.get("/desk/", query_string=({"at": key} if key else {}) | asked)
    assert page.status_code == 200, page.status_code
    return [int(one) for one in re.findall(r'name="selected" value="(\d+)"', page.text)]


def put(person: Person, key: str, *documents: int) -> Any:
    """Move documents into a container."""
    return person.post("/desk/move", to=key, selected=[str(one) for one in documents])


def tree(person: Person) -> dict[str, str]:
    """Key → how much lies in it, as the tree says."""
    page = person.get("/desk/").text
    return dict(re.findall(r'data-drop="([\d-]+)".*?class="count">([\d+]+)<', page, re.DOTALL))


def containers(world: World) -> tuple[int, int]:
    """How many cabinets and folders are written."""
    with records(world) as session:
        return session.query(FileCabinet).count(), session.query(Folder).count()
