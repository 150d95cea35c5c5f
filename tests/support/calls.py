"""A program that calls Purser for somebody of the cast."""

from typing import Any

from flask import Flask

from tests.support.world import PASSWORD

ROOT = "/api/v1"


class Caller:
    """A program with somebody's token. It has no cookie."""

    def __init__(self, app: Flask, name: str, **login: Any) -> None:
        self.client = app.test_client(use_cookies=False)
        answer = self.client.post(
            f"{ROOT}/security/login", json={"username": name, "password": PASSWORD, "refresh": True, **login}
        )
        assert answer.status_code == 200, answer.json
        self.tokens: dict[str, str] = answer.json or {}

    def call(
        self, method: str, path: str, /, token: str = "", headers: dict[str, str] | None = None, **how: Any
    ) -> Any:
        """One call."""
        carried = {"Authorization": f"Bearer {token or self.tokens['access_token']}", **(headers or {})}
        return self.client.open(f"{ROOT}{path}", method=method, headers=carried, **how)

    def get(self, path: str, /, **how: Any) -> Any:
        """Read."""
        return self.call("GET", path, **how)

    def post(self, path: str, body: Any = None, /, **how: Any) -> Any:
        """Make, or do."""
        return self.call("POST", path, json={} if body is None else body, **how)

    def change(self, path: str, body: Any, /, **how: Any) -> Any:
        """Change fields of the version that stands there now, unless the body says another."""
        read = self.get(path)
        version = {"If-Match": read.headers["ETag"]} if "ETag" in read.headers and "version" not in body else {}
        return self.call("PATCH", path, json=body, headers=version, **how)

    def delete(self, path: str, /, **how: Any) -> Any:
        """Take away."""
        return self.call("DELETE", path, **how)

    def act(self, kind: str, pk: int, action: str, /, headers: dict[str, str] | None = None, **body: Any) -> Any:
        """Carry out an action, with the password where it is asked."""
        signed = {"password": PASSWORD} if action in ("approve", "conditions") else {}
        return self.post(f"/{kind}/{pk}/actions/{action}", signed | body, headers=headers)
