"""Numbers that the database must not know: tax identifiers and bank accounts.

A number is encrypted before it reaches the database and opened when it is loaded, under keys that lie outside of it.
In the program it is a `Secret`, which shows its last digits to whoever prints it. Source: VR-10."""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE = 12


class Unreadable(Exception):
    """A sealed number that none of our keys opens: the key is gone, or somebody changed or moved what was sealed."""


class Secret:
    """A number in the clear that does not show itself: text, pages, logs and the audit trail get its mask."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The whole number. Who calls this puts it on record, or judges it and forgets it."""
        return self._text

    @property
    def mask(self) -> str:
        """As many of the last digits as still say nothing of the rest: •••6789."""
        shown = next(number for least, number in SHOWN if len(self._text) >= least)
        return f"•••{self._text[len(self._text) - shown :]}"

    def __str__(self) -> str:
        return self.mask

    def __repr__(self) -> str:
        return f"Secret({self.mask})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self._text.encode(), other._text.encode())

    def __hash__(self) -> int:
        return hash(self._text)

    def __reduce__(self) -> Any:
        raise TypeError("a secret is not copied out of the program")


class Closed(Secret):
    """A number that none of our keys opens. Whoever only shows it goes on; whoever needs it is told. It is written
    back by nobody, so that the right key still opens it. Errors of `reveal`: Unreadable."""

    __slots__ = ()

    def reveal(self) -> str:
        """Never the number."""
        raise Unreadable(self._text)

    @property
    def mask(self) -> str:
        """What stands in its place."""
        return "cannot be read"

    def __eq__(self, other: object) -> bool:
        return self is other

    __hash__ = object.__hash__


SHOWN = ((8, 4), (6, 2), (0, 0))
"""From how many characters on → how many of the last ones are shown."""


@dataclass(frozen=True)
class Ring:
    """The keys of one purpose by id, and the one that closes now. The others still open what they closed."""

    current: str
    keys: Mapping[str, bytes]

    @classmethod
    def of(cls, ring: Mapping[str, Any]) -> "Ring":
        """A ring as the settings hold it."""
        return cls(ring["current"], ring["keys"])


_rings: dict[str, Ring] = {}


def use_keys(field: Ring, index: Ring) -> None:
    """The rings from the key file. Called once by the factory."""
    _rings.update(field=field, index=index)


def seal(text: str, context: str) -> bytes:
    """A number as the database keeps it: the key's id, a nonce, and the number under that key. `context` is the table
    and column, so that what was sealed in one does not open in another."""
    ring = _rings["field"]
    name, nonce = ring.current.encode(), secrets.token_bytes(NONCE)
    return (
        bytes([len(name)])
        + name
        + nonce
        + AESGCM(ring.keys[ring.current]).encrypt(nonce, text.encode(), _bound(context, name))
    )


def opened(sealed: bytes, context: str) -> str:
    """What `seal` closed. Errors: Unreadable."""
    rest = sealed[1 + sealed[0] :] if sealed else b""
    name = sealed[1 : 1 + sealed[0]] if sealed else b""
    key = _rings["field"].keys.get(name.decode(errors="replace"))
    if key is None or len(rest) <= NONCE:
        raise Unreadable(f"No key opens {context}: the key file lacks key {name.decode(errors='replace')!r}.")
    try:
        return AESGCM(key).decrypt(rest[:NONCE], rest[NONCE:], _bound(context, name)).decode()
    except InvalidTag:
        raise Unreadable(f"What is sealed in {context} was changed or belongs elsewhere.") from None


def _bound(context: str, key_name: bytes) -> bytes:
    return b"purser\x00" + context.encode() + b"\x00" + key_name


def blind_index(text: str, context: str) -> str:
    """What finds a sealed number without opening it: the same number has the same index, and nobody without the key
    can compute it."""
    return blind_indexes(text, context)[0]


def blind_indexes(text: str, context: str) -> list[str]:
    """The index under every key of the ring, today's first: what was written before a rotation is still found."""
    ring = _rings["index"]
    names = sorted(ring.keys, key=lambda name: name != ring.current)
    body = _bound(context, b"") + text.encode()
    return [hmac.new(ring.keys[name], body, hashlib.sha256).hexdigest() for name in names]
