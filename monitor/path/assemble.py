"""Build the Service: settings, pack, database, catalogs and client, once, by hand. Faults stop it here."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import Engine, delete, select
from sqlalchemy.engine import make_url

import notifiers
import sources
from monitor.service import Service
from monitor.settings import PREFIX, Misconfigured, Settings
from monitor.vocabulary.keeping import filled
from monitor.vocabulary.pack import Pack
from monitor.vocabulary.pack_faults import sound_pack
from monitor.vocabulary.therapies import Therapies
from notifiers.base import Notifier
from sources.base import Source
from sources.http.client import Client
from store.columns import FLAG
from store.database import noting, writing
from store.engine import open_engine
from store.prepare import prepare
from store.revision import SchemaMismatch
from store.states import FILLED, Filled

OWNER_ALONE = 0o600
BESIDE = ("", "-wal", "-shm")
"""What SQLite keeps of a database: the file, and what is not in it yet."""
FLAGS = select(FLAG.c.name, FLAG.c.value).where(FLAG.c.name.in_(FILLED))


@contextmanager
def assembled(settings: Settings, *, pack: Pack | None = None, fill: bool = True) -> Iterator[Service]:
    """A ready Service; the client and the database are closed afterwards.

    A new database gets its schema; an older one is refused until it is migrated. `fill` brings the store in line with
    the pack and its history. Raises Misconfigured.
    """
    catalog = catalog_of(settings)
    channels = channels_of(settings)
    written = pack or sound_pack(settings.config, catalog)
    pack = filled(written, catalog)
    engine = _open(settings)
    client = _client(settings, pack)
    service = Service(
        settings=settings,
        pack=pack,
        therapies=Therapies(pack),
        engine=engine,
        sources=catalog,
        notifiers=channels,
        client=client,
        now=settings.moment,
    )
    try:
        if fill:
            _fill(service, written)
        yield service
    finally:
        client.close()
        engine.dispose()


def _client(settings: Settings, pack: Pack) -> Client:
    """Who speaks HTTP. Raises Misconfigured where a transport that settings or pack name is not installed."""
    asked = pack.transports | {known.source: known.transport for known in pack.known if known.transport}
    named = ", ".join(sorted({*settings.transports.values(), *asked.values()}))
    where = f"{PREFIX}TRANSPORTS" if settings.transports else f"{settings.config}: watches.transport"
    try:
        client = Client(
            contact=settings.contact,
            allow_private=settings.allow_private,
            pace_seconds=settings.pace_seconds,
            keys=settings.site_keys | ({"api.fda.gov": settings.openfda_key} if settings.openfda_key else {}),
            transports=settings.transports,
        )
        for transport in set(asked.values()):
            client.through(transport)
    except ImportError as problem:
        raise Misconfigured(
            f"{where}: expected {named} to be installed, found {problem}: pip install 'therawatch[{named}]'"
        ) from None
    return client


def catalog_of(settings: Settings) -> Mapping[str, type[Source]]:
    """All sources by name, those of the operator's own folder too. Raises Misconfigured."""
    try:
        return sources.load(_folders(settings.sources_folder, "SOURCES_FOLDER"))
    except (ValueError, SyntaxError, ImportError) as problem:
        raise Misconfigured(f"{PREFIX}SOURCES_FOLDER: {problem}") from None


def channels_of(settings: Settings) -> Mapping[str, type[Notifier]]:
    """All notifiers by name, those of the operator's own folder too. Raises Misconfigured."""
    try:
        return notifiers.load(_folders(settings.notifiers_folder, "NOTIFIERS_FOLDER"))
    except (ValueError, SyntaxError, ImportError) as problem:
        raise Misconfigured(f"{PREFIX}NOTIFIERS_FOLDER: {problem}") from None


def _folders(folder: Path | None, variable: str) -> list[Path]:
    if folder is not None and not folder.is_dir():
        raise Misconfigured(f"{PREFIX}{variable}: expected a folder of Python files, found {folder}")
    return [folder] if folder else []


def _open(settings: Settings) -> Engine:
    engine = open_engine(settings.database_url)
    keep_to_owner(settings)
    try:
        prepare(engine)
    except SchemaMismatch as problem:
        raise Misconfigured(f"THERAWATCH_DATABASE_URL: {problem}") from None
    return engine


def keep_to_owner(settings: Settings) -> None:
    """Let nobody but its owner read an SQLite file and what lies beside it: it holds addresses of readers."""
    url = make_url(settings.database_url)
    if url.get_backend_name() != "sqlite" or not url.database:
        return
    for file in (Path(url.database + beside) for beside in BESIDE):
        with suppress(PermissionError, FileNotFoundError):  # the file of another account, which let us in; or none
            file.chmod(OWNER_ALONE)


def _fill(service: Service, written: Pack) -> None:
    """Watches as the pack names them, its history once, and the first answers noted in silence."""
    stamp, spoken, said = service.pack.digest(), _spoken(service.sources), written.digest()
    with service.engine.connect() as connection:
        flags = {name: value for name, value in connection.execute(FLAGS)}
    if Filled.ADDRESSES_SEALED not in flags:
        _seal_addresses(service)
    if [flags.get(name) for name in (Filled.PACK, Filled.SOURCES, Filled.WRITTEN)] != [stamp, spoken, said]:
        _fill_anew(service, {Filled.PACK: stamp, Filled.SOURCES: spoken, Filled.WRITTEN: said}, flags)


def _fill_anew(service: Service, stands: Mapping[str, str], before: Mapping[str, str]) -> None:
    from monitor.events.history import import_history  # noqa: PLC0415 - nearly all starts find the store filled
    from monitor.standing.answers import note_changed_answers  # noqa: PLC0415
    from monitor.standing.overdue import begin_anew  # noqa: PLC0415
    from monitor.watching.roster import sync_in_parts  # noqa: PLC0415
    from store.tables import Flag  # noqa: PLC0415

    pack, now = service.pack, service.now()
    another = before.get(Filled.PACK) != stands[Filled.PACK]
    if another:
        with noting(service.engine) as connection:  # ended midway, it is filled anew, also from the pack of before
            connection.execute(delete(FLAG).where(FLAG.c.name == Filled.PACK.value))
        sync_in_parts(service.engine, pack, now)
    with writing(service.engine) as session:
        for name in (Filled.SOURCES, Filled.WRITTEN):
            session.merge(Flag(name=name, value=stands[name]))
        if not another:
            return
        if pack.pack.history:
            import_history(session, pack, service.settings.config.parent / pack.pack.history, now)
        note_changed_answers(service, session, now)
        begin_anew(session)
        session.merge(Flag(name=Filled.PACK, value=stands[Filled.PACK]))


def _spoken(catalog: Mapping[str, type[Source]]) -> str:
    """What each source says of itself, for answers that are given without it (`monitor.path.open_answers`)."""
    said = {
        name: [kind.places, kind.moves_within.total_seconds() if kind.moves_within else None]
        for name, kind in sorted(catalog.items())
    }
    return json.dumps(said)


def _seal_addresses(service: Service) -> None:
    """Give the subscriptions of before the seals theirs, once: what is unsealed later was made by another hand."""
    from monitor.telling.secrets import address_seal, open_keyring  # noqa: PLC0415 - once in the life of a store
    from store.tables import Flag, Subscription  # noqa: PLC0415

    with writing(service.engine) as session:
        if old := session.scalars(select(Subscription).filter_by(seal=None)).all():
            keyring = open_keyring(service.settings)
            for subscription in old:
                subscription.seal = address_seal(keyring, subscription)
                session.add(subscription)
        session.merge(Flag(name=Filled.ADDRESSES_SEALED, value="yes"))
