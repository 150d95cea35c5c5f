"""The web server's own lines, written as ours are: `gunicorn --logger-class app.log_server.ServerLines`."""

from typing import Any

from gunicorn.glogging import Logger

from app.logs import FORMS


class ServerLines(Logger):  # type: ignore[misc]
    """What gunicorn says of its workers, in the form of PURSER_LOG."""

    def setup(self, cfg: Any) -> None:
        """Give its lines our form."""
        import config

        super().setup(cfg)
        for handler in (*self.error_log.handlers, *self.access_log.handlers):
            handler.setFormatter(FORMS[config.LOG]())
