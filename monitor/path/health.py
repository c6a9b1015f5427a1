"""What an installation needs, checked one by one: each verdict names what was found and what mends it."""

import shutil
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypedDict

from sqlalchemy.engine import make_url
from sqlmodel import col, func, select

from monitor.path.round import ahead
from monitor.service import Service
from monitor.settings import UNNAMED, Misconfigured, Settings, misspelt
from monitor.telling.deliveries import FAILED_SHOWN, arrears
from monitor.telling.outages import outages
from monitor.telling.secrets import open_keyring, unreadable
from monitor.telling.troubles import LISTENING
from monitor.watching.chain import chained
from monitor.watching.freshness import AHEAD, age_of
from notifiers.base import Undeliverable
from notifiers.mail_server import server_address
from notifiers.smtp import MailServer
from store.database import reading
from store.revision import current, head
from store.states import EventState
from store.tables import Change, Event, Flag, Watch

ROOM = 500 * 2**20  # bytes that should be free where the database lies
NO_ROOM = 20 * 2**20  # below this many the next round may not be written down
OLDEST_SANE = datetime(2026, 1, 1, tzinfo=UTC)
LOOKED_WITHIN = timedelta(days=1)


class VerdictLine(TypedDict):
    """A check as `therawatch doctor --json` prints it."""

    check: str
    state: str
    detail: str
    fix: str | None


@dataclass(frozen=True)
class Verdict:
    """One check: pass, warn, fail, blocked or shape-changed, what was found, and how to mend it."""

    check: str
    state: str
    detail: str
    fix: str | None = None

    def line(self) -> VerdictLine:
        """The contract's JSON line."""
        return {"check": self.check, "state": self.state, "detail": self.detail, "fix": self.fix}


def examine(service: Service) -> Iterator[Verdict]:
    """From the settings, clock and disk to the deliveries, the watches, the age of their data and held events."""
    checks = (_settings, _clock, _disk, _database, _log, _keys, _contact, _mail, _sending, _deliveries, _trouble)
    for look in (*checks, _watches, _ages, _held):
        yield look(service)


def _settings(_: Service) -> Verdict:
    """A setting whose name has a slip is silently another one: here it shows."""
    slips = misspelt()
    if not slips:
        return Verdict("settings", "pass", "every variable is known")
    meant = ", ".join(f"{name} may be meant as {other}" for name, other in slips.items() if other)
    return Verdict("settings", "warn", f"not known: {', '.join(slips)}", meant or "unset them, or correct their names")


def _clock(service: Service) -> Verdict:
    now = datetime.fromtimestamp(time.time(), UTC)
    if service.settings.now:
        return Verdict("clock", "warn", f"facts are seen as of {service.settings.now}", "unset THERAWATCH_NOW")
    sane = now > OLDEST_SANE
    return Verdict("clock", "pass" if sane else "fail", f"{now:%Y-%m-%d %H:%M} UTC", None if sane else "set the clock")


def free_bytes(settings: Settings) -> int | None:
    """Bytes free where the database lies; None when it does not lie on a disk of this machine."""
    url = make_url(settings.database_url)
    if url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:"):
        return None
    return shutil.disk_usage(Path(str(url.database)).resolve().parent).free


def _disk(service: Service) -> Verdict:
    free = free_bytes(service.settings)
    if free is None:
        return Verdict("disk", "pass", "the database lies elsewhere")
    state = "fail" if free < NO_ROOM else "warn" if free < ROOM else "pass"
    return Verdict("disk", state, f"{free // 2**20} MB free", None if state == "pass" else "make room")


def _database(service: Service) -> Verdict:
    revisions, wanted = current(service.engine), head()
    state = "pass" if revisions == wanted else "fail"
    return Verdict("database", state, f"schema {revisions}", None if state == "pass" else "run `therawatch migrate`")


def _log(service: Service) -> Verdict:
    with reading(service.engine) as session:
        last = session.exec(select(Change).order_by(col(Change.id).desc()).limit(1)).first()
    if last is None:
        return Verdict("log", "pass", "no changes yet")
    sound = chained(last) == last.hash
    fix = None if sound else "run `therawatch verify` and restore a backup"
    return Verdict("log", "pass" if sound else "fail", f"head {last.hash[:16]}", fix)


def _keys(service: Service) -> Verdict:
    """Reads something that was written with the key: a wrong one shows here, not at the first alert."""
    try:
        with reading(service.engine) as session:
            problem = unreadable(session, service.settings)
        open_keyring(service.settings)
    except Misconfigured as trouble:
        problem = str(trouble)
    if problem:
        return Verdict("keys", "fail", problem, "put the right key back: THERAWATCH_SECRET_KEY, or the key file")
    return Verdict("keys", "pass", "tokens and secrets can be read")


def _contact(service: Service) -> Verdict:
    contact = service.settings.contact
    if contact == UNNAMED:
        return Verdict("contact", "warn", "sources are not told who asks", "set THERAWATCH_CONTACT to a mail address")
    return Verdict("contact", "pass", contact)


def _mail(service: Service) -> Verdict:
    if not service.settings.smtp_url:
        return Verdict("mail", "warn", "no mail server: no mail is sent", "set THERAWATCH_SMTP_URL")
    here = server_address(service.settings.smtp_url)
    try:
        with closing(MailServer(service.settings.smtp_url, name="localhost")) as server:
            server.greet()
    except Undeliverable as problem:
        return Verdict("mail", "fail", str(problem), "check THERAWATCH_SMTP_URL")
    signed_in = f", signs {here.user} in" if here.user else ""
    return Verdict("mail", "pass", f"{here.host}:{here.port} answers{signed_in}")


def _sending(service: Service) -> Verdict:
    with reading(service.engine) as session:
        flag = session.get(Flag, "sending")
    if flag is not None and flag.value == "paused":
        return Verdict("sending", "warn", "all sending is paused", "run `therawatch resume`")
    return Verdict("sending", "pass", "on")


def _deliveries(service: Service) -> Verdict:
    """What was given up of late, what nobody tries though it is due, and channels that turn us away."""
    owed = arrears(service)
    detail = f"{owed.failed} given up in {FAILED_SHOWN.days} days, {owed.overdue} overdue"
    if owed.overdue_since is not None:
        detail += f" since {owed.overdue_since:%Y-%m-%d %H:%M} UTC"
    try:
        down = outages(service, open_keyring(service.settings))
    except Misconfigured:  # the keys have a verdict of their own
        down = []
    for outage in down:
        detail += f"; {outage.channel} down since {outage.since:%Y-%m-%d %H:%M} UTC, tried {outage.failures} times, "
        detail += f"again at {outage.until:%H:%M}: {outage.because}"
    if not (owed.failed or owed.overdue or down):
        return Verdict("deliveries", "pass", detail)
    fix = "see `therawatch deliveries --state failed`, mend it, then `therawatch resend`"
    if down:
        fix = "mend the channel, then `therawatch resume` tries it at once"
    elif owed.overdue:
        fix = "is the clock running? `therawatch deliver` sends by hand"
    return Verdict("deliveries", "warn", detail, fix)


def _trouble(service: Service) -> Verdict:
    """Whether anybody hears of trouble by mail."""
    with reading(service.engine) as session:
        readers = len(session.exec(LISTENING).all())
    if readers or not service.settings.smtp_url:
        return Verdict("trouble", "pass", f"{readers} hear by mail of sources and receivers in trouble")
    fix = "therawatch subscribe --about trouble --channel email --to ADDRESS --confirmed"
    return Verdict("trouble", "warn", "nobody hears by mail of sources and receivers in trouble", fix)


def _watches(service: Service) -> Verdict:
    with reading(service.engine) as session:
        watches = session.exec(select(Watch).where(col(Watch.active).is_(True))).all()
    now = service.now()
    early = [w for w in watches if _later(w.last_success_at, now) or ahead(w, now)]
    if early:
        last = max(w.next_check_at for w in early)
        detail = f"a clock ran ahead: {', '.join(w.name for w in early)} put off until {last:%Y-%m-%d}"
        return Verdict("watches", "warn", detail, "set the clock; the next round pulls them back")
    blind = [w.name for w in watches if w.last_success_at is None or w.last_success_at < now - LOOKED_WITHIN]
    detail = f"{len(watches) - len(blind)} of {len(watches)} looked within a day"
    amiss = [f"{w.name}: {w.problem}" for w in watches if w.problem and w.name not in blind]
    parts = [detail, f"not: {', '.join(blind)}" if blind else "", *amiss]
    if blind or amiss:
        return Verdict("watches", "warn", "; ".join(filter(None, parts)), "see /sources for each one's problem")
    return Verdict("watches", "pass", detail)


def _ages(service: Service) -> Verdict:
    """How old the data are that the sources show, by their own word."""
    with reading(service.engine) as session:
        watches = session.exec(select(Watch).where(col(Watch.active).is_(True)).order_by(col(Watch.name))).all()
    ages = {w.name: age_of(w, service.sources.get(w.source), service.now()) for w in watches}
    frozen = [f"{name}: {age.frozen}" for name, age in ages.items() if age.frozen]
    ages_said = [f"{name} {said}" for name, age in ages.items() if (said := (age.newest_entry or "")[:10] or age.stamp)]
    if frozen:
        return Verdict(
            "data", "warn", "; ".join(frozen), "look at the source with your own eyes: it answers, but stands still"
        )
    return Verdict("data", "pass", "; ".join(ages_said) or "no source says how old its data are")


def _later(moment: datetime | None, now: datetime) -> bool:
    return moment is not None and moment > now + AHEAD


def _held(service: Service) -> Verdict:
    with reading(service.engine) as session:
        count = session.exec(select(func.count()).where(Event.state == EventState.HELD)).one()
    fix = "see `therawatch events --state held`, then `therawatch review`" if count else None
    return Verdict("review", "warn" if count else "pass", f"{count} events wait for a maintainer", fix)
