"""The log: one line for each thing that happened, whatever somebody types into an address or a name, and no secrets.

Lines of text for people at a terminal; lines of JSON (PURSER_LOG=json) for what collects them. Source: IN-09, OP-01, OP-05."""

import logging
import re
from datetime import UTC, datetime
from typing import Any

from pythonjsonlogger.json import JsonFormatter

from app.log_masks import masked, masked_value

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
"""Line ends, terminal commands, and signs that turn the direction of what follows."""

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class OneLine(logging.Formatter):
    """Writes control characters of a message as their numbers. A traceback keeps its lines: it is ours."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, and the traceback, which another log may have written out before."""
        record.exc_text = None if record.exc_info else masked(record.exc_text or "") or None
        return super().format(record)

    def formatMessage(self, record: logging.LogRecord) -> str:
        """The line, without secrets and without what would end it early or command a terminal."""
        record.message = CONTROL.sub(
            lambda found: found.group().encode("unicode_escape").decode(), masked(record.message)
        )
        return super().formatMessage(record)

    def formatException(self, error: Any) -> str:
        """The traceback, without secrets in the words of the error."""
        return masked(super().formatException(error))


class JsonLine(JsonFormatter):
    """One object on one line: time (UTC), level, logger, message, and whatever else the line was given."""

    def __init__(self) -> None:
        super().__init__(["levelname", "name", "message"], rename_fields={"levelname": "level", "name": "logger"})

    def add_fields(self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]) -> None:
        """Put the time first."""
        moment = datetime.fromtimestamp(record.created, UTC)
        log_data["time"] = moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        super().add_fields(log_data, record, message_dict)

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        """Without secrets, at any depth."""
        return {key: masked_value(key, value) for key, value in log_data.items()}


FORMS: dict[str, Any] = {"text": lambda: OneLine(FORMAT), "json": JsonLine}
"""PURSER_LOG → how a line is written."""


def install(form: str = "text", level: int = logging.WARNING) -> None:
    """Write the log of this process in single lines, unless whoever embeds Purser has set up a log of their own."""
    root = logging.getLogger()
    if root.handlers:
        return
    lines = logging.StreamHandler()
    lines.setFormatter(FORMS[form]())
    root.addHandler(lines)
    root.setLevel(level)
