"""The second factor: a code from the person's own device, asked at sign-in and again before money moves.

Purser keeps the secret sealed and takes each code once. Source: AU-05, AU-06."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor import InvalidToken
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from flask import g
from flask_appbuilder.security.sqla.models import User
from sqlalchemy import delete, insert, select, update

from app.entities.operations import SecondFactor, SignIn, SpareCode
from app.extensions import db
from app.facts import Answers
from app.screens import security
from app.screens.gate import office
from app.sealing import Secret

STEP = 30
"""Seconds for which an authenticator shows one code."""

FRESH = timedelta(minutes=15)
"""For how long a code is good for further signatures and payments."""

SPARE = 8

NOT_SET_UP = "This needs a second factor. Set one up under your name, Profile, Second factor; it takes a minute."
ASKED = "Enter the code that your authenticator shows now."
WRONG = "This code is wrong, was used before, or was tried too often. Wait for the next one and enter it."


def new_secret() -> Secret:
    """Twenty random bytes, as authenticators expect them; kept as text because that is what is sealed."""
    return Secret(secrets.token_hex(20))


def authenticator(secret: Secret) -> TOTP:
    """The six digits of thirty seconds (RFC 6238), with the one digest that every authenticator app knows."""
    return TOTP(bytes.fromhex(secret.reveal()), 6, SHA1(), STEP)


def step_of(secret: Secret, code: str, now: datetime) -> int | None:
    """The thirty seconds to which a code belongs: this one or a neighbour, for clocks that disagree a little."""
    typed = "".join(code.split())
    if not (typed.isascii() and typed.isdigit() and len(typed) == 6):
        return None
    steps = authenticator(secret)
    for step in (int(now.timestamp()) // STEP + near for near in (0, -1, 1)):
        try:
            steps.verify(typed.encode(), step * STEP)
        except InvalidToken:
            continue
        return step
    return None


def factor_of(user_id: int, confirmed: bool = True) -> SecondFactor | None:
    """A person's second factor; `confirmed=False` finds one that is still being set up too."""
    found = db.session().scalar(select(SecondFactor).where(SecondFactor.user_id == user_id))
    return found if found is not None and (found.confirmed_at is not None or not confirmed) else None


def accepts(user: User, code: str) -> bool:
    """Whether a code is right and was not used before: the authenticator's, or a spare one. Failures are counted like
    wrong passwords."""
    counted = f"code of {user.username}"
    if security.throttled(counted):
        return False
    factor = factor_of(user.id, confirmed=False)
    right = factor is not None and (_use_step(factor, code) or _use_spare(user.id, code))
    security.count_try(counted, right)
    return right


def _use_step(factor: SecondFactor, code: str) -> bool:
    step, row = step_of(factor.secret, code, office().now()), SecondFactor.__table__
    if step is None:
        return False
    # One condition in the database: of two that bring the same code at once, one is right.
    used = update(row).where(row.c.id == factor.id, row.c.last_step < step).values(last_step=step)
    return db.session().execute(used).rowcount == 1


def _use_spare(user_id: int, code: str) -> bool:
    row = SpareCode.__table__
    digest = security.digest(f"{user_id} {''.join(code.split()).lower()}")
    used = (
        update(row)
        .where(row.c.user_id == user_id, row.c.digest == digest, row.c.used_at.is_(None))
        .values(used_at=office().now())
    )
    return db.session().execute(used).rowcount == 1


def spare_codes(user_id: int) -> Sequence[str]:
    """Fresh spare codes in the place of all earlier ones. They are readable only now."""
    made = [f"{secrets.token_hex(3)} {secrets.token_hex(3)}" for _ in range(SPARE)]
    row = SpareCode.__table__
    db.session().execute(delete(row).where(row.c.user_id == user_id))
    db.session().execute(
        insert(row),
        [{"user_id": user_id, "digest": security.digest(f"{user_id} {one.replace(' ', '')}")} for one in made],
    )
    return made


def remove(user_id: int) -> None:
    """Take a person's second factor away, with its spare codes."""
    if (factor := factor_of(user_id, confirmed=False)) is not None:
        db.session().delete(factor)
    db.session().execute(delete(SpareCode.__table__).where(SpareCode.__table__.c.user_id == user_id))


def is_fresh() -> bool:
    """Whether a code was given in the last minutes."""
    given = g.sign_in.code_at
    return given is not None and office().now() - given <= FRESH


def was_given_within(time: timedelta) -> bool:
    """Whether a code was given so lately, by whoever has a second factor."""
    given = g.sign_in.code_at
    return (not g.has_factor and not required()) or (given is not None and office().now() - given <= time)


def wants_code() -> bool:
    """Whether the next signature or payment of the person asks for a code."""
    return bool(g.get("actor") and g.get("has_factor") and not is_fresh())


def required() -> bool:
    """Whether the office asks everybody who moves money for a second factor."""
    return bool(Answers(db.session(), office()).policy("second factor"))


def step_up(code: str) -> str:
    """What stands between the person and a signature or payment, in words; nothing when a code was given just now or in
    the last minutes, or when neither the person nor the office wants one (AU-05)."""
    if not g.has_factor:
        return NOT_SET_UP if required() else ""
    if is_fresh():
        return ""
    if not code.strip():
        return ASKED
    if not accepts(g.user, code):
        return WRONG
    given()
    return ""


def given() -> None:
    """The person has just shown the second factor in this sign-in."""
    row = SignIn.__table__
    mine = (row.c.id == g.sign_in.id, row.c.user_id == g.user.id)
    db.session().execute(update(row).where(*mine).values(code_at=office().now()))
    db.session().commit()
