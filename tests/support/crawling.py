"""Pages as a browser comes to them: every one that the given ones lead to."""

import re

from tests.support.people import Person


def crawled(person: Person, start: list[str], most: int = 80) -> dict[str, str]:
    """Every page that the given ones lead to, as far as this person gets."""
    seen: dict[str, str] = {}
    waiting = list(start)
    while waiting and len(seen) < most:
        path = waiting.pop(0)
        if path in seen:
            continue
        answer = person.get(path)
        if "text/html" not in answer.headers["Content-Type"]:
            continue
        seen[path] = answer.text
        waiting += [
            found.replace("&amp;", "&")
            for found in re.findall(r'href="(/[^"#]*)', answer.text)
            if not found.startswith(("/static", "/logout")) and found not in seen
        ]
    return seen
