"""A registry of many studies through the one path: first look, a day on which 1 % changed, and a day with nothing.

    python benchmarks/registry.py [--studies 100000]

A server in a process of its own answers as version 2 of the registry's interface does, 100 studies a page; the stamp of
the dataset stands on every study and moves daily. Printed per day: records and milliseconds of CPU of this process a
record, the peak of its memory while it looked, bytes of the database a record, and what was found. Exit 1 when a day
found other than what changed, took more than 300 MB, the quiet day cost a third of the first, or a transaction held the
database for more than a second.
"""

import argparse
import json
import multiprocessing
import os
import random
import re
import tempfile
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import structlog
from transactions import longest_told

from monitor.path.assemble import assembled
from monitor.path.round import check_all
from monitor.settings import Settings

PER_PAGE = 100
CHANGED_EVERY = 100
MOST_MEMORY = 300  # MB
DAYS = ("first look", "1 % changed", "nothing changed")
WORDS = re.findall(
    r"\w+",
    "adults children informed consent diagnosis onset months vital capacity stable dose riluzole renal hepatic disease "
    "measured screening baseline visit randomised placebo score survival ventilation progression history therapy",
)
CITIES = ("Boston", "Utrecht", "Turin", "Montreal", "Leuven", "Sydney", "Seoul", "Nantes", "Ulm", "Madrid")
PACK = """[pack]
name = "bench"
condition = "amyotrophic lateral sclerosis"

[[therapies]]
name = "riluzole"

[[watches]]
name = "registry"
source = "clinicaltrials"
every = "1d"
base_url = "{base}"
options = {{ condition = "x", page_size = {size} }}
"""


def study(number: int, day: int) -> dict[str, Any]:
    """One study of about 9 KB as it stands on a day: one in a hundred stops on the second."""
    draw = random.Random(number)

    def text(words: int) -> str:
        return " ".join(draw.choices(WORDS, k=words))

    stopped = day > 0 and number % CHANGED_EVERY == 0
    places = draw.sample(CITIES, 3)
    sites = [
        {"facility": f"Site {draw.randint(1, 999)}", "city": city, "country": "Belgium", "status": "RECRUITING",
         "geoPoint": {"lat": draw.random(), "lon": draw.random()}}
        for city in places for _ in range(draw.randint(0, 12))
    ]  # fmt: skip
    status: dict[str, Any] = {
        "overallStatus": "TERMINATED" if stopped else "RECRUITING",
        "statusVerifiedDate": "2026-01",
        "startDateStruct": {"date": "2024-05-01", "type": "ACTUAL"},
        "primaryCompletionDateStruct": {"date": f"2027-{draw.randint(1, 12):02}", "type": "ESTIMATED"},
        "lastUpdatePostDateStruct": {"date": f"2026-01-{10 + day}" if stopped else "2026-01-05", "type": "ACTUAL"},
    }
    return {
        "protocolSection": {
            "identificationModule": {"nctId": f"NCT{number:08}", "briefTitle": text(12), "officialTitle": text(25)},
            "statusModule": status | ({"whyStopped": text(8)} if stopped else {}),
            "sponsorCollaboratorsModule": {"leadSponsor": {"name": text(3), "class": "OTHER"}},
            "descriptionModule": {"briefSummary": text(120), "detailedDescription": text(250)},
            "conditionsModule": {"conditions": [text(3), text(2)]},
            "designModule": {"studyType": "INTERVENTIONAL", "phases": ["PHASE2"],
                             "enrollmentInfo": {"count": draw.randint(10, 900), "type": "ESTIMATED"}},
            "armsInterventionsModule": {"interventions": [{"type": "DRUG", "name": text(2)} for _ in range(2)]},
            "outcomesModule": {"primaryOutcomes": [{"measure": text(10), "timeFrame": "24 weeks"}]},
            "eligibilityModule": {"eligibilityCriteria": text(200), "minimumAge": "18 Years"},
            "contactsLocationsModule": {"locations": sites},
        },
        "derivedSection": {"miscInfoModule": {"versionHolder": f"2026-01-{10 + day}"}},
        "hasResults": False,
    }  # fmt: skip


def serve(studies: int, port: "multiprocessing.Queue[int]", today: Any) -> None:
    """Answer as the registry does."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            address, day = urlsplit(self.path), today.value
            value: Any = {"apiVersion": "2", "dataTimestamp": f"2026-01-{10 + day}T09:00:05"}
            if address.path.endswith("/studies"):
                first = int(parse_qs(address.query).get("pageToken", ["0"])[0])
                last = min(studies, first + PER_PAGE)
                value = {"totalCount": studies, "studies": [study(number, day) for number in range(first, last)]}
                value |= {"nextPageToken": str(last)} if last < studies else {}
            body = json.dumps(value, separators=(",", ":")).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    port.put(server.server_address[1])
    server.serve_forever()


@dataclass(frozen=True)
class Cost:
    """What one day cost."""

    cpu: float
    wall: float
    peak: int  # MB
    changes: int


def fixed(moment: datetime) -> datetime:
    """A clock that stands."""
    return moment


def forget_peak() -> None:
    """Let the peak of this process's memory begin anew."""
    Path("/proc/self/clear_refs").write_text("5")


def peak() -> int:
    """The peak of this process's memory in MB."""
    line = next(row for row in Path("/proc/self/status").read_text().splitlines() if row.startswith("VmHWM"))
    return int(line.split()[1]) // 1024


def look(service: Any, outcome: str) -> Cost:
    """One look at the whole registry."""
    forget_peak()
    cpu, wall = time.process_time(), time.monotonic()
    (checked,) = check_all(service, everything=True, workers=1)
    assert checked.outcome == outcome, f"expected {outcome}, found {checked}"
    return Cost(time.process_time() - cpu, time.monotonic() - wall, peak(), checked.changes)


def line(day: str, cost: Cost, stored: int, studies: int) -> str:
    """What is printed of a day."""
    return (
        f"{day:16} {studies / cost.wall:7.0f} records/s {cost.cpu * 1000 / studies:6.3f} ms CPU a record"
        f" {cost.peak:5} MB peak {stored / studies:7.0f} bytes a record {cost.changes:6} changes"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--studies", type=int, default=10_000)
    studies = parser.parse_args().studies
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    port: multiprocessing.Queue[int] = multiprocessing.Queue()
    today = multiprocessing.Value("i", 0)
    server = multiprocessing.Process(target=serve, args=(studies, port, today), daemon=True)
    server.start()
    costs, stored = [], []
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "bench.toml"
        config.write_text(PACK.format(base=f"http://127.0.0.1:{port.get()}", size=PER_PAGE))
        settings = Settings(config=config, database_url=f"sqlite:///{folder}/bench.db", allow_private=True, quiet=True)
        with longest_told() as turns, assembled(settings) as service:
            for day, outcome in zip(count(), ("baseline", "changed", "unchanged"), strict=False):
                today.value = day
                moment = datetime(2026, 1, 10, tzinfo=UTC) + timedelta(days=day)
                costs.append(look(replace(service, now=partial(fixed, moment)), outcome))
                stored.append(sum(os.path.getsize(file) for file in Path(folder).glob("bench.db*")))
                print(line(DAYS[day], costs[-1], stored[-1], studies))
    server.terminate()
    first, _, quiet = costs
    right = [cost.changes for cost in costs] == [0, len(range(0, studies, CHANGED_EVERY)), 0]
    return 0 if right and max(c.peak for c in costs) < MOST_MEMORY and turns.short and quiet.cpu < first.cpu / 3 else 1


if __name__ == "__main__":
    raise SystemExit(main())
