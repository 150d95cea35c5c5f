"""Bank accounts of vendors, entered by people."""

from sqlalchemy import select

from app.models import BankAccount
from tests.support.making import records
from tests.support.pages import words
from tests.support.people import Person
from tests.support.world import World

TIN, ACCOUNT = "520098765", "4929817264055"


TYPED = {"kind": "checking", "eft_format": "CTX", "routing_number": "083000137", "bank_name": "River Bank", "label": ""}


def enter(person: Person, world: World, number: str = ACCOUNT, vendor: str = "A", **changes: str) -> int:
    """Enter an account through the form; its id."""
    fields = TYPED | {"vendor": str(world.ids[f"vendor {vendor}"]), "number": number, "number_again": number} | changes
    answer = person.post("/bank-account/add", follow=False, **fields)
    assert answer.status_code == 302, words(answer.text)
    with records(world) as session:
        return session.scalars(select(BankAccount.id).order_by(BankAccount.id.desc()).limit(1)).one()
