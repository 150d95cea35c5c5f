"""What stands on a printed paper, read back as text."""

import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import pytest
from pypdf import PdfReader

from app.extensions import db
from app.facts import Answers
from app.models import Document
from app.reports import print_document
from tests.support.making import records
from tests.support.world import World

ADDRESS = "http://purchasing.example.org/"


@dataclass(frozen=True)
class Printed:
    """A paper: its bytes, and the text of its pages with every space and line end written as one space."""

    content: bytes

    @cached_property
    def reader(self) -> PdfReader:
        return PdfReader(io.BytesIO(self.content))

    @cached_property
    def pages(self) -> list[str]:
        return [re.sub(r"\s+", " ", page.extract_text()) for page in self.reader.pages]

    @cached_property
    def text(self) -> str:
        return " ".join(self.pages)

    @cached_property
    def unbroken(self) -> str:
        """The text without any space: words that had to be broken are whole again."""
        return re.sub(r"\s+", "", self.text)


def paper_of(world: World, document_id: int, address: str = ADDRESS) -> Printed:
    """A document, read afresh and printed."""
    with records(world) as session:
        document = session.get_one(Document, document_id)
        office = world.app.extensions["office"]
        return Printed(print_document(document, office, address, Answers(db.session(), office)))


@pytest.fixture
def printed(world: World) -> Callable[[int], Printed]:
    """The paper of a document, by its id."""
    return lambda document_id: paper_of(world, document_id)
