"""Play the inputs that failed once (../shared/faults) and say, case by case, what is right and what came.

Each case is a pack and numbered steps, served on loopback one day apart; the real commands look at them. What must hold
is a table here, one row a case; cases without steps are inputs of functions and have tests of their own. Prose rows are
marked: they belong to the reader, are shown, and do not count. Exit 1 when a row that counts is wrong.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from demo.fault_site import Site

SHARED = Path(__file__).resolve().parents[2] / "shared"
FIRST_DAY, PORT = 2, 8931
SERVED_HERE = {
    "12": "serve_case.py does not decode the address",
    "25b": "try_case.sh leaves the history of the pack behind",
    "31": "serve_case.py ignores which studies and fields are asked for",
}
PROSE = ("46", "47", "49", "50", "58", "59")
Line = dict[str, Any]


@dataclass
class Play:
    """What the commands said of one case: the lines of each check, then the log, the status table and the doctor."""

    steps: list[list[Line]] = field(default_factory=list)
    changes: list[Line] = field(default_factory=list)
    events: list[Line] = field(default_factory=list)
    status: list[Line] = field(default_factory=list)
    doctor: list[Line] = field(default_factory=list)
    newest: list[Line] = field(default_factory=list)
    crashed: str = ""

    def outcomes(self) -> list[str]:
        """The outcome of each step's first watch."""
        return [lines[0]["outcome"] if lines else "nothing" for lines in self.steps]

    def live(self, *types: str, state: str = "released") -> list[Line]:
        """Events of these types (all where none is named) in this state."""
        return [e for e in self.events if e["state"] == state and (not types or e["type"] in types)]

    def noticed(self) -> list[Line]:
        """What counts as an event here: released or held."""
        return [e for e in self.events if e["state"] in ("released", "held")]

    def moved(self) -> list[Line]:
        """Changes that say something changed or appeared."""
        return [c for c in self.changes if c["kind"] in ("changed", "appeared")]

    def us(self, therapy: str, key: str = "state") -> str:
        """State of the US approval of a therapy, or another cell of it."""
        return next((str(line["places"]["US"][key]) for line in self.status if line["therapy"] == therapy), "no line")

    def summary(self) -> str:
        """The play in one line."""
        told = [f"{e['state']} {e['level']} {e['type']} {e['occurred_on']}" for e in self.noticed()]
        errors = [str(lines[0].get("error"))[:70] for lines in self.steps if lines and lines[0].get("error")]
        parts = [" ".join(self.outcomes()), f"{len(self.changes)} changes", "; ".join(told) or "no event", *errors[-1:]]
        return " | ".join(parts) + (f" | CRASHED {self.crashed}" if self.crashed else "")


Right = Callable[[Play], bool]
APPROVED = ("approval", "accelerated_approval")


def reads(play: Play) -> bool:
    """Every step was read."""
    return not {"failed", "refused", "nothing"} & set(play.outcomes())


def tells_approval(play: Play) -> bool:
    """Read, and one approval noticed."""
    return reads(play) and len([e for e in play.noticed() if e["type"] in APPROVED]) == 1


def reports(play: Play) -> bool:
    """A change came out and nothing was refused on the way."""
    return reads(play) and bool(play.moved())


def refuses_last(play: Play) -> bool:
    """The last step is a source problem; nothing is told of it."""
    return play.outcomes()[-1] in ("refused", "failed") and not play.moved() and not play.noticed()


def holds(records: int) -> Right:
    """Read, with so many records at least at the first look."""
    return lambda play: reads(play) and play.steps[0][0]["records"] >= records


def no_event(play: Play) -> bool:
    """Nothing is held or released."""
    return reads(play) and not play.noticed()


def stays_approved(therapy: str) -> Right:
    """No revocation, status unmoved."""
    return lambda play: not play.live("authorization_revoked") and play.us(therapy) in ("approved", "none")


RIGHT: dict[str, Right] = {
    "01": tells_approval,
    "02": lambda p: reads(p) and not p.moved() and not p.noticed(),
    "03": lambda p: tells_approval(p) and p.steps[-1][0]["records"] == 30 and bool(p.steps[-1][0]["error"]),
    "05": tells_approval,
    "07": tells_approval,
    "08": tells_approval,
    "09": lambda p: reads(p) and not p.live() and bool(p.live("approval", state="imported")),
    "10": holds(1),
    "11": holds(1),
    "12": holds(1),
    "13": reports,
    "14": reports,
    "15": refuses_last,
    "16": reports,
    "17": reports,
    "18": reports,
    "19": holds(1),
    "20": lambda p: holds(3)(p) and p.outcomes() == ["baseline", "changed"],
    "22": lambda p: "NDA251887" in json.dumps([*p.steps, p.doctor]) and '"warn"' in json.dumps(p.doctor),
    "23": stays_approved("tofersen"),
    "24": lambda p: not p.noticed() and stays_approved("riluzole")(p),
    "25b": lambda p: p.us("riluzole") == "approved" and p.us("riluzole", "since") == "1995-12-12" and not p.noticed(),
    "26": lambda p: bool([e for e in p.noticed() if e["type"] == "authorization_revoked"]),
    "27": lambda p: not p.live("authorization_revoked"),
    "28": lambda p: not p.live("adcomm_scheduled"),
    "31": holds(60),
    "34": tells_approval,
    "35": lambda p: p.outcomes()[0] in ("refused", "failed") or reads(p),
    "36": reports,
    "37": lambda p: not p.live() and p.outcomes() == ["refused", "baseline"],
    "39": refuses_last,
    "41": lambda p: reads(p) and len(p.noticed()) == 1 and len([c for c in p.changes if "CORR" in c["title"]]) == 1,
    "42": no_event,
    "45": reports,
    "46": no_event, "46b": no_event, "47": no_event, "47b": no_event, "49": no_event, "49b": no_event,
    "50": lambda p: [e["occurred_on"] for e in p.noticed() if e["type"] != "answer_changed"] == ["2026-02-27"],
    "58": lambda p: bool(p.live(*APPROVED)) and p.us("tofersen") == "approved",
}  # fmt: skip
"""Case to what must hold. `case.md` says it in words."""

WISHES = {"36": ("options = { tier = 1 }", "options = { tier = 1, links = true }")}
"""What the pack of a case asks for besides: where links lead is an option."""


def play(case: Path, python: str, port: int) -> Play:
    """Serve the steps of a case and look at each a day later."""
    result = Play()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        shutil.copytree(case, home / "case")
        pack = (home / "case/pack.toml").read_text(encoding="utf-8").replace("127.0.0.1:8931", f"127.0.0.1:{port}")
        pack = pack.replace(*WISHES.get(case.name.split("-")[0], ("", "")))
        (home / "pack.toml").write_text(pack, encoding="utf-8")
        for extra in (home / "case").glob("*.toml"):
            if extra.name != "pack.toml":
                shutil.copy(extra, home / extra.name)
        if (home / "case/make.py").exists():
            subprocess.run(
                [python, "case/make.py"], cwd=home, env=os.environ | {"case": str(home / "case")}, check=True
            )
        steps = sorted((home / "case").glob("[0-9]*"), key=lambda step: int(step.name))
        with Site(port) as site, Console(python, home, result) as console:
            for day, step in enumerate(steps, start=FIRST_DAY):
                site.root = step
                console.now = f"2026-03-{day:02d}T09:00:00Z"
                result.steps.append(console.say("check", "--all"))
            for name in ("changes", "events", "status", "newest", "doctor"):
                setattr(result, name, console.say(name))
    return result


LISTENS = """
import json, sys
from contextlib import redirect_stdout, redirect_stderr
from io import StringIO
from monitor.cli import main
for line in sys.stdin:
    sys.argv, out, err = ["therawatch", *json.loads(line)], StringIO(), StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        try:
            main()
        except SystemExit:
            pass
        except BaseException as problem:
            err.write(f"Traceback: {type(problem).__name__}: {problem}")
    print(json.dumps([out.getvalue(), err.getvalue()]), flush=True)
"""
"""Runs command after command in one process: starting it costs more than what it does."""


class Console:
    """The commands of one installation, said in a folder at a moment."""

    def __init__(self, python: str, home: Path, result: Play) -> None:
        environment = os.environ | {
            "THERAWATCH_ALLOW_PRIVATE": "1", "THERAWATCH_DATABASE_URL": f"sqlite:///{home}/case.db",
            "THERAWATCH_CONFIG": str(home / "pack.toml"), "THERAWATCH_CONTACT": "tests@example.org",
            "PYTHONPATH": str(Path(__file__).resolve().parents[1]),
        }  # fmt: skip
        self.now = ""
        self._result = result
        self._process = subprocess.Popen(
            [python, "-c", LISTENS], cwd=home, env=environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def __enter__(self) -> "Console":
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        self._process.wait(300)  # on a busy machine an interpreter ends slowly
        self._process.stdout.close()

    def say(self, *arguments: str) -> list[Line]:
        """The lines that a command prints."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps(["--quiet", "--now", self.now, *arguments, "--json"]) + "\n")
        self._process.stdin.flush()
        out, err = json.loads(self._process.stdout.readline())
        if "Traceback" in err:
            self._result.crashed = err.strip().splitlines()[-1]
        return [json.loads(line) for line in out.splitlines() if line.startswith("{")]


def said(case: Path, key: str) -> str:
    """A line of `case.md`."""
    match = re.search(rf"^{key}: (.*)$", (case / "case.md").read_text(encoding="utf-8"), re.M)
    return match[1] if match else ""


def main(arguments: Sequence[str] | None = None) -> int:
    """Print case, verdict, right and got; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cases", nargs="*", help="numbers of cases (default: all)")
    parser.add_argument("--port", type=int, default=PORT)
    parser.add_argument("--python", default=sys.executable, help="the interpreter whose installation is tried")
    asked = parser.parse_args(arguments)
    if not SHARED.is_dir():
        print(f"skipped: the reference material {SHARED} is not beside this checkout")
        return 0
    wrong = 0
    for case in sorted((SHARED / "faults").iterdir()):
        number = case.name.split("-")[0]
        if not case.is_dir() or (asked.cases and number not in asked.cases):
            continue
        if number not in RIGHT:
            print(f"{case.name}: tested without steps; right: {said(case, 'expected')}")
            continue
        result = play(case, asked.python, asked.port)
        fine = RIGHT[number](result) and not result.crashed
        prose = number.rstrip("b") in PROSE
        wrong += not fine and not prose
        verdict = "right" if fine else "wrong (prose: the reader's)" if prose else "WRONG"
        print(f"{case.name}: {verdict}\n  right: {said(case, 'expected')}\n  got:   {result.summary()}", flush=True)
        if number in SERVED_HERE:
            print(f"  note:  ../shared/tools cannot play it: {SERVED_HERE[number]}", flush=True)
    print(f"{wrong} wrong")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
