"""Where things are and what is switched on: the settings of one installation, from its environment.

Nothing here says how the office buys: tolerances, thresholds and routes are records that the office
edits. `create_app(**overrides)` replaces any of these, which is how the tests do it.
"""

import base64
import json
import os
import re
import secrets
import tempfile
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from app.engine import database_url, engine_options

PROJECT = Path(__file__).resolve().parent


class ConfigurationError(SystemExit):
    """A setting is missing or makes no sense; ends the program with a sentence that says what to write instead."""


def setting(name: str, default: str = "") -> str:
    """One variable of the environment; set but empty means not set."""
    return os.environ.get(name, "").strip() or default


def whole_number(name: str, default: int, least: int, most: int) -> int:
    """A setting that counts something."""
    text = setting(name, str(default))
    if not text.isdecimal() or not least <= int(text) <= most:
        raise ConfigurationError(f"{name} is {text!r}; it must be a whole number from {least} to {most}.")
    return int(text)


def one_of(name: str, default: str, choices: tuple[str, ...]) -> str:
    """A setting with few answers."""
    text = setting(name, default)
    if text not in choices:
        raise ConfigurationError(f"{name} is {text!r}; it must be {' or '.join(choices)}.")
    return text


def names(name: str) -> list[str]:
    """A setting that lists things, separated by commas."""
    return [part.strip() for part in setting(name).split(",") if part.strip()]


def time_zone(name: str, default: str) -> str:
    """A zone of the IANA database, such as America/New_York."""
    zone = setting(name, default)
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ConfigurationError(f"{name} is {zone!r}, which is no time zone; write one like America/New_York.")
    return zone


# --- keys -------------------------------------------------------------------------------------------

# What a key is for. Each purpose has keys by id and says which one is current: after a rotation the
# old ones still open what they closed.
PURPOSES = (
    "field",  # encrypts tax and bank numbers
    "index",  # finds an encrypted number without opening it
    "audit",  # seals the audit trail
    "bids",  # the server's part in opening sealed bids
)
SAMPLE_WORDS = ("change", "sample", "example", "secret-key", "dev-only", "password", "your-", "xxxx")


def mail_server(variable: str) -> str:
    """The address of a mail server; the password in it never stands in a message."""
    given = setting(variable)
    if given and not re.fullmatch(r"smtps?://\S+", given):
        raise ConfigurationError(f"{variable} must look like smtp://host:587?starttls=1 or smtps://name:password@host.")
    return given


def write_once(file: Path, content: str) -> None:
    """Create a file that only its owner may read, unless it is there: whoever comes second keeps the first one's."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")  # readable by the owner alone
    try:
        with os.fdopen(handle, "w") as open_file:
            open_file.write(content)
        os.link(draft, file)
    except FileExistsError:
        pass
    finally:
        os.unlink(draft)


def new_key() -> str:
    """256 random bits, in base64."""
    return base64.b64encode(secrets.token_bytes(32)).decode()


def must_exist(file: Path, variable: str) -> None:
    """In production keys are never invented: new ones would not open what the old ones closed."""
    if PRODUCTION and not file.exists():
        raise ConfigurationError(
            f"There is no {file}. Restore it from where keys are kept, or, for a new installation, run "
            f"`make keys` once and keep a copy apart from the database's backups. {variable} names another place."
        )


def not_a_sample(key: str, where: str) -> str:
    """Refuse, in production, a key that was copied from instructions or is too short to be one."""
    if PRODUCTION and (len(key) < 32 or len(set(key)) < 10 or any(word in key.lower() for word in SAMPLE_WORDS)):
        raise ConfigurationError(
            f"The key in {where} is too short or looks like a sample. "
            'Make one: python -c "import secrets; print(secrets.token_hex(32))"'
        )
    return key


def secret_key() -> str:
    """Signs the sessions' cookies: from the environment, or from a file that the first run makes."""
    if given := setting("PURSER_SECRET_KEY"):
        return not_a_sample(given, "PURSER_SECRET_KEY")
    file = VAR / "secret_key"
    must_exist(file, "PURSER_VAR (or the key itself in PURSER_SECRET_KEY)")
    if not file.exists():
        write_once(file, secrets.token_hex(32))
    return not_a_sample(file.read_text().strip(), str(file))


def keys() -> dict[str, dict[str, str | dict[str, bytes]]]:
    """The keys of each purpose: `{"field": {"current": "1", "keys": {"1": <32 bytes>}}, …}`."""
    must_exist(KEY_FILE, "PURSER_KEY_FILE")
    if not KEY_FILE.exists():
        fresh = {purpose: {"current": "1", "keys": {"1": new_key()}} for purpose in PURPOSES}
        write_once(KEY_FILE, json.dumps(fresh, indent=2) + "\n")
    try:
        rings = json.loads(KEY_FILE.read_text())
        return {purpose: opened(rings[purpose]) for purpose in PURPOSES}
    except (ValueError, KeyError, TypeError, AttributeError) as problem:
        raise ConfigurationError(
            f"{KEY_FILE} cannot be read ({problem!r}). It must hold, for each of {', '.join(PURPOSES)}, "
            '{"current": "1", "keys": {"1": "<32 bytes in base64>"}}.'
        )


def opened(ring: dict) -> dict[str, str | dict[str, bytes]]:
    """One purpose's keys as bytes; KeyError or ValueError when they are not what they should be."""
    opened_keys = {name: base64.b64decode(key, validate=True) for name, key in ring["keys"].items()}
    if any(len(key) != 32 for key in opened_keys.values()):
        raise ValueError("a key is not 32 bytes long")
    if PRODUCTION and any(len(set(key)) < 10 for key in opened_keys.values()):
        raise ValueError("a key is a sample")
    if ring["current"] not in opened_keys:
        raise KeyError(ring["current"])
    return {"current": ring["current"], "keys": opened_keys}


# --- this installation ------------------------------------------------------------------------------

# "production" refuses to invent or to accept sample keys, and wants HTTPS for its cookies.
PRODUCTION = setting("PURSER_ENV") == "production"

# What the installation keeps unless told otherwise: database, keys.
VAR = Path(setting("PURSER_VAR", str(PROJECT / "var"))).resolve()

# Where the records are: SQLite as delivered, postgresql://user:password@host/name for a larger office.
SQLALCHEMY_DATABASE_URI = database_url(setting("PURSER_DATABASE_URL", f"sqlite:///{VAR / 'purser.db'}"))
# Pools, time limits and UTC; the rest is app.engine.install.
SQLALCHEMY_ENGINE_OPTIONS = engine_options(SQLALCHEMY_DATABASE_URI)

# Signs cookies. A new one ends all sessions and nothing worse.
SECRET_KEY = secret_key()
# Encryption and sealing keys, outside the database and its backups. Lost keys cannot be made again.
KEY_FILE = Path(setting("PURSER_KEY_FILE", str(VAR / "keys.json"))).resolve()
KEYS = keys()

# Where the scheduler puts a backup each night, best on another disk; named nowhere: it makes none.
BACKUPS = Path(setting("PURSER_BACKUPS")).resolve() if setting("PURSER_BACKUPS") else None
# For how many days those are kept.
BACKUP_DAYS = whole_number("PURSER_BACKUP_DAYS", 30, 1, 3650)

# Where `python run.py` listens: this machine alone, unless a proxy on another one, or outside of the container, asks.
HOST = setting("PURSER_HOST", "127.0.0.1")
PORT = whole_number("PORT", 8080, 1, 65535)

# The name on papers and on every page.
OFFICE_NAME = setting("PURSER_OFFICE_NAME", "Central Purchasing Office")
# Days begin and bids close by this clock; inside, time is UTC.
TIME_ZONE = time_zone("PURSER_TIME_ZONE", "America/New_York")
# Public holidays of which country and part of it, as the holidays package names them.
HOLIDAYS = setting("PURSER_HOLIDAYS", "US-KY")

# How the log is written, to the standard error: lines of text, or of JSON for what collects them.
LOG = one_of("PURSER_LOG", "json" if PRODUCTION else "text", ("text", "json"))
# One line for each request: who watches over an office wants it, who writes the program does not.
LOG_REQUESTS = PRODUCTION

# --- the web ----------------------------------------------------------------------------------------

# Host names that requests may ask for, such as purser.example.gov; none named: any.
TRUSTED_HOSTS = names("PURSER_TRUSTED_HOSTS") or None
# How many proxies stand before us and may be believed about the visitor's address and HTTPS.
PROXY_HOPS = whole_number("PURSER_PROXY_HOPS", 0, 0, 10)

# The cookie: not for scripts, not from other sites' forms, over HTTPS only once it is serious.
SESSION_COOKIE_NAME = "purser"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = PRODUCTION
# A cookie outlives a working day, not a weekend; the server ends idle sessions sooner.
PERMANENT_SESSION_LIFETIME = timedelta(hours=12)
# Who may read /metrics: whoever brings this token; without one, only programs on this machine.
METRICS_TOKEN = setting("PURSER_METRICS_TOKEN")
# Links made outside a request (in notices) use the scheme that people use.
PREFERRED_URL_SCHEME = "https" if PRODUCTION else "http"

# Every form carries a token, which lives as long as the session: a clerk may leave a form open over lunch.
WTF_CSRF_ENABLED = True
WTF_CSRF_TIME_LIMIT = None
# The largest request, attachments included.
MAX_CONTENT_LENGTH = 20 * 1024 * 1024

# --- mail -------------------------------------------------------------------------------------------

# The server that takes our mails: smtp://name:password@host:587?starttls=1 or smtps://host. None named: no mails.
SMTP_URL = mail_server("PURSER_SMTP_URL")
# Whom the mails come from, and where the links in them lead.
MAIL_FROM = setting("PURSER_MAIL_FROM", "Purser <purser@localhost>")
ADDRESS = setting("PURSER_ADDRESS", f"http://localhost:{PORT}").rstrip("/")

# --- Flask-AppBuilder -------------------------------------------------------------------------------

# The name in the browser's tab.
APP_NAME = "Purser"
# People sign in with a name and a password kept here.
AUTH_TYPE = 1
# Tables come from migrations and permissions from the setup command, never from a starting worker.
FAB_CREATE_DB = False
FAB_UPDATE_PERMS = False
# Sign-ins are throttled in the database, for all workers together; these limits would count per worker.
AUTH_RATE_LIMITED = False
RATELIMIT_ENABLED = False
