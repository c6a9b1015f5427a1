"""What differs per installation, from the environment; every secret also from a file named by NAME_FILE."""

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parseaddr
from pathlib import Path
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, field_validator

from notifiers.mail_address import check_address
from notifiers.smtp import server_address

PREFIX = "THERAWATCH_"
SECRETS = ("smtp_url", "secret_key", "openfda_key", "database_url")
BUNDLED_PACK = Path(__file__).parent / "packs" / "als.toml"


class Misconfigured(Exception):
    """Settings or pack cannot be used. Says file or variable, key, what was expected and what was found."""


class Settings(BaseModel):
    """The installation's settings, validated before anything runs."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    config: Path = BUNDLED_PACK
    database_url: str = "sqlite:///./therawatch.db"
    now: AwareDatetime | None = Field(
        default=None, description="the moment at which facts are seen; default: the clock"
    )
    quiet: bool = False
    smtp_url: str | None = Field(default=None, description="smtp://user:password@host:587?starttls=1")
    mail_from: str = "Therawatch <therawatch@localhost>"
    base_url: str = "http://127.0.0.1:8000"
    secret_key: str | None = None
    contact: str = "operator-not-named@localhost"
    openfda_key: str | None = None
    allow_private: bool = False
    pace_seconds: float = Field(default=2.0, ge=0, description="least gap between two requests to one public host")
    lease_seconds: float = Field(default=600.0, gt=0)
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
        check_address(parseaddr(value)[1])
        return value

    @field_validator("base_url")
    @classmethod
    def _base(cls, value: str) -> str:
        if not value.startswith(("http://", "https://")):
            raise ValueError("expected an address that starts with http:// or https://")
        return value.rstrip("/")

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
                    found[field] = Path(file).read_text(encoding="utf-8").strip()
                except OSError as problem:
                    raise Misconfigured(
                        f"{variable}_FILE: expected a readable file, found {file} ({problem.strerror})"
                    ) from None
        found |= {key: value for key, value in overrides.items() if value is not None}
        try:
            return cls.model_validate(found)
        except ValidationError as problem:
            raise Misconfigured("; ".join(_wording(error) for error in problem.errors())) from None

    def moment(self) -> datetime:
        """The moment at which facts are seen: `--now`, or the clock."""
        return self.now or datetime.now(UTC)


def _wording(error: Any) -> str:
    where = PREFIX + str(error["loc"][0]).upper() if error["loc"] else "settings"
    return f"{where}: {error['msg'].removeprefix('Value error, ')}"
