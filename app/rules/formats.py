"""What an address, a telephone number and a web site look like: one row per column name, for forms and calls alike."""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any


@dataclass(frozen=True)
class Format:
    """A kind of text that has a shape. `pattern` describes all of it; `keyboard` is what a phone shows for it."""

    pattern: str
    words: str
    example: str
    keyboard: str

    @cached_property
    def _shape(self) -> re.Pattern[str]:
        return re.compile(self.pattern, re.ASCII)

    def problem(self, typed: str) -> str:
        """What is wrong with a text, or nothing; spaces around it do no harm."""
        sound = not typed.strip() or self._shape.fullmatch(typed.strip())
        return "" if sound else f"Enter {self.words} like {self.example}."

    @property
    def schema(self) -> dict[str, Any]:
        """The same for a call; an empty text says that there is none."""
        return {"pattern": f"^({self.pattern})?$", "examples": [self.example]}


NAME = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
"""One part of a host's name."""

PHONE = Format(
    r"[+(]?[0-9][0-9 ().\/-]{3,28}[0-9]( ?(x|ext\.?) ?[0-9]{1,6})?", "a telephone number", "(502) 555-0101 x12", "tel"
)
FORMATS = {
    "email": Format(
        rf"[A-Za-z0-9_%+'-]+(\.[A-Za-z0-9_%+'-]+)*@({NAME}\.)+[A-Za-z]{{2,24}}",
        "an e-mail address",
        "name@example.org",
        "email",
    ),
    "phone": PHONE,
    "fax": PHONE,
    "website": Format(
        rf"(https?:\/\/)?({NAME}\.)+[A-Za-z]{{2,24}}(\/[^\s]*)?", "a web site", "www.vendor.example", "url"
    ),
}
"""Column → the shape of its text."""
