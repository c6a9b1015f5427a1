"""How well the replay of recorded payloads finds what truly changed, per source, and that what is no answer is none.

    python -m benchmarks.replay [--shared ../shared] [FOLDER ...]

Plays each source folder of the recordings through `therawatch replay`, reads `changes --json`, and compares with the
folder's `events.jsonl` by record, path, before, after and the moment of detection, within the vocabulary of
`recorded/vocabulary.md`. Then plays each file of `awkward/` to each of these sources, behind a good answer. Exit 1 when
anything was missed, is false, or came of what is no answer.
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sources
from monitor.path.replay import ADAPTERS, captured_at, read_folder

FOLDERS = (
    "clinicaltrials-v2", "openfda-drugsfda", "openfda-shortages", "ema-medicines-xlsx", "ctis", "sec-submissions",
    "healthcanada-shortages",
)  # fmt: skip
STATUS = "protocolSection.statusModule."
VOCABULARY = {
    "clinicaltrials-v2": re.compile(
        "|".join(
            [
                re.escape(STATUS) + r"(overallStatus|lastKnownStatus|whyStopped"
                r"|(start|primaryCompletion|completion)DateStruct\.(date|type)"
                r"|resultsFirstPostDateStruct\.date|dispFirstPostDateStruct\.date|expandedAccessInfo\.hasExpandedAccess)",
                r"protocolSection\.(identificationModule\.briefTitle|designModule\.phases"
                r"|designModule\.enrollmentInfo\.(count|type)|sponsorCollaboratorsModule\.leadSponsor\.name"
                r"|sponsorCollaboratorsModule\.collaborators\[\]\.name|armsInterventionsModule\.interventions)",
                r"hasResults|derivedSection\.miscInfoModule\.(removedCountries|submissionTracking\.submissionInfos)",
                r"annotationSection\.annotationModule\.unpostedAnnotation\.unpostedEvents",
                r"locations\.(count|countries|statusCounts)",
            ]
        )
    ),
    "openfda-drugsfda": re.compile(
        r"\(record\)|sponsor_name|submissions\[[^]]+\]\."
        r"(submission_status|submission_status_date|submission_class_code|review_priority|application_docs\.count)"
        r"|products\[[^]]+\]\.(marketing_status|brand_name|te_code|reference_drug)"
    ),
    "openfda-shortages": re.compile(
        r"\(record\)|status|availability|shortage_reason|related_info|discontinued_date|resolved_note|update_type"
        r"|therapeutic_category"
    ),
    "ema-medicines-xlsx": re.compile(
        r"\(record\)|Name of medicine|(Medicine|Opinion) status|Marketing authorisation developer / applicant / holder"
        r"|Conditional approval|Accelerated assessment|Additional monitoring|Exceptional circumstances|Orphan medicine"
        r"|(Opinion adopted|Marketing authorisation|Withdrawal of application|Refusal of marketing authorisation"
        r"|Withdrawal / expiry / revocation / lapse of marketing authorisation|Suspension of marketing authorisation)"
        r" date|Therapeutic indication"
    ),
    "ctis": re.compile(
        r"publicStatus|totalNumberEnrolled|trialPhase|startDateEU|decisionDateOverall|resultsFirstReceived"
        r"|countries\.count"
    ),
    "sec-submissions": re.compile(r"filings\.recent\[[^]]+\]|(?!filings|formerNames)\w+"),
    "healthcanada-shortages": re.compile(
        r"\(record\)|(Shortage|Discontinuation) Status"
        r"|(Shortage Start|Anticipated Shortage Start|Estimated Shortage End"
        r"|Actual Shortage End|Discontinuation) Date|Reason|Company Name"
    ),
}

A_BLANK = 2000  # bytes; what is shorter is no answer

Fact = tuple[str, str, str, str, str]


def plain(value: Any) -> str:
    """A value as the vocabulary compares it: empty is absent, unordered lists are sorted, white space folded."""
    if value is None or value in ("", [], {}, False):
        return "null"
    if isinstance(value, str):
        return json.dumps(" ".join(value.split()))
    if isinstance(value, list):
        return json.dumps(sorted(json.dumps(item, sort_keys=True) for item in value))
    if isinstance(value, dict):
        value = {name: inner for name, inner in value.items() if inner not in (None, "", [], {})}
    return json.dumps(value, sort_keys=True)


def truth(folder: Path) -> set[Fact]:
    """What truly changed, by the recordings' own account."""
    facts = set()
    for line in (folder / "events.jsonl").read_text().splitlines():
        pair = json.loads(line)
        at = captured_at(pair["to"]).strftime("%Y-%m-%dT%H:%M:%SZ")
        facts |= {(pair["record"], c["path"], plain(c["old"]), plain(c["new"]), at) for c in pair["changes"]}
    return facts


@dataclass
class Told:
    """What the product made of one folder: its runs, what it says changed, the events, and the files it refused."""

    runs: list[dict[str, Any]]
    facts: set[Fact]
    events: int

    @property
    def refused(self) -> list[str]:
        """Why files were refused, one reason a file."""
        return [run["error"] for run in self.runs if run["error"]]


def played(folder: Path, source: str | None = None) -> Told:
    """One folder through the product; `facts` are those within the vocabulary."""
    with tempfile.TemporaryDirectory() as scratch:
        database = f"sqlite:///{scratch}/replay.db"
        base = [sys.executable, "-m", "monitor", "--quiet", "--database", database]
        named = ["--source", source] if source else []
        ran = subprocess.run([*base, "replay", str(folder), *named, "--json"], capture_output=True, text=True)
        lines = subprocess.run([*base, "changes", "--json"], capture_output=True, text=True, check=True).stdout
    runs = [json.loads(line) for line in ran.stdout.splitlines()]
    assert runs, f"{folder}: {ran.stderr}"
    facts = set()
    for line in lines.splitlines():
        change = json.loads(line)
        for field in change["fields"]:
            if not source and VOCABULARY[folder.name].fullmatch(field["path"]):
                before, after = plain(field["before"]), plain(field["after"])
                facts.add((change["item"], field["path"], before, after, change["detected_at"]))
    after_first = sum(run["events"] for run in runs if run["outcome"] != "baseline")
    return Told(runs, facts, after_first)


def awkward(shared: Path, folder: str) -> tuple[int, int, list[str]]:
    """Each file that is no answer, behind a good one of this folder: files, changes and events that came of them, and
    the reasons why they were refused."""
    recordings = read_folder(shared / "recorded" / folder)
    answers = [(r.path.stat().st_size, r) for r in recordings if r.path.suffix != ".html"]
    _, good = min((one for one in answers if one[0] > A_BLANK), key=lambda one: one[0])
    bodies = sorted(path for path in (shared / "recorded" / "awkward").iterdir() if path.is_file())
    with tempfile.TemporaryDirectory() as scratch:
        series = Path(scratch) / "set"
        series.mkdir()
        shutil.copy(good.path, series / f"2000-01-01{good.path.suffix}")
        for day, path in enumerate(bodies, 2):
            shutil.copy(path, series / f"2000-01-{day:02}{path.suffix}")
        made = played(series.parent, ADAPTERS[folder])
    later = made.runs[1:]
    return len(bodies), sum(run["changes"] + run["events"] for run in later), made.refused


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shared", type=Path, default=Path(__file__).resolve().parents[2] / "shared")
    parser.add_argument("folders", nargs="*", default=FOLDERS)
    options = parser.parse_args()
    catalog, wrong, started = sources.load(), 0, time.monotonic()
    print(
        f"{'folder':24}{'files':>6}{'records':>9}{'pairs':>7}{'true':>6}{'found':>7}{'missed':>8}{'false':>7}  refused"
    )
    for name in options.folders:
        folder = options.shared / "recorded" / name
        if ADAPTERS[name] not in catalog:
            print(f"{name:24}no source named {ADAPTERS[name]}")
            continue
        true, made = truth(folder), played(folder)
        missed, false = true - made.facts, made.facts - true
        wrong += len(missed) + len(false)
        records = sum(run["records"] for run in made.runs)
        pairs = len(made.runs) - len({run["watch"] for run in made.runs}) - len(made.refused)
        figures = f"{len(made.runs):6}{records:9}{pairs:7}{len(true):6}{len(true & made.facts):7}"
        print(f"{name:24}{figures}{len(missed):8}{len(false):7}  {len(made.refused)}")
        for word, facts in (("missed", missed), ("false", false)):
            for fact in sorted(facts)[:20]:
                print(f"  {word}: {' | '.join(part[:120] for part in fact)}")
        for reason in made.refused:
            print(f"  refused: {reason[:200]}")
        files, came, reasons = awkward(options.shared, name)
        wrong += came
        print(f"  awkward: {files} files, {came} changes and events, {len(reasons)} refused")
    print(f"{wrong} missed, false, or come of what is no answer; {time.monotonic() - started:.0f} s")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
