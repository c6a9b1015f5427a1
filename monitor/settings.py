"""What differs per installation, from the environment; every secret also from a file named by NAME_FILE."""

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from difflib import get_close_matches
from email.utils import parseaddr
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, field_validator
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from notifiers.mail_address import check_address
from notifiers.mail_server import server_address
from sources.http.transports import TRANSPORTS
from sources.http.veil import Veil, parts_of

PREFIX = "THERAWATCH_"
DATABASES = "sqlite:///./therawatch.db or postgresql+psycopg://user:password@host/name"
DRIVERS = ("sqlite+pysqlite", "postgresql+psycopg")
SECRETS = (
    "smtp_url", "secret_key", "openfda_key", "site_keys", "database_url", "api_token", "metrics_token", "heartbeat_url",
)  # fmt: skip
BUNDLED_PACK = Path(__file__).parent / "packs" / "als.toml"


LONGEST = 16 * 2**20
"""Bytes of a file that a person wrote: a pack, a history, a secret."""

UNNAMED = "operator-not-named@localhost"
"""The contact of an installation that names none."""

GUESSABLE = 12
"""From how many signs on a piece of an address counts as what opens it."""

SQLITE_QUERY = frozenset({"timeout", "cached_statements", "uri", "mode", "cache", "immutable", "vfs"})
"""What may stand behind the question mark of an SQLite address."""

KEYS = "expected host=user:password, host=key or host=?name=key"


LogFormat = Literal["text", "json"]


class Misconfigured(Exception):
    """Settings or pack cannot be used. Says file or variable, key, what was expected and what was found."""


def text_of(path: Path, longest: int = LONGEST) -> str:
    """The text of a file that a person wrote. Raises Misconfigured for one without end, OSError and
    UnicodeDecodeError."""
    with path.open("rb") as file:
        found = file.read(longest + 1)
    if len(found) > longest:
        raise Misconfigured(f"{path}: expected a file of at most {longest // 2**20} MB, found a longer one")
    return found.decode("utf-8").replace("\r\n", "\n")


class Settings(BaseModel):
    """The installation's settings, validated before anything runs."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    config: Path = BUNDLED_PACK
    database_url: str = "sqlite:///./therawatch.db"
    now: AwareDatetime | None = Field(
        default=None, description="the moment at which facts are seen; default: the clock"
    )
    quiet: bool = False
    host: str = Field(default="127.0.0.1", min_length=1, description="address on which the pages are served")
    port: int = Field(default=8000, ge=1, le=65535)
    smtp_url: str | None = Field(default=None, description="smtp://user:password@host:587?starttls=1")
    mail_from: str = "Therawatch <therawatch@localhost>"
    base_url: str = "http://127.0.0.1:8000"
    secret_key: str | None = None
    contact: str = UNNAMED
    openfda_key: str | None = None
    site_keys: dict[str, str] = Field(
        default={},
        description="what sites ask for: host=user:password, host=key or host=?name=key, with commas between them",
    )
    transports: dict[str, str] = Field(
        default={},
        description="hosts that refuse our way to speak HTTP, and what speaks to them: host=curl, several with commas",
    )
    api_token: str | None = Field(
        default=None, min_length=20, description="what a program shows to see and resend deliveries: 20 signs or more"
    )
    metrics_token: str | None = Field(
        default=None,
        min_length=20,
        description="what a program shows to read /metrics from elsewhere: 20 signs or more",
    )
    heartbeat_url: str | None = Field(default=None, description="an address that is called after each good round")
    log_format: LogFormat = Field(default="text", description="how the lines of the log are written: text or json")
    two_people: bool = Field(
        default=False, description="a second maintainer must agree before what is critical goes out"
    )
    allow_private: bool = False
    pace_seconds: float = Field(
        default=2.0, ge=0, le=3_600, description="least gap between two requests to one public host"
    )
    lease_seconds: float = Field(default=600.0, gt=0, le=86_400)
    sources_folder: Path | None = Field(default=None, description="a folder of further sources")
    notifiers_folder: Path | None = Field(default=None, description="a folder of further notifiers")

    @field_validator("smtp_url")
    @classmethod
    def _smtp(cls, value: str | None) -> str | None:
        if value is not None:
            server_address(value)
        return value

    @field_validator("mail_from")
    @classmethod
    def _sender(cls, value: str) -> str:
        if not value.isprintable():
            raise ValueError(f"expected a name and a mail address in one line, found {value!r}")
        check_address(parseaddr(value)[1])
        return value

    @field_validator("base_url")
    @classmethod
    def _base(cls, value: str) -> str:
        if re.search(r"//[^/]*@", value):
            raise ValueError("expected an address without user and password: it stands in every mail, found one with")
        if not _names_host(value, ("http", "https")) or set(value) & set("?# ") or not value.isprintable():
            raise ValueError(f"expected an address such as https://watch.example.org, found {value!r}")
        return value.rstrip("/")

    @field_validator("heartbeat_url")
    @classmethod
    def _heartbeat(cls, value: str | None) -> str | None:
        if value is not None and not (
            _names_host(value, ("http", "https")) and value.isascii() and value.isprintable()
        ):
            raise ValueError("expected an address such as https://heartbeat.example.org/..., found another text")
        return value

    @field_validator("database_url")
    @classmethod
    def _database(cls, value: str) -> str:
        try:
            url = make_url(value)
        except (ArgumentError, ValueError):  # a port that is no number
            raise ValueError(f"expected an address such as {DATABASES}, found something else") from None
        if url.get_backend_name() not in ("sqlite", "postgresql") or "\0" in value:
            raise ValueError("expected an address that starts with sqlite:/// or postgresql+psycopg://, found another")
        if "+" in url.drivername and url.drivername not in DRIVERS:
            raise ValueError(f"expected an address such as {DATABASES}, found another driver")
        if url.get_backend_name() == "sqlite" and (unknown := sorted(set(url.query) - SQLITE_QUERY)):
            raise ValueError(
                f"expected of {', '.join(sorted(SQLITE_QUERY))} behind the question mark, found {unknown[0]}"
            )
        return value

    @field_validator("now", mode="before")
    @classmethod
    def _now(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        try:
            moment = datetime.fromisoformat(value)
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, OverflowError):
            raise ValueError(f"expected a moment such as 2025-08-31T12:00:00Z, found {value!r}") from None

    @field_validator("site_keys", mode="before")
    @classmethod
    def _site_keys(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        pairs = [part.strip().partition("=") for part in value.split(",") if part.strip()]
        if any(not host or not key or "/" in host for host, _, key in pairs):
            raise ValueError(f"{KEYS}, several with commas between them")
        if any(key.startswith("?") and not re.fullmatch(r"\?[^=&#]+=[^=&#]+", key) for _, _, key in pairs):
            raise ValueError(f"{KEYS}; after the question mark a name and a key")
        return {host.lower(): key for host, _, key in pairs}

    @field_validator("transports", mode="before")
    @classmethod
    def _transports(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        pairs = [part.strip().lower().partition("=") for part in value.split(",") if part.strip()]
        if any(not host or "/" in host or name not in TRANSPORTS for host, _, name in pairs):
            raise ValueError(f"expected host={' or host='.join(TRANSPORTS)}, several with commas between them")
        return {host: name for host, _, name in pairs}

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] = os.environ, **overrides: Any) -> "Settings":
        """Read THERAWATCH_* (and NAME_FILE for secrets); `overrides` come from the command line and win.

        Raises Misconfigured naming the variable and the accepted form.
        """
        found: dict[str, Any] = {}
        for field in cls.model_fields:
            variable = PREFIX + field.upper()
            if value := environ.get(variable):
                found[field] = value
            elif field in SECRETS and (file := environ.get(variable + "_FILE")):
                try:
                    found[field] = text_of(Path(file)).strip()
                except OSError as problem:
                    raise Misconfigured(
                        f"{variable}_FILE: expected a readable file, found {file} ({problem.strerror})"
                    ) from None
                except UnicodeDecodeError:
                    raise Misconfigured(
                        f"{variable}_FILE: expected text in UTF-8, found other bytes in {file}"
                    ) from None
                if not found[field]:
                    raise Misconfigured(f"{variable}_FILE: expected a secret, found none in {file}")
        return cls._valid(found | {key: value for key, value in overrides.items() if value is not None})

    def changed(self, **given: Any) -> "Settings":
        """These settings, some of them others. Raises Misconfigured as `from_environ` does."""
        return self._valid(dict(self) | given)

    @classmethod
    def _valid(cls, values: Mapping[str, Any]) -> "Settings":
        try:
            return cls.model_validate(values)
        except ValidationError as problem:
            raise Misconfigured("; ".join(_wording(error) for error in problem.errors())) from None

    @property
    def veil(self) -> Veil:
        """Puts every secret of these settings out of sight."""
        return Veil(self._secrets())

    def _secrets(self) -> Iterator[str]:
        yield from (secret for secret in (self.secret_key, self.api_token, self.metrics_token) if secret)
        if self.heartbeat_url:
            yield from (piece for piece in urlsplit(self.heartbeat_url).path.split("/") if len(piece) >= GUESSABLE)
        for key in (*self.site_keys.values(), *([self.openfda_key] if self.openfda_key else [])):
            yield from parts_of(key)
        if self.smtp_url:
            yield server_address(self.smtp_url).password
        if password := make_url(self.database_url).password:
            yield str(password)

    def __repr_args__(self) -> Iterable[tuple[str | None, Any]]:
        """The settings as a traceback or log shows them."""
        return ((name, value) for name, value in super().__repr_args__() if name not in SECRETS)

    def moment(self) -> datetime:
        """The moment at which facts are seen: `--now`, or the clock."""
        return self.now or datetime.now(UTC)


def misspelt(environ: Mapping[str, str] = os.environ) -> dict[str, str | None]:
    """Variables that look like settings and are none, each with the setting that may have been meant. What a cluster
    sets for a service of our name (`_SERVICE_HOST`, `_PORT_8000_TCP`) is no slip."""
    known = {PREFIX + field.upper() for field in Settings.model_fields}
    known |= {f"{PREFIX}{field.upper()}_FILE" for field in SECRETS}
    found = [name for name in sorted(environ) if name.startswith(PREFIX) and name not in known]
    ours = [name for name in found if not re.match(f"{PREFIX}(SERVICE_|PORT_|KILL_AT$|TRAINING$)", name)]
    return {name: next(iter(get_close_matches(name, sorted(known), 1, 0.8)), None) for name in ours}


def _names_host(url: str, schemes: tuple[str, ...]) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in schemes and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:  # a port that is no number
        return False


def _wording(error: Any) -> str:
    where = PREFIX + str(error["loc"][0]).upper() if error["loc"] else "settings"
    said = str(error["msg"]).removeprefix("Value error, ")
    secret = error["loc"] and error["loc"][0] in SECRETS
    return f"{where}: {said}" if secret or "found" in said else f"{where}: {said}, found {error['input']!r}"
