"""AU-05, AU-06: a second factor for who moves money, taken once, and guessed by nobody."""

import re
from datetime import timedelta

import pytest
from flask_appbuilder.security.sqla.models import Role, User
from sqlalchemy import func, select

from app.entities.document import State
from app.entities.operations import SecondFactor, SpareCode
from app.models import AuditEntry, Payment, Policy
from app.screens import second_factor
from tests.abuse.evidence import at_once, nothing_changes
from tests.support.around import a_bank_account, an_account, give
from tests.support.making import a_processed_invoice, a_request, records, state_of
from tests.support.people import TOKEN, Person
from tests.support.world import PASSWORD

KEY = re.compile(r'class="secret-key">([A-Z2-7 ]+)<')


class Owner(Person):
    """Somebody with a second factor."""

    def set_up(self, world):
        """Scan, enter the first code, keep the spare codes."""
        page = self.post("/profile/second-factor/start").text
        self.world, self.shown = world, KEY.search(page)[1]
        done = self.post("/profile/second-factor/", password=PASSWORD, code=self.code())
        assert done.status_code == 200, done.text
        self.spare = re.findall(r"<li><code>([0-9a-f ]+)</code>", done.text)
        return self

    def code(self) -> str:
        """What the authenticator shows now."""
        with records(self.world) as session:
            factor = session.scalar(select(SecondFactor).where(SecondFactor.user_id == self.world.ids[self.name]))
            moment = int(self.world.clock().timestamp())
            return second_factor.authenticator(factor.secret).generate(moment).decode()

    def later(self, **time):
        """Some time passes."""
        self.world.clock.moment += timedelta(**time)
        return self


def require(world):
    """The office asks everybody who moves money for a second factor."""
    with records(world) as session:
        session.add(Policy(name="second factor", value=1, effective_from=world.clock().date()))
        session.commit()


def half(world, name):
    """A browser in which the password was given."""
    client = world.app.test_client()
    token = TOKEN.search(client.get("/login/").text)[1]
    return client, token, client.post("/login/", data={"username": name, "password": PASSWORD, "csrf_token": token})


def enter(client, code):
    """The code, after the password."""
    token = TOKEN.search(client.get("/login/code").text)[1]
    return client.post("/login/code", data={"code": code, "csrf_token": token})


@pytest.fixture
def amos(both):
    return Owner(both.app, "approver").set_up(both)


def test_au_05_the_password_alone_does_not_sign_in(both, amos):
    amos.later(minutes=1)
    client, _, answer = half(both, "approver")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/login/code")
    for path in ("/", "/inbox/", "/profile/"):
        assert "/login/" in client.get(path).headers["Location"], "half signed in is not signed in"
    assert enter(client, "000000").status_code == 401
    assert enter(client, amos.code()).headers["Location"] == "/"
    assert client.get("/inbox/").status_code == 200


def test_au_05_the_second_half_waits_five_minutes_and_falls_with_the_password(both, amos):
    amos.later(minutes=1)
    client, *_ = half(both, "approver")
    amos.later(minutes=6)
    assert client.get("/login/code").headers["Location"] == "/login/"
    client, *_ = half(both, "approver")
    with records(both) as session:
        session.scalar(select(User).where(User.username == "approver")).active = False
        session.commit()
    assert client.get("/login/code").headers["Location"] == "/login/"


def test_au_05_an_old_sign_in_is_asked_again_before_a_signature(both, amos):
    """Fifteen minutes after the last code the password is not enough; a code makes the next fifteen minutes good."""
    first, second = a_request(both, "routed"), a_request(both, "routed")
    amos.later(minutes=16)
    assert 'id="signing-code"' in amos.get(f"/purchase-request/show/{first}").text
    with nothing_changes(both):
        answer = amos.press("purchase-request", first, "approve")
        assert answer.status_code == 422 and second_factor.ASKED in answer.text
        answer = amos.press("purchase-request", first, "approve", code="123")
        assert answer.status_code == 422 and "This code is wrong" in answer.text
    assert amos.press("purchase-request", first, "approve", code=amos.code()).status_code == 200
    assert state_of(both, first) == State.APPROVED
    amos.later(minutes=14)
    assert 'id="signing-code"' not in amos.get(f"/purchase-request/show/{second}").text
    assert amos.press("purchase-request", second, "approve").status_code == 200
    assert state_of(both, second) == State.APPROVED


def test_au_05_so_is_who_signs_from_the_inbox(both, amos):
    request = a_request(both, "routed")
    amos.later(minutes=16)
    with nothing_changes(both):
        assert second_factor.ASKED in amos.post("/inbox/approve", password=PASSWORD, selected=str(request)).text
    amos.post("/inbox/approve", password=PASSWORD, code=amos.code(), selected=str(request))
    assert state_of(both, request) == State.APPROVED


def test_au_05_and_who_pays_by_either_button(both):
    fay = Owner(both.app, "fiscal").set_up(both)
    bill = a_processed_invoice(both)
    with records(both) as session:
        payment = session.scalar(select(Payment))
        both.clock.on(f"{payment.scheduled_on:%Y-%m-%d}")
    fay = again(both, fay)
    fay.later(minutes=16)
    with nothing_changes(both):
        assert second_factor.ASKED in fay.post(f"/payment/pay/{payment.id}", reference="T-1").text
        assert second_factor.ASKED in fay.post(f"/invoice/act/{bill}/close").text
    assert "Paid" in fay.post(f"/payment/pay/{payment.id}", reference="T-1", code=fay.code()).text
    assert state_of(both, bill) == State.CLOSED


def again(world, person):
    """The person signs in on another day, with both halves."""
    client, *_ = half(world, person.name)
    answer = enter(client, person.code())
    assert answer.status_code == 302, answer.text
    person.client = client
    person.token = TOKEN.search(client.get("/profile/").text)[1]
    return person


def test_au_05_and_who_enters_confirms_or_reveals_an_account(both):
    give(both, "manager", "CRC")
    account = a_bank_account(both, entered="crc")
    mona = Owner(both.app, "manager").set_up(both).later(minutes=16)
    asked = mona.client.get("/bank-account/add")
    assert asked.status_code == 302 and "/profile/second-factor/ask" in asked.headers["Location"]
    with nothing_changes(both):
        for path in (f"confirm/{account}", f"reveal/{account}"):
            answer = mona.post(f"/bank-account/{path}", password=PASSWORD)
            assert answer.status_code == 422 and second_factor.ASKED in answer.text, path
            assert "4929817264055" not in answer.text
    page = mona.post(asked.headers["Location"], code=mona.code())
    assert page.status_code == 200 and "Routing number" in page.text
    assert "is confirmed" in mona.post(f"/bank-account/confirm/{account}").text


def test_au_05_the_office_may_require_it(both):
    """Then nobody signs, pays or changes an account without one; everything else goes on."""
    require(both)
    request, fay = a_request(both, "routed"), Person(both.app, "fiscal")
    bill, amos = a_processed_invoice(both), Person(both.app, "approver")
    with records(both) as session:
        both.clock.on(f"{session.scalar(select(Payment.scheduled_on)):%Y-%m-%d}")
    amos, fay = Person(both.app, "approver"), Person(both.app, "fiscal")
    with nothing_changes(both):
        assert second_factor.NOT_SET_UP in amos.press("purchase-request", request, "approve").text
        assert second_factor.NOT_SET_UP in fay.post("/payment/pay/1", reference="T-1").text
        assert second_factor.NOT_SET_UP in fay.post(f"/invoice/act/{bill}/close").text
    assert amos.get(f"/purchase-request/show/{request}").status_code == 200
    cora = Person(both.app, "crc")
    assert (
        "Second factor" in cora.get("/bank-account/add").text
        and "Routing number" not in cora.get("/bank-account/add").text
    )
    amos, request = Owner(both.app, "approver").set_up(both), a_request(both, "routed")
    assert amos.press("purchase-request", request, "approve").status_code == 200
    assert state_of(both, request) == State.APPROVED


def test_au_05_the_secret_is_sealed_and_in_no_trail(both, amos):
    key = amos.shown.replace(" ", "")
    with records(both) as session:
        assert session.scalar(select(func.count(AuditEntry.id)).where(AuditEntry.entity == "SecondFactor")) >= 1
        assert not [one for one in session.scalars(select(AuditEntry)) if key in f"{one.old}{one.new}{one.label}"]
        digests = set(session.scalars(select(SpareCode.digest)))
    assert len(digests) == second_factor.SPARE and not digests & {one.replace(" ", "") for one in amos.spare}
    assert KEY.search(amos.get("/profile/second-factor/").text) is None, "once it is set up it is not shown again"


def test_au_06_a_code_is_taken_once(both, amos):
    """Whoever looks over the shoulder and is quick has nothing; nor has a second browser at the same moment."""
    amos.later(minutes=1)
    code = amos.code()
    browsers = [half(both, "approver")[0] for _ in range(4)]
    tokens = [TOKEN.search(one.get("/login/code").text)[1] for one in browsers]

    def send(number):
        return browsers[number].post("/login/code", data={"code": code, "csrf_token": tokens[number]}).status_code

    answers = at_once(both, send, times=4)
    assert sorted(answers) == [302, 401, 401, 401]
    amos.later(seconds=30)
    client, *_ = half(both, "approver")
    assert enter(client, code).status_code == 401, (
        "the code of thirty seconds ago is good for clocks that disagree, once"
    )


@pytest.mark.parametrize(("seconds", "taken"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
def test_au_06_a_code_is_good_for_a_clock_that_is_a_little_off(world, seconds, taken):
    amos = Owner(world.app, "approver").set_up(world).later(minutes=10)
    amos.later(seconds=seconds)
    code = amos.code()
    amos.later(seconds=-seconds)
    assert (enter(half(world, "approver")[0], code).status_code == 302) is taken


@pytest.mark.parametrize(
    "code", ["", " ", "12345", "1234567", "abcdef", "１２３４５６", "-12345", "0x1234", "\x00", "9" * 40]
)
def test_au_06_what_is_no_code_is_refused_in_words(world, code):
    Owner(world.app, "approver").set_up(world).later(minutes=1)
    assert enter(half(world, "approver")[0], code).status_code in (401, 422)


def test_au_06_guessing_stops_after_five_tries(both, amos):
    """Then even the right one is not taken from there for a quarter of an hour, at sign-in and at signatures alike."""
    request = a_request(both, "routed")
    amos.later(minutes=16)
    client, *_ = half(both, "approver")
    assert {enter(client, f"{number:06}").status_code for number in range(5)} == {401}
    assert enter(client, amos.code()).status_code == 401
    with nothing_changes(both):
        assert amos.press("purchase-request", request, "approve", code=amos.code()).status_code == 422
    amos.later(minutes=16)
    client, *_ = half(both, "approver")
    assert enter(client, amos.code()).status_code == 302


def test_au_06_a_spare_code_lets_in_once(both, amos):
    amos.later(minutes=1)
    assert len(set(amos.spare)) == second_factor.SPARE
    assert enter(half(both, "approver")[0], amos.spare[0].upper()).status_code == 302
    assert enter(half(both, "approver")[0], amos.spare[0]).status_code == 401
    assert enter(half(both, "approver")[0], amos.spare[1].replace(" ", "")).status_code == 302


def test_au_06_it_is_taken_away_with_password_and_code_or_by_an_administrator(both, amos):
    amos.later(minutes=1)
    with nothing_changes(both):
        for sent in ({"password": "wrong", "code": amos.code()}, {"password": PASSWORD, "code": "000000"}, {}):
            assert amos.post("/profile/second-factor/remove", **sent).status_code == 422
    assert (
        "with your password alone again"
        in amos.post("/profile/second-factor/remove", password=PASSWORD, code=amos.code()).text
    )
    with records(both) as session:
        assert session.scalar(select(func.count(SpareCode.id))) == 0
    Owner(both.app, "approver").set_up(both)
    admin = Person(both.app, "admin")
    page = admin.get(f"/ab-user/edit/{both.ids['approver']}").text
    assert "Take the second factor away" in page
    with records(both) as session:
        role = session.scalar(select(Role.id).where(Role.name == "Approver"))
    answer = admin.post(f"/ab-user/edit/{both.ids['approver']}", **an_account("approver", role, forget_factor="y"))
    assert answer.status_code == 200, answer.text
    with records(both) as session:
        assert session.scalar(select(func.count(SecondFactor.id))) == 0
        trail = session.scalars(
            select(AuditEntry).where(AuditEntry.entity == "SecondFactor", AuditEntry.action == "remove")
        )
        assert both.ids["admin"] in {one.by_id for one in trail}
    assert Person(both.app, "approver").get("/inbox/").status_code == 200
