"""What a maintainer does with a watch: look now, believe what was refused, let it rest, hold what it tells. Each act
stands in the audit log."""

from datetime import datetime

from sqlmodel import Session, col, select

from monitor.path.round import check_all
from monitor.people.audit import Who, note_act
from monitor.service import Service
from monitor.settings import Misconfigured
from monitor.telling.match import match
from monitor.watching.guards import ACCEPTING, LIVE
from monitor.watching.runs import Checked
from store.database import writing
from store.tables import Watch


def check_now(service: Service, name: str, *, accept: bool = False, by: Who) -> Checked:
    """Look now, whether it is due or not, and match what is found; `accept`: a person has looked, what the doorman
    refuses is taken in. As `therawatch check WATCH [--accept]`. Raises Misconfigured for no such watch."""
    try:
        (checked,) = check_all(service, (name,), guard=ACCEPTING if accept else LIVE)
    except KeyError:
        raise Misconfigured(f"watch: expected the name of one, found {name!r}") from None
    match(service)
    note_look(service, checked, "accept" if accept else "check", by)
    return checked


def note_look(service: Service, checked: Checked, act: str, by: Who) -> None:
    """Put into the audit log that a person had a watch looked at, and what came of it."""
    after = {"outcome": checked.outcome.value, "changes": checked.changes, "events": checked.events}
    with writing(service.engine) as session:
        matter = f"watch {checked.watch}"
        note_act(session, by, act, matter, at=service.now(), after=after, note=checked.error or "")


def pause_watch(service: Service, name: str, *, by: Who) -> Watch:
    """Let it rest: it is asked only when somebody names it. What it told stands, and ages visibly."""
    with writing(service.engine) as session:
        watch = _stored(session, name)
        if watch.paused_at is None:
            watch.paused_at = service.now()
            _note(session, watch, "pause", service.now(), by)
    return watch


def resume_watch(service: Service, name: str, *, by: Who) -> Watch:
    """Ask it again, with the next round."""
    with writing(service.engine) as session:
        watch = _stored(session, name)
        if watch.paused_at is not None:
            watch.paused_at, watch.next_check_at = None, service.now()
            _note(session, watch, "resume", service.now(), by)
    return watch


def hold_watch(service: Service, name: str, *, by: Who) -> Watch:
    """From now on what it tells waits for a maintainer."""
    with writing(service.engine) as session:
        watch = _stored(session, name)
        if watch.held_at is None:
            watch.held_at = service.now()
            _note(session, watch, "hold", service.now(), by)
    return watch


def unhold_watch(service: Service, name: str, *, by: Who) -> Watch:
    """What it tells is released again as the rules say, unless the pack holds it."""
    with writing(service.engine) as session:
        watch = _stored(session, name)
        if watch.held_at is not None:
            watch.held_at = None
            _note(session, watch, "no longer hold", service.now(), by)
    return watch


def _note(session: Session, watch: Watch, act: str, now: datetime, by: Who) -> None:
    session.add(watch)
    note_act(session, by, act, f"watch {watch.name}", at=now)


def _stored(session: Session, name: str) -> Watch:
    """Raises Misconfigured for no such watch."""
    watch = session.exec(select(Watch).where(Watch.name == name, col(Watch.active).is_(True))).first()
    if watch is None:
        raise Misconfigured(f"watch: expected the name of one, found {name!r}")
    return watch
