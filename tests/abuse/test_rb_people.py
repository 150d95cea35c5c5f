"""RB: rights of people: given, taken, deputized; what nobody may write; what is open to the public."""

from decimal import Decimal
from io import BytesIO

import pytest
from flask_appbuilder.security.sqla.models import Role, User
from sqlalchemy import select

from app.api import ROUTES
from app.models import (
    Attachment,
    AuditEntry,
    Posting,
    Preparer,
    Profile,
    PurchaseRequest,
    Signature,
    StripBalance,
)
from app.screens.base import SCREENS
from app.workflow import Refused
from tests.abuse.evidence import nothing_changes
from tests.abuse.matrix import PEOPLE
from tests.support.around import a_deputy, an_account, only_signer
from tests.support.making import a_basket, a_request, act, move, records
from tests.support.pages import form_to, words
from tests.support.people import Person
from tests.support.world import PASSWORD

CALLS = {f"api.{answer.__module__.rpartition('.')[2]}_{answer.__name__}" for _, _, answer in ROUTES}
"""What programs call; tests/api compares it with the screens."""

# RB-13: helping oneself to rights.


def test_rb_13_nobody_but_administrators_touches_accounts_and_roles(world):
    for role, name in PEOPLE.items():
        if role == "Admin":
            continue
        person = Person(world.app, name)
        me = world.ids[name]
        with nothing_changes(world):
            for path in (
                f"/ab-user/edit/{me}",
                "/ab-user/add",
                "/roles/show/1",
                f"/profile/edit/{me}",
                "/profile/add",
                "/routing-rule/add",
                "/policy/add",
            ):
                answer = person.post(
                    path,
                    roles_chosen="1",
                    approval_limit="99999999",
                    grant="can_edit:User",
                    username="x",
                    first_name="x",
                    last_name="x",
                    email="x@example.org",
                )
                assert answer.status_code == 403, (name, path)
    for path in (
        "/users/list/",
        "/userinfoeditview/form",
        "/resetpassword/form",
        "/resetmypassword/form",
        "/registeruser/list/",
        "/api/v1/security/login",
        "/api/v1/security/refresh",
        "/swagger/v1",
    ):
        assert Person(world.app, "admin").get(path).status_code in (404, 405), path


def test_rb_13_an_administrator_holds_no_business_role(world, sign_in):
    admin = sign_in("admin")
    with records(world) as session:
        ids = dict(session.execute(select(Role.name, Role.id)).all())
    with nothing_changes(world):
        answer = admin.post(f"/ab-user/edit/{world.ids['admin']}", **an_account("admin", ids["Admin"], ids["Approver"]))
        assert answer.status_code == 422 and "Admin is held alone" in answer.text
        answer = admin.post(f"/ab-user/edit/{world.ids['admin']}", **an_account("admin", ids["Approver"]))
        assert answer.status_code == 422 and "lock yourself out" in answer.text


def test_rb_13_nothing_is_granted_to_the_public(world):
    with records(world) as session:
        public = session.scalar(select(Role).where(Role.name == "Public"))
        assert public is None or public.permissions == []


def test_rb_13_rights_are_compared_whole_and_not_by_their_beginning(world):
    """`Vendor` grants nothing on `VendorHold`; FAB's role patterns would match it."""
    with records(world):
        receiver = world.actor("receiver")
        assert receiver.may("list", "Vendor")
        assert not receiver.may("list", "VendorHold") and not receiver.may("list", "Vend")
        assert not receiver.may("edit", "Receip") and not receiver.may("edi", "Receipt")
    assert not world.app.config.get("FAB_ROLES")


# RB-14: the books by hand.


def test_rb_14_no_route_writes_to_the_books_or_the_trail(world):
    own = {Posting: "posting", StripBalance: "strip-balance"}
    for rule in world.app.url_map.iter_rules():
        for base in own.values():
            if rule.rule.startswith(f"/{base}/") and rule.rule != f"/{base}/export/<ending>":
                assert "POST" not in rule.methods, rule.rule  # a list that is taken away is read, and that is noted
    assert AuditEntry not in SCREENS
    a_request(world, "released")
    for name in ("admin", "fiscal", "auditor"):
        person = Person(world.app, name)
        with nothing_changes(world):
            for base in (
                "posting",
                "strip-balance",
                "audit-entry",
                "audit-head",
                "number-series",
                "sign-in",
                "payment",
            ):
                for path in ("add", "edit/1", "delete/1"):
                    assert person.post(f"/{base}/{path}", amount="1", new="x").status_code in (404, 405), (base, path)


@pytest.mark.parametrize(("path", "data"), [("attach", {"file": True}), ("note", {"text": "Looked at."})])
def test_rb_14_who_only_reads_leaves_no_mark_on_a_document(world, sign_in, path, data):
    """Pair 16 of the duties: an auditor writes nothing, a note or a paper neither."""
    request, auditor = a_request(world, "routed"), sign_in("auditor")
    page = auditor.get(f"/purchase-request/show/{request}").text
    assert f"/purchase-request/{path}/" not in page
    sent = {"file": (BytesIO(b"x"), "x.txt")} if "file" in data else data
    with nothing_changes(world):
        assert auditor.post(f"/purchase-request/{path}/{request}", **sent).status_code == 403
    assert f"/purchase-request/{path}/" in sign_in("requester").get(f"/purchase-request/show/{request}").text


# RB-15: files by name.


def test_rb_15_a_file_is_sent_only_with_its_own_document(world, sign_in):
    mine, other = a_basket(world), a_request(world)
    person = sign_in("requester")
    person.post(f"/market-basket/attach/{mine}", file=(BytesIO(b"mine"), "mine.txt"))
    with records(world) as session:
        paper = session.scalar(select(Attachment.id))
    assert person.get(f"/market-basket/file/{mine}/{paper}").data == b"mine"
    for path in (
        f"/purchase-request/file/{other}/{paper}",
        f"/market-basket/file/{mine}/{paper + 1}",
        f"/market-basket/file/{mine}/..%2f..%2fapp.db",
        f"/market-basket/file/{mine}/mine.txt",
        "/market-basket/download/mine.txt",
        f"{world.app.static_url_path}/../../config.py",
        f"{world.app.static_url_path}/..%2f..%2fconfig.py",
        f"{world.app.static_url_path}/%2e%2e/%2e%2e/config.py",
        "/uploads/mine.txt",
        f"/market-basket/file/{mine}/{'9' * 40}",
    ):
        assert person.get(path).status_code == 404, path
    assert not [
        rule.rule
        for rule in world.app.url_map.iter_rules()
        if "download" in rule.rule or ("action" in rule.endpoint and rule.endpoint not in CALLS)
    ]


# RB-17: rights that were taken away.


def test_rb_17_a_demoted_person_loses_the_right_with_the_next_click(world, sign_in):
    approver = sign_in("approver")
    request = a_request(world, "routed")
    with records(world) as session:
        user = session.scalar(select(User).where(User.username == "approver"))
        user.roles = list(session.scalars(select(Role).where(Role.name == "Evaluator")))
        session.commit()
    with nothing_changes(world):
        assert approver.press("purchase-request", request, "approve").status_code in (403, 409)
        assert approver.get("/funding-strip/list/").status_code == 403


def test_rb_17_a_deactivated_person_is_out_at_once(world, sign_in):
    approver = sign_in("approver")
    assert approver.get("/profile/").status_code == 200
    admin = sign_in("admin")
    with records(world) as session:
        role = session.scalar(select(Role.id).where(Role.name == "Approver"))
    answer = admin.post(
        f"/ab-user/edit/{world.ids['approver']}", follow=False, **an_account("approver", role, active=False)
    )
    assert answer.status_code == 302
    assert approver.client.get("/profile/").headers["Location"].startswith("/login/")
    with pytest.raises(AssertionError):
        Person(world.app, "approver", PASSWORD)


def test_rb_17_a_right_that_is_taken_from_a_role_is_gone_for_all_its_people(world, sign_in):
    receiver, admin = sign_in("receiver"), sign_in("admin")
    with records(world) as session:
        role = session.scalar(select(Role.id).where(Role.name == "Receiver"))
    assert receiver.get("/delivery-order/list/").status_code == 200
    matrix = form_to(admin.get(f"/roles/show/{role}").text, f"/roles/show/{role}")
    admin.post(f"/roles/show/{role}", **matrix.sent(grant=["can_list:Receipt"]))
    assert receiver.get("/delivery-order/list/").status_code == 403
    with records(world):
        assert world.actor("receiver").grants == {("can_list", "Receipt"), ("can_show", "Receipt")}


def test_rb_17_there_is_no_other_door(world):
    """No page for a token, none for basic authentication; and calls only where `app/api` says so."""
    client = world.app.test_client()
    for how in ({"headers": {"Authorization": "Bearer x"}}, {"auth": ("admin", PASSWORD)}):
        answer = client.get("/vendor/list/", **how)
        assert answer.headers["Location"].startswith("/login/")
    assert not [
        rule.rule
        for rule in world.app.url_map.iter_rules()
        if rule.rule.startswith("/api/") and rule.endpoint not in {"MenuApi.get_menu_data", *CALLS}
    ]


# RB-18: deputies.


def test_rb_18_a_deputy_of_a_deputy_signs_nothing_and_an_absence_ends(world):
    only_signer(world, "purchase_request", "manager")
    request = a_request(world, "routed")
    a_deputy(world, "manager", "approver")
    a_deputy(world, "approver", "stranger")
    with records(world), pytest.raises(Refused, match="not your turn"):
        act(world, request, "approve", "stranger")
    world.clock.on("2026-12-05")
    with records(world), pytest.raises(Refused, match="not your turn"):
        act(world, request, "approve", "approver")
    world.clock.on("2026-11-24")
    with records(world):
        act(world, request, "approve", "approver")


def test_rb_18_a_deputy_signs_for_a_role_that_the_absent_person_holds(both):
    """In that person's place, which is on record, and only where the absent person could have signed."""
    a_deputy(both, "approver", "manager")
    request = a_request(both, "routed")
    with records(both) as session:
        act(both, request, "approve", "manager")
        (signature,) = session.scalars(select(Signature).where(Signature.document_id == request))
        assert (signature.by_id, signature.on_behalf_of_id) == (both.ids["manager"], both.ids["approver"])


def test_rb_18_a_deputy_finds_it_in_the_inbox(both):
    request = a_request(both, "routed", title="Chairs for the hall")
    assert "Chairs for the hall" not in Person(both.app, "manager").get("/inbox/").text
    a_deputy(both, "approver", "manager")
    shown = words(Person(both.app, "manager").get("/inbox/").text)
    assert "Chairs for the hall" in shown and "You sign for Amos Approver" in shown
    assert "You sign for" not in words(Person(both.app, "approver").get("/inbox/").text)
    with records(both) as session:  # an account that is closed has no deputies, at once
        session.get_one(User, both.ids["approver"]).active = False
        session.commit()
    manager = Person(both.app, "manager")
    assert "Chairs for the hall" not in manager.get("/inbox/").text
    assert "not your turn" in manager.post(f"/purchase-request/act/{request}/approve").text


@pytest.mark.parametrize("wrote", ["created", "changed"])
def test_rb_18_a_deputy_does_not_approve_for_a_role_what_the_absent_person_wrote(world, sign_in, wrote):
    a_deputy(world, "approver", "manager")
    request = a_request(world, "draft", title="Chairs for the hall")
    with records(world) as session:
        if wrote == "created":
            session.get_one(PurchaseRequest, request).created_by_id = world.ids["approver"]
        else:
            session.add(Preparer(document_id=request, user_id=world.ids["approver"]))
        session.commit()
    move(world, request, ("route", "requester"))
    assert "Chairs for the hall" not in sign_in("manager").get("/inbox/").text
    with records(world), pytest.raises(Refused, match="You stand in for a person who created or changed"):
        act(world, request, "approve", "manager")


@pytest.mark.parametrize(
    ("of_absent", "of_deputy", "said"),
    [
        ("100", None, "you sign for Amos Approver, whose approval limit is 100.00"),
        (None, "100", "your approval limit is"),
    ],
)
def test_rb_18_a_deputy_signs_up_to_the_lower_limit_of_both(world, of_absent, of_deputy, said):
    a_deputy(world, "approver", "manager")
    request = a_request(world, "routed")
    with records(world) as session:
        for name, limit in (("approver", of_absent), ("manager", of_deputy)):
            profile = session.scalar(select(Profile).where(Profile.user_id == world.ids[name]))
            profile.approval_limit = Decimal(limit) if limit else None
        session.commit()
    with records(world), pytest.raises(Refused, match=said):
        act(world, request, "approve", "manager")


def test_rb_18_a_deputy_sees_what_waits_for_the_absent_person_and_nothing_else_of_that_office(both):
    """From another office, while it waits; and what they signed, to see what came of it."""
    waiting, draft = a_request(both, "routed", title="Chairs for the hall"), a_request(both, "draft")
    person = Person(both.app, "stranger")
    assert person.get(f"/purchase-request/show/{waiting}").status_code == 404
    a_deputy(both, "approver", "stranger")
    person = Person(both.app, "stranger")
    assert "Chairs for the hall" in person.get("/inbox/").text
    assert person.get(f"/purchase-request/show/{waiting}").status_code == 200
    assert person.get(f"/purchase-request/show/{draft}").status_code == 404
    assert "Approved" in person.press("purchase-request", waiting, "approve").text
    recalled = a_request(both, "routed")
    assert person.get(f"/purchase-request/show/{recalled}").status_code == 200
    move(both, recalled, ("recall", "requester"))
    assert person.get(f"/purchase-request/show/{recalled}").status_code == 404
    both.clock.on("2026-12-05")
    assert Person(both.app, "stranger").get(f"/purchase-request/show/{waiting}").status_code == 404


def test_rb_18_nobody_takes_another_persons_deputy_away(world, sign_in):
    """An absence is arranged by who is absent."""
    from app.models import Delegation

    a_deputy(world, "approver", "buyer")
    with records(world) as session:
        key = session.scalar(select(Delegation.id))
    person = sign_in("requester")
    with nothing_changes(world):
        for path, fields in ((f"/delegation/edit/{key}", {"ends_on": "2026-11-23"}), (f"/delegation/delete/{key}", {})):
            assert person.post(
                path, version="1", starts_on="2026-11-23", to_user=str(world.ids["requester"]), **fields
            ).status_code in (403, 404), path
