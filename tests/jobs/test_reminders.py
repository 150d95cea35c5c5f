"""What the jobs of the morning and the night do: whom they remind, and what they forget. Source: OP-05, DOC-15."""

from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import func, select, text, update

from app import reminders
from app.models import (
    Document,
    IdempotencyKey,
    JobRun,
    MasterAgreement,
    Policy,
    Preparer,
    SignIn,
    SignInAttempt,
    StripBalance,
)
from tests.support.around import a_deputy, only_signer
from tests.support.jobs import run, told
from tests.support.making import (
    BENCH,
    PARKS,
    TONER,
    Wanted,
    a_basket,
    a_receipt,
    a_request,
    an_agreement,
    an_order,
    move,
    records,
)
from tests.support.people import Person


def test_approvers_are_reminded_once_a_day_of_what_is_late(both):
    a_basket(both, "routed", title="Chairs")
    both.clock.on("2026-11-26")
    assert run(both, "approvals").outcome == "0 documents are late, 0 reminders"
    both.clock.on("2026-11-27")
    assert run(both, "approvals").outcome == "1 documents are late, 2 reminders"
    both.clock.on("2026-11-27", 20)
    assert run(both, "approvals").state == "already"
    both.clock.on("2026-11-28")
    run(both, "approvals")
    assert told(both, "approver") == [
        f"MB-2027-000001 has waited {days} days for your signature: Chairs" for days in (4, 5)
    ]
    assert told(both, "chief") == told(both, "approver"), "he holds the role above the clinic"
    assert told(both, "stranger") == [] and told(both, "requester") == []


def test_a_reminder_that_is_there_is_not_written_twice(world):
    """Though the record of the run were lost."""
    a_basket(world, "routed")
    world.clock.on("2026-11-30")
    run(world, "approvals")
    with records(world) as session:
        session.execute(text("DELETE FROM job_run"))
        session.commit()
    assert run(world, "approvals").outcome == "1 documents are late, 0 reminders"


def test_who_made_it_is_not_reminded_and_deputies_are(world):
    only_signer(world, "purchase_request", "manager")
    request = a_request(world, "routed", title="Lamps")
    with records(world) as session:
        session.add(Preparer(document_id=request, user_id=world.ids["manager"]))
        session.commit()
    world.clock.on("2026-11-30")
    a_deputy(world, "manager", "technician")
    run(world, "approvals")
    assert told(world) == [("technician", "PR-2027-000001 has waited 7 days for your signature: Lamps")]


def test_the_office_says_after_how_many_days_it_is_late(world):
    with records(world) as session:
        session.add(Policy(name="overdue approval", value=Decimal(10), effective_from=date(2026, 1, 1)))
        session.commit()
    a_basket(world, "routed")
    world.clock.on("2026-12-03")
    assert run(world, "approvals").outcome == "0 documents are late, 0 reminders"
    world.clock.on("2026-12-04")
    assert run(world, "approvals").outcome == "1 documents are late, 2 reminders"


def test_each_office_is_reminded_of_its_own(world):
    a_basket(world, "routed", BENCH, place=PARKS, title="Bench")
    world.clock.on("2026-11-30")
    run(world, "approvals")
    assert {who for who, _ in told(world)} == {"stranger", "chief"}


def test_a_step_whose_turn_has_not_come_reminds_nobody(world):
    only_signer(world, "market_basket", "manager", "chief")
    basket = a_basket(world, "routed")
    world.clock.on("2026-11-30")
    run(world, "approvals")
    assert {who for who, _ in told(world)} == {"manager"}
    move(world, basket, ("approve", "manager"))
    world.clock.on("2026-12-01")
    run(world, "approvals")
    assert {who for who, _ in told(world)} == {"manager"}, "the chief's days count from the signature before"


def test_the_owner_learns_once_that_a_delivery_is_late(both):
    order = an_order(both, "released", TONER, vendor="B", agreement="B", title="Toner")
    both.clock.on("2026-12-10")
    assert run(both, "deliveries").outcome == "0 lines are late, 0 notices", "the day itself is in time"
    for day in ("2026-12-11", "2026-12-12"):
        both.clock.on(day)
        run(both, "deliveries")
    assert told(both, "buyer") == ["DO-2027-000001 was to be delivered on 2026-12-10 and has not come in full: Toner"]
    a_receipt(both, order, {1: "7"})
    both.clock.on("2026-12-13")
    assert run(both, "deliveries").outcome == "0 lines are late, 0 notices"


def test_what_came_within_the_tolerance_is_not_late(both):
    line = Wanted(
        "Toner",
        "100",
        "1.15",
        "7510",
        "item Toner cartridge, black",
        "agreement",
        funding={"S1": "100"},
        extra={"under_tolerance": Decimal(5), "under_basis": "percent"},
    )
    order = an_order(both, "released", line, vendor="B", agreement="B")
    a_receipt(both, order, {1: "94"})
    both.clock.on("2026-12-20")
    assert run(both, "deliveries").outcome == "1 lines are late, 1 notices"
    a_receipt(both, order, {1: "1"})
    both.clock.on("2026-12-21")
    assert run(both, "deliveries").outcome == "0 lines are late, 0 notices"


def test_the_owner_of_an_agreement_is_warned_twice_and_again_when_its_end_moves(both):
    agreement = an_agreement(both, "released", expires_on=date(2027, 2, 1), title="Binders")
    for day in (
        "2026-12-02",
        "2026-12-03",
        "2026-12-04",
        "2027-01-01",
        "2027-01-02",
        "2027-01-03",
        "2027-02-01",
        "2027-02-02",
    ):
        both.clock.on(day)
        run(both, "agreements")
    assert told(both, "buyer") == [
        f"MA-2027-000003 ends on 2027-02-01, within {days} days: Binders" for days in (60, 30)
    ]
    with records(both) as session:
        session.execute(
            update(MasterAgreement.__table__)
            .where(MasterAgreement.__table__.c.id == agreement)
            .values(expires_on=date(2027, 3, 1))
        )
        session.commit()
    both.clock.on("2027-02-03")
    run(both, "agreements")
    assert told(both, "buyer")[-1] == "MA-2027-000003 ends on 2027-03-01, within 30 days: Binders"


def test_books_that_differ_are_told_to_fiscal_and_administrators(both):
    a_request(both, "released")
    assert run(both, "books").outcome == "the books agree"
    with records(both) as session:
        session.execute(
            update(StripBalance.__table__)
            .where(StripBalance.__table__.c.strip_id == both.ids["S1"])
            .values(pre_encumbered=Decimal("150.00"))
        )
        session.commit()
    both.clock.on("2026-11-24")
    assert run(both, "books").outcome == "1 balances differ"
    said = "The books of 2026-11-24 differ. S1 BFY2027 pre-encumbrance: balance 150.00, postings 200.00"
    assert sorted(told(both)) == [("admin", said), ("fiscal", said)]


def test_a_night_of_many_differences_does_not_flood_anybody(world):
    with records(world) as session:
        session.execute(text("UPDATE strip_balance SET pre_encumbered = 100, encumbered = 100, expended = 100"))
        session.commit()
    assert run(world, "books").outcome == "9 balances differ"
    assert len(told(world, "fiscal")) == reminders.MOST_AT_ONCE + 1
    assert "differ on 9 balances in all" in told(world, "fiscal")[-1]


def test_what_has_had_its_time_is_forgotten_and_the_rest_stays(both):
    fresh = Person(both.app, "requester")
    with records(both) as session:
        now, document = both.clock(), session.scalar(select(func.min(Document.id)))
        for age in (timedelta(0), timedelta(minutes=59), timedelta(minutes=61), timedelta(days=2), timedelta(days=31)):
            session.add_all(
                [
                    SignIn(
                        token_digest=str(age),
                        user_id=both.ids["buyer"],
                        password_mark="",
                        started_at=now - age,
                        seen_at=now - age,
                        proved_at=now - age,
                    ),
                    SignInAttempt(account="buyer", network="10.0.0.1", at=now - age),
                    IdempotencyKey(key=str(age), document_id=document, action="route", at=now - age),
                ]
            )
        session.add(JobRun(job="books", due=now - timedelta(days=200), started_at=now))
        session.commit()
    assert (
        run(both, "forget").outcome == "forgot 3 sign-ins, 2 failed tries, 1 request keys, 1 records of jobs, 0 mails"
    )
    assert fresh.get("/inbox/").status_code == 200, "who is at work stays signed in"
    assert run(both, "forget").state == "already"


def test_the_database_looks_at_its_rows_at_night(both):
    """It chooses its indexes by what it saw; SQLite never looks by itself."""
    asked = {
        "sqlite": "SELECT count(*) FROM sqlite_stat1 WHERE idx = 'ix_document_sight'",
        "postgresql": "SELECT count(*) FROM pg_stats WHERE tablename = 'document' AND attname = 'state'",
    }
    a_request(both, "routed")
    assert run(both, "sample").outcome == "looked at the rows"
    with records(both) as session:
        assert session.scalar(text(asked[session.get_bind().dialect.name])) == 1
