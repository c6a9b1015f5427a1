"""The installation's key: webhook secrets at rest, and the tokens in subscription links."""

import base64
import hashlib
import hmac
import os
import secrets
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

from itsdangerous import BadSignature, Signer
from sqlalchemy import make_url
from sqlmodel import Session, col, select

from monitor.settings import PREFIX, Misconfigured, Settings
from store.tables import Subscription

GONE = "its {count} subscriptions were written with a key that is not here: expected it at {path}"

PURPOSES = ("manage", "stop", "confirm")
"""What a token may be used for; one made for another purpose is refused."""

TOKEN_LIMIT = 60
"""Longest token in characters: long addresses in List-Unsubscribe are rewritten on their way."""


class Keyring:
    """Encrypts what must not be read from a copy of the database, and signs the links in mails."""

    def __init__(self, key: str) -> None:
        from cryptography.fernet import Fernet  # noqa: PLC0415 - most commands neither tell nor sign

        self._fernet = Fernet(base64.urlsafe_b64encode(_derive(key, "webhook secrets")))
        self._signing = _derive(key, "subscription links")

    def encrypt(self, text: str) -> str:
        """Encrypted and authenticated; differs on every call."""
        return self._fernet.encrypt(text.encode()).decode()

    def decrypt(self, token: str) -> str:
        """The text again. Raises Misconfigured when another key was in use at the time of writing."""
        from cryptography.fernet import InvalidToken  # noqa: PLC0415

        try:
            return self._fernet.decrypt(token.encode()).decode()
        except InvalidToken:
            raise Misconfigured(
                "THERAWATCH_SECRET_KEY: expected the key with which the stored secrets were written, found another one"
            ) from None

    def token(self, purpose: str, subscription_id: int) -> str:
        """A token for the links of one subscription: id and signature, under 60 characters."""
        return self._signer(purpose).sign(str(subscription_id)).decode()

    def read_token(self, purpose: str, token: str) -> int:
        """The subscription a token speaks for, compared in constant time.

        Raises ValueError when it was not made here, or for another purpose.
        """
        try:
            if len(token) > TOKEN_LIMIT or not token.isascii():
                raise ValueError
            value = self._signer(purpose).unsign(token).decode()
            if token != self._signer(purpose).sign(value).decode():  # base64 has spare bits: one spelling only
                raise ValueError
            return int(value)
        except (BadSignature, ValueError):
            raise ValueError(f"expected a {purpose} link made by this installation, found another text") from None

    def mark(self, text: str) -> str:
        """A short keyed mark: the same for the same text, and of no use to who does not have the key."""
        return hmac.new(self._signing, b"mark|" + text.encode(), hashlib.sha256).hexdigest()[:16]

    def _signer(self, purpose: str) -> Signer:
        assert purpose in PURPOSES, purpose
        return Signer(self._signing, salt=purpose.encode(), key_derivation="hmac", digest_method=hashlib.sha256)


def address_seal(keyring: Keyring, subscription: Subscription) -> str:
    """The keyed hash of what a reader entered: says whether it was altered, and gives no address away."""
    return keyring.mark(f"{subscription.id}|{subscription.channel}|{subscription.address}")


def unreadable(session: Session, settings: Settings) -> str | None:
    """Why the installation's key cannot read what a database holds; None when it can, or when there is nothing.

    No key is made here. Raises Misconfigured for a key file that cannot be read.
    """
    rows = session.exec(select(Subscription).order_by(col(Subscription.id))).all()
    if not (rows and (settings.secret_key or _key_path(settings))):
        return None
    path = _key_path(settings)
    if not settings.secret_key and path is not None and not path.exists():
        return GONE.format(count=len(rows), path=path)
    keyring = open_keyring(settings)
    closed = [subscription for subscription in rows if not _reads(keyring, subscription)]
    if not closed:
        return None
    return f"{len(closed)} of its {len(rows)} subscriptions were written with another key than the one found here"


def _reads(keyring: Keyring, subscription: Subscription) -> bool:
    if subscription.seal is not None and subscription.secret is None:
        return subscription.seal == address_seal(keyring, subscription)
    try:
        return all(keyring.decrypt(secret) for secret in (subscription.secret or "").split())
    except Misconfigured:
        return False


def valid_secrets(subscription: Subscription, now: datetime) -> tuple[str, ...]:
    """The secrets with which a webhook is signed now, encrypted, the newest first: an older one only until it ends."""
    every = (subscription.secret or "").split()
    until = subscription.secret_until
    return tuple(every if until is not None and now < until else every[:1])


def _key_path(settings: Settings) -> Path | None:
    url = make_url(settings.database_url)
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        return None
    return key_file(Path(url.database))


def open_keyring(settings: Settings) -> Keyring:
    """The keyring of THERAWATCH_SECRET_KEY, or of a key file beside the SQLite database, made on first use.

    Raises Misconfigured for another database without a key, and where the key is gone with which this one was written.
    """
    if settings.secret_key:
        return Keyring(settings.secret_key)
    url = make_url(settings.database_url)
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        raise Misconfigured(
            f"THERAWATCH_SECRET_KEY: expected a long random text (a key file is only kept beside an SQLite file), "
            f"found none for a {url.get_backend_name()} database"
        )
    return Keyring(_key_beside(Path(url.database)))


def key_file(database: Path) -> Path:
    """Where the key of an SQLite database is kept."""
    return database.with_name(database.name + ".key")


def new_key_beside(database: Path) -> None:
    """Make a key for a database whose own is lost, where none is: a person has decided so. Raises Misconfigured."""
    if not key_file(database).exists():
        _make(key_file(database))


def _key_beside(database: Path) -> str:
    path = key_file(database)
    if not path.exists():
        if written := _written_with_a_key(database):
            raise Misconfigured(
                f"{PREFIX}SECRET_KEY: {GONE.format(count=written, path=path)}; put it back, or, if it is lost, write "
                "another text of 32 characters or more there: webhooks then need new secrets"
            )
        _make(path)
    try:
        key = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as problem:
        raise Misconfigured(f"{path}: expected a readable key file, found {problem}") from None
    if len(key) < 32:
        raise Misconfigured(f"{path}: expected a key of at least 32 characters, found {len(key)}")
    return key


def _written_with_a_key(database: Path) -> int:
    """How many subscriptions of an SQLite file hold something that only the key can read."""
    if not database.exists():
        return 0
    with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)) as found:
        try:
            asked = "SELECT count(*) FROM subscription WHERE secret IS NOT NULL OR seal IS NOT NULL"
            return int(found.execute(asked).fetchone()[0])
        except sqlite3.OperationalError:  # a database of before the seals is refused until it is migrated
            return 0


def _make(path: Path) -> None:
    """Write it whole under another name, then link it: of two first starts one key wins, and never half a key."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    try:
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(48) + "\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            return
        finally:
            draft.unlink()
    except OSError as problem:
        raise Misconfigured(f"{path}: expected to be able to write the key file: {problem.strerror}") from None


def _derive(key: str, purpose: str) -> bytes:
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF  # noqa: PLC0415

    return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"therawatch {purpose}".encode()).derive(key.encode())
