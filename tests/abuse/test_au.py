"""AU: signing in, staying signed in, signing out."""

import re
from datetime import timedelta

import pytest
from flask_appbuilder.security.sqla.models import User
from sqlalchemy import func, select

from app.models import SignIn, SignInAttempt
from app.screens import security
from tests.abuse.matrix import NOT_PAGES
from tests.support.counting import statements
from tests.support.making import a_basket, a_request, records, state_of
from tests.support.offices import application
from tests.support.people import TOKEN, Person
from tests.support.world import PASSWORD


def try_to_sign_in(client, name: str, password: str, **how):
    token = TOKEN.search(client.get("/login/", **how).text)[1]
    return client.post("/login/", data={"username": name, "password": password, "csrf_token": token}, **how)


def cookie_of(client) -> str:
    return client.get_cookie("purser").value


def is_out(client) -> bool:
    answer = client.get("/profile/")
    return answer.status_code == 302 and answer.headers["Location"].startswith("/login/")


# AU-01: guessing.


def test_au_01_guessing_is_stopped_after_a_few_tries(both):
    client = both.app.test_client()
    codes = [try_to_sign_in(client, "approver", f"guess {number}").status_code for number in range(40)]
    assert codes == [401] * security.TRIES + [429] * (40 - security.TRIES)
    assert try_to_sign_in(client, "approver", PASSWORD).status_code == 429, "the right one comes too late"
    assert try_to_sign_in(client, "buyer", PASSWORD).status_code == 302, "others of the office are not shut out"
    both.clock.moment += security.WINDOW + timedelta(seconds=1)
    assert try_to_sign_in(both.app.test_client(), "approver", PASSWORD).status_code == 302


def test_au_01_all_workers_count_together(world):
    """The tries stand in the database: a second process knows of those at the first."""
    other = application(str(world.app.config["SQLALCHEMY_DATABASE_URI"]), world.clock)
    one, two = world.app.test_client(), other.test_client()
    for number in range(security.TRIES):
        assert try_to_sign_in((one, two)[number % 2], "approver", "guess").status_code == 401
    assert try_to_sign_in(one, "approver", PASSWORD).status_code == 429
    assert try_to_sign_in(two, "approver", PASSWORD).status_code == 429


def test_au_01_many_names_from_one_place_are_stopped_too(world):
    client = world.app.test_client()
    codes = [
        try_to_sign_in(client, f"name{number}", "guess").status_code for number in range(security.TRIES_OF_NETWORK + 5)
    ]
    assert codes == [401] * security.TRIES_OF_NETWORK + [429] * 5


def test_au_01_a_competitor_of_mine_does_not_lock_me_out(world):
    """The count is kept for each place: I sign in from mine."""
    client = world.app.test_client()
    for _ in range(10):
        try_to_sign_in(client, "approver", "guess", environ_overrides={"REMOTE_ADDR": "203.0.113.9"})
    assert try_to_sign_in(client, "approver", PASSWORD).status_code == 302


def test_au_01_the_answer_does_not_tell_which_names_exist(world):
    client = world.app.test_client()
    known, unknown = (try_to_sign_in(client, name, "guess") for name in ("approver", "nobody-at-all"))
    assert known.status_code == unknown.status_code == 401
    strip = re.compile(r'nonce="[^"]+"|content="[^"]+"|value="[^"]*"')
    assert strip.sub("", known.text) == strip.sub("", unknown.text)


def test_au_01_the_signing_password_is_guessed_no_better(world, sign_in):
    request, approver = a_request(world, "routed"), sign_in("approver")
    for _ in range(security.TRIES):
        approver.post(f"/purchase-request/act/{request}/approve", password="guess")
    answer = approver.press("purchase-request", request, "approve")
    assert answer.status_code == 422 and state_of(world, request) == "routed"


def test_au_01_who_thinks_for_some_minutes_can_still_save(both):
    """The mark of being seen is written beside what the request writes."""
    request, person = a_request(both), Person(both.app, "requester")
    for _ in range(2):
        both.clock.moment += timedelta(minutes=5)
        answer = person.post(f"/purchase-request/note/{request}", text="Thought about it")
        assert answer.status_code == 200 and "Thought about it" in answer.text


# AU-02: an old cookie.


def test_au_02_a_cookie_is_worth_nothing_after_signing_out(both):
    person = Person(both.app, "requester")
    kept = cookie_of(person.client)
    assert person.post("/logout/", follow=False).status_code == 302
    thief = both.app.test_client()
    thief.set_cookie("purser", kept)
    assert is_out(thief)
    with records(both) as session:
        assert session.scalar(select(func.count()).select_from(SignIn)) == 0


def test_au_02_nor_after_a_new_password_anywhere(world, sign_in):
    here, there = sign_in("requester"), sign_in("requester")
    kept = cookie_of(here.client)
    answer = here.post(
        "/profile/password", current=PASSWORD, password="a few words are easy", again="a few words are easy"
    )
    assert answer.status_code == 200
    assert here.get("/profile/").status_code == 200
    assert is_out(there.client)
    thief = world.app.test_client()
    thief.set_cookie("purser", kept)
    assert is_out(thief)


def test_au_02_nor_after_an_administrator_gave_a_new_password_or_deactivated(world):
    for change in (
        lambda user: security.set_password(user, "another few words"),
        lambda user: setattr(user, "active", False),
    ):
        person = Person(world.app, "receiver")
        with records(world) as session, world.app.test_request_context():
            change(session.scalar(select(User).where(User.username == "receiver")))
            session.commit()
        assert is_out(person.client)
        with records(world) as session:
            user = session.scalar(select(User).where(User.username == "receiver"))
            user.active, user.password = True, session.scalar(select(User.password).where(User.username == "buyer"))
            session.commit()


def test_au_02_an_idle_visit_ends_and_a_busy_one_does_not(world, sign_in):
    person = sign_in("requester")
    for _ in range(3):
        world.clock.moment += timedelta(minutes=50)
        assert person.client.get("/profile/").status_code == 200
    world.clock.moment += timedelta(minutes=61)
    assert is_out(person.client)


def test_au_02_staying_signed_in_writes_once_a_minute(world, sign_in):
    """Otherwise each page that is read would wait for those who write."""
    person = sign_in("requester")
    person.get("/vendor/list/")
    with statements(world.app) as asked:
        for _ in range(5):
            person.get("/vendor/list/")
    assert not [one for one in asked if one.startswith(("INSERT", "UPDATE", "DELETE"))]
    world.clock.moment += timedelta(seconds=61)
    with statements(world.app) as asked:
        person.get("/vendor/list/")
        person.get("/vendor/list/")
    assert [one.split()[:2] for one in asked if one.startswith(("INSERT", "UPDATE", "DELETE"))] == [
        ["UPDATE", "sign_in"]
    ]


def test_au_02_what_is_stored_of_a_visit_does_not_open_it(world, sign_in):
    """The table holds digests: whoever reads it cannot make a cookie of it."""
    person = sign_in("requester")
    with person.client.session_transaction() as session:
        token = session["sign_in"]
    with records(world) as session:
        row = session.scalar(select(SignIn))
        assert token not in (row.token_digest, row.password_mark) and len(row.token_digest) == 64


# AU-03: a session that somebody else prepared.


def test_au_03_a_prepared_cookie_is_not_the_one_that_is_signed_in(world):
    attacker, victim = world.app.test_client(), world.app.test_client()
    attacker.get("/login/")
    prepared = cookie_of(attacker)
    victim.set_cookie("purser", prepared)
    assert try_to_sign_in(victim, "requester", PASSWORD).status_code == 302
    assert cookie_of(victim) != prepared
    assert victim.get("/profile/").status_code == 200
    assert is_out(attacker)


def test_au_03_the_token_is_new_with_each_visit_and_each_password(world, sign_in):
    tokens = []
    for _ in range(2):
        person = sign_in("requester")
        with person.client.session_transaction() as session:
            tokens.append(session["sign_in"])
    person.post("/profile/password", current=PASSWORD, password="a few words are easy", again="a few words are easy")
    with person.client.session_transaction() as session:
        tokens.append(session["sign_in"])
    assert len(set(tokens)) == 3


def test_au_03_a_cookie_that_was_not_made_here_opens_nothing(world, sign_in):
    person = sign_in("requester")
    good = cookie_of(person.client)
    for forged in (
        "",
        "x",
        good[:-2] + ("AA" if not good.endswith("AA") else "BB"),
        "eyJfdXNlcl9pZCI6IjEifQ.x.y",
        "9" * 5000,
    ):
        client = world.app.test_client()
        client.set_cookie("purser", forged)
        assert is_out(client), forged[:20]


def test_au_03_the_cookie_is_kept_from_scripts_and_from_other_sites(world):
    client = world.app.test_client()
    header = try_to_sign_in(client, "requester", PASSWORD).headers["Set-Cookie"]
    assert "HttpOnly" in header and "SameSite=Lax" in header
    world.app.config["SESSION_COOKIE_SECURE"] = True
    assert "Secure" in try_to_sign_in(world.app.test_client(), "requester", PASSWORD).headers["Set-Cookie"]


def test_two_people_at_one_server_are_not_mixed_up(world, sign_in):
    one, two, nobody = sign_in("requester"), sign_in("approver"), world.app.test_client()
    for _ in range(3):
        assert "Rosa Requester" in one.get("/profile/").text and "Amos Approver" in two.get("/profile/").text
        assert is_out(nobody)


# AU-09: other sites.


def test_au_09_nobody_is_signed_in_or_out_by_another_site(world, sign_in):
    client = world.app.test_client()
    assert client.post("/login/", data={"username": "requester", "password": PASSWORD}).status_code == 400
    assert is_out(client)
    person = sign_in("requester")
    assert person.client.get("/logout/").status_code == 405
    assert person.client.post("/logout/").status_code == 400
    assert person.client.post("/logout/", data={"csrf_token": "x"}).status_code == 400
    assert not is_out(person.client)
    other = sign_in("approver")
    assert person.client.post("/logout/", data={"csrf_token": other.token}).status_code == 400, "somebody else's token"


def test_au_09_no_page_can_be_framed(world, sign_in):
    for answer in (
        world.app.test_client().get("/login/"),
        sign_in("requester").get("/"),
        sign_in("requester").get("/nowhere"),
    ):
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]


def test_au_09_the_policy_lets_no_script_of_others_in(world, sign_in):
    policy = sign_in("requester").get("/").headers["Content-Security-Policy"]
    rules = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert rules["default-src"] == "'self'" and rules["object-src"] == "'none'" and rules["base-uri"] == "'none'"
    assert re.fullmatch(r"'self' 'nonce-[\w-]{20,}'", rules["script-src"])
    assert "unsafe" not in policy and "*" not in policy and "http" not in policy
    assert policy != sign_in("requester").get("/").headers["Content-Security-Policy"], "a nonce is used once"


# AU-10: what stays behind.


def test_au_10_no_page_is_kept_by_browser_or_proxy(world, sign_in):
    person = sign_in("auditor")
    basket = a_basket(world)
    for rule in world.app.url_map.iter_rules():
        if rule.endpoint in NOT_PAGES or "GET" not in rule.methods:
            continue
        values = {one: {"pk": basket}.get(one, 1) for one in rule.arguments}
        answer = person.client.get(world.app.url_map.bind("localhost").build(rule.endpoint, values))
        assert answer.headers["Cache-Control"] == "no-store", rule.rule
        answer.close()
    for path in ("/nowhere", "/login/"):
        assert world.app.test_client().get(path).headers["Cache-Control"] == "no-store"
    for path in ("ui/css/purser.css", "ui/js/main.js"):
        kept = world.app.test_client().get(f"{world.app.static_url_path}/{path}")
        assert kept.status_code == 200 and "immutable" in kept.headers["Cache-Control"]


# AU-11: where one says that one comes from.


def test_au_11_an_invented_address_does_not_start_the_count_anew(world):
    client = world.app.test_client()
    codes = [
        try_to_sign_in(
            client,
            "approver",
            "guess",
            headers={
                "X-Forwarded-For": f"203.0.113.{number}",
                "X-Real-IP": f"203.0.113.{number}",
                "Forwarded": f"for=203.0.113.{number}",
                "Client-IP": f"203.0.113.{number}",
            },
        ).status_code
        for number in range(10)
    ]
    assert codes == [401] * security.TRIES + [429] * (10 - security.TRIES)
    with records(world) as session:
        assert set(session.scalars(select(SignInAttempt.network))) == {"127.0.0.1"}


def test_au_11_behind_a_proxy_only_its_own_word_counts(databases):
    """One proxy stands before us: the last address is what it saw, whatever the visitor put before it."""
    from app import create_app
    from app.office import open_office
    from tests.support.offices import filled
    from tests.support.world import Clock

    office = open_office("Central Purchasing Office", "America/New_York", "US-KY")
    office.clock = Clock()
    app = create_app(
        SQLALCHEMY_DATABASE_URI=databases.copy("sqlite", "office", filled),
        OFFICE=office,
        PROXY_HOPS=1,
        FAB_PASSWORD_HASH_METHOD="pbkdf2:sha256:1",
    )
    client = app.test_client()
    for number in range(security.TRIES):
        assert (
            try_to_sign_in(
                client, "approver", "guess", headers={"X-Forwarded-For": f"10.0.0.{number}, 198.51.100.7"}
            ).status_code
            == 401
        )
    assert (
        try_to_sign_in(client, "approver", "guess", headers={"X-Forwarded-For": "10.9.9.9, 198.51.100.7"}).status_code
        == 429
    )
    assert try_to_sign_in(client, "approver", PASSWORD, headers={"X-Forwarded-For": "198.51.100.8"}).status_code == 302


@pytest.mark.parametrize(
    "password, taken",
    [
        ("short", False),
        ("fourteen chars", False),
        ("fifteen chars ok", True),
        ("x" * 64 + " and so on", True),
        ("x" * 200, True),
        ("x" * 201, False),
        ("\u00e4\u00f6\u00fc \u4e2d\u6587 \U0001f600 and more words", True),
    ],
)
def test_au_07_a_password_is_long_and_nothing_else(world, sign_in, password, taken):
    person = sign_in("requester")
    answer = person.post("/profile/password", current=PASSWORD, password=password, again=password)
    assert (answer.status_code == 200) == taken
    if taken:
        Person(world.app, "requester", password)
        assert try_to_sign_in(world.app.test_client(), "requester", password[:-1]).status_code == 401, "kept whole"
