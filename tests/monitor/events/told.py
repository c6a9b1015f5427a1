"""Claims and who tells them, told one after the other, and what the store then holds."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from monitor.events.intents import Teller
from monitor.events.ledger import enter
from monitor.vocabulary.claims import Claim
from monitor.vocabulary.pack import Pack
from store.database import writing
from store.tables import Event, Evidence

NOW = datetime(2023, 4, 26, 12, tzinfo=UTC)
PACK = Pack.model_validate(
    {"pack": {"name": "als", "condition": "ALS"}, "therapies": [{"name": "tofersen", "brands": ["Qalsody"]}]}
)


def claim(type_: str = "approval", **fields: object) -> Claim:
    told = {
        "polarity": "positive",
        "quote": f"quote of {type_}",
        "rule": "rule",
        "confidence": 0.95,
        "therapy": "tofersen",
        "drug": "Qalsody",
        "agency": "FDA",
        "place": "US",
        "occurred_on": "2023-04-25",
    }
    return Claim(type=type_, **(told | fields))  # type: ignore[arg-type]


def teller(
    name: str,
    tier: int,
    *,
    typed: bool = False,
    baseline: bool = False,
    hold: bool = False,
    after: timedelta = timedelta(0),
) -> Teller:
    url = f"https://{name}.example/{tier}"
    return Teller(name, name, tier, url, NOW + after, typed=typed, baseline=baseline, hold=hold, capture_sha256="hash")


COMPANY, REGISTER, PRESS = teller("company", 3), teller("register", 1, typed=True), teller("press", 4)


def tell(engine: Engine, *told: tuple[Claim, Teller]) -> None:
    for one, who in told:
        with writing(engine) as session:
            enter(session, one, who, PACK)


def events(engine: Engine) -> list[Event]:
    with Session(engine) as session:
        return list(session.exec(select(Event).order_by(col(Event.sequence))))


def evidence(engine: Engine) -> list[Evidence]:
    with Session(engine) as session:
        return list(session.exec(select(Evidence).order_by(col(Evidence.id))))
