"""`python -m demo`: play four years of ALS news in about a minute, and say what arrived."""

import argparse
import json
import sys
import time
from pathlib import Path

import structlog
from rich.console import Console
from rich.table import Table

from demo.timelapse import END, Golden, Step, play, read_golden

DATABASE = Path("demo.db")
PACK = Path("demo.toml")
SENT = Path("demo-sent")
COMMAND = (
    ".venv/bin/therawatch --config {pack} --database sqlite:///{database} --now {now:%Y-%m-%dT%H:%M:%SZ} "
    "serve --no-clock"
)


def main(arguments: list[str] | None = None) -> int:
    """Run the demo. 0: every golden alert arrived, once; 1: one is missing or came twice, or a check failed."""
    parser = argparse.ArgumentParser(prog="python -m demo", description=__doc__)
    parser.add_argument("--json", action="store_true", help="JSON Lines on stdout and nothing else there")
    parser.add_argument("--database", type=Path, default=DATABASE, help="replaced each time (default: %(default)s)")
    parser.add_argument("--sent", type=Path, default=SENT, help="folder of what is sent, likewise (%(default)s)")
    asked = parser.parse_args(arguments)
    console = Console(stderr=asked.json, soft_wrap=True, highlight=False)
    console.print("The watched world from 2022 to 2026, on this machine. No network is used.", style="bold")
    started = time.monotonic()
    steps = []
    for step in play(asked.database, pack=PACK, sent=asked.sent):
        steps.append(step)
        show(step, console, as_json=asked.json)
    good = summary(steps, console, as_json=asked.json)
    console.print(
        f"\n{len(steps)} stops in {time.monotonic() - started:.0f} s. What was sent: {asked.sent / 'index.html'}"
    )
    console.print("To open the pages on the result:")
    console.print("  " + COMMAND.format(pack=PACK, database=asked.database, now=END))
    return 0 if good else 1


def quiet_log() -> None:
    """Only warnings of the service: the demo prints what matters itself, and on stdout only with --json."""
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(40),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def show(step: Step, console: Console, *, as_json: bool) -> None:
    """What arrived at one stop of the clock."""
    for body in step.calls:
        if as_json:
            print(json.dumps({"at": step.moment.isoformat(), "webhook": body}, ensure_ascii=False))
        else:
            console.print(f"{step.moment:%Y-%m-%d}  {body['level']:<8}  {body['title']}", markup=False)
    if as_json:
        for mail in step.mails:
            mail_line = {"mail": str(mail["Subject"]), "to": str(mail["X-Recipient"])}
            print(json.dumps({"at": step.moment.isoformat(), **mail_line}, ensure_ascii=False))
    for problem in step.trouble:
        console.print(
            f"{step.moment:%Y-%m-%d}  {problem.watch}: {problem.outcome}, {problem.error}", style="red", markup=False
        )


def summary(steps: list[Step], console: Console, *, as_json: bool) -> bool:
    """The golden alerts and how often each arrived; the totals. True when all is as it should be."""
    bodies = [body for step in steps for body in step.calls]
    table = Table(title="Golden alerts", title_justify="left")
    for heading in ("what happened", "when", "told", "by", "first seen"):
        table.add_column(heading)
    good = not any(step.trouble for step in steps)
    for golden in read_golden():
        telling = [body for body in bodies if golden.told_by(body)]
        good = good and len(telling) == 1
        if as_json:
            print(json.dumps(_line(golden, telling), ensure_ascii=False))
        table.add_row(
            golden.what,
            golden.day,
            "once" if len(telling) == 1 else f"{len(telling)} times",
            ", ".join(sorted({proof["source"] for body in telling for proof in body["evidence"]})),
            telling[0]["detected_at"][:10] if telling else "never",
        )
    mails = sum(len(step.arrived.envelopes) for step in steps)
    totals = {"events": len({body["id"] for body in bodies}), "webhooks": len(bodies), "mails": mails}
    if as_json:
        print(json.dumps({"totals": totals}))
    console.print()
    console.print(table)
    console.print(", ".join(f"{number} {name}" for name, number in totals.items()))
    return good


def _line(golden: Golden, mails: list[dict[str, object]]) -> dict[str, object]:
    return {"golden": golden.what, "day": golden.day, "told": len(mails), "events": [body["id"] for body in mails]}


if __name__ == "__main__":
    quiet_log()
    sys.exit(main())
