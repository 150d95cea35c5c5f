"""Somebody at a browser, CSRF tokens and all. Each request has a context of its own, as in the program: otherwise who
is signed in would leak from one simulated person to the next."""

import re
from typing import Any

from flask import Flask

from tests.support.world import PASSWORD

TOKEN = re.compile(r'name="csrf-token" content="([^"]+)"')


class Person:
    """A person of the cast, signed in."""

    def __init__(self, app: Flask, name: str, password: str = PASSWORD) -> None:
        self.app, self.name, self.client = app, name, app.test_client()
        page = self.client.get("/login/")
        self.token = TOKEN.search(page.text)[1]  # type: ignore[index]
        answer = self.client.post("/login/", data={"username": name, "password": password, "csrf_token": self.token})
        assert answer.status_code == 302, f"{name} could not sign in: {answer.status_code}"
        self.token = TOKEN.search(self.get("/profile/").text)[1]  # type: ignore[index]

    def get(self, path: str, **how: Any) -> Any:
        """Open a page."""
        return self.client.get(path, follow_redirects=True, **how)

    def post(self, path: str, /, follow: bool = True, **data: Any) -> Any:
        """Send a form."""
        return self.client.post(
            path, data={"csrf_token": self.token} | data, follow_redirects=follow, content_type="multipart/form-data"
        )

    def press(self, kind: str, pk: int, action: str, /, **data: Any) -> Any:
        """Press one of a document's buttons, with the password where it is asked."""
        signed = {"password": PASSWORD} if action in ("approve", "conditions") else {}
        return self.post(f"/{kind}/act/{pk}/{action}", **(signed | data))
