"""Points of contact: what one must say, and that they follow into the next document. Source: DOC-08, IN-08."""

from collections.abc import Iterator

from app.entities.document import Document, PointOfContact
from app.rules.deeds import Problem
from app.rules.formats import FORMATS


def can_be_asked(contact: PointOfContact) -> Iterator[Problem]:
    """A contact has a name; an e-mail address looks like one."""
    if not contact.name:
        yield Problem("Choose a person of the office, or enter a name.", "name")
    for column in ("phone", "email"):
        if problem := FORMATS[column].problem(getattr(contact, column) or ""):
            yield Problem(problem, column)


def carried_contacts(document: Document) -> list[PointOfContact]:
    """The same contacts, for a document that is made from this one."""
    return [
        PointOfContact(user_id=one.user_id, name=one.name, purpose=one.purpose, phone=one.phone, email=one.email)
        for one in document.contacts
    ]
