"""Log lines that stay one line each, whatever somebody types into an address or a name. Source: IN-09."""

import logging
import re

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
"""Line ends, terminal commands, and signs that turn the direction of what follows."""

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class OneLine(logging.Formatter):
    """Writes control characters of a message as their numbers. A traceback keeps its lines: it is ours."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        """The line, without what would end it early or command a terminal."""
        record.message = CONTROL.sub(lambda found: found.group().encode("unicode_escape").decode(), record.message)
        return super().formatMessage(record)


def install(level: int = logging.WARNING) -> None:
    """Write the log of this process in single lines, unless whoever embeds Purser has set up a log of their own."""
    root = logging.getLogger()
    if root.handlers:
        return
    lines = logging.StreamHandler()
    lines.setFormatter(OneLine(FORMAT))
    root.addHandler(lines)
    root.setLevel(level)
