"""How well the replay of recorded payloads finds what truly changed: true, found, missed, false.

    python benchmarks/replay.py [--shared ../shared] [FOLDER ...]

Plays each source folder of the recordings through `therawatch replay`, reads `changes --json`, and compares with the
folder's `events.jsonl` by record, path, before, after and the moment of detection, within the vocabulary of
`recorded/vocabulary.md`. Exit 1 when anything was missed or is false.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from monitor.path.replay import captured_at

FOLDERS = ("clinicaltrials-v2", "openfda-drugsfda")
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
}

Fact = tuple[str, str, str, str, str]


def plain(value: Any) -> str:
    """A value as the vocabulary compares it: empty is absent, unordered lists are sorted, white space folded."""
    if value is None or value in ("", [], {}, False):
        return "null"
    if isinstance(value, str):
        return json.dumps(" ".join(value.split()))
    if isinstance(value, list):
        return json.dumps(sorted(json.dumps(item, sort_keys=True) for item in value))
    return json.dumps(value, sort_keys=True)


def truth(folder: Path) -> set[Fact]:
    """What truly changed, by the recordings' own account."""
    facts = set()
    for line in (folder / "events.jsonl").read_text().splitlines():
        pair = json.loads(line)
        at = captured_at(pair["to"]).strftime("%Y-%m-%dT%H:%M:%SZ")
        facts |= {(pair["record"], c["path"], plain(c["old"]), plain(c["new"]), at) for c in pair["changes"]}
    return facts


def told(folder: Path) -> set[Fact]:
    """What the product says changed, within the vocabulary."""
    with tempfile.TemporaryDirectory() as scratch:
        database = f"sqlite:///{scratch}/replay.db"
        base = [sys.executable, "-m", "monitor", "--quiet", "--database", database]
        subprocess.run(
            [*base, "replay", str(folder)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False
        )
        lines = subprocess.run([*base, "changes", "--json"], capture_output=True, text=True, check=True).stdout
    facts = set()
    for line in lines.splitlines():
        change = json.loads(line)
        for field in change["fields"]:
            if VOCABULARY[folder.name].fullmatch(field["path"]):
                facts.add(
                    (
                        change["item"],
                        field["path"],
                        plain(field["before"]),
                        plain(field["after"]),
                        change["detected_at"],
                    )
                )
    return facts


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shared", type=Path, default=Path(__file__).resolve().parents[2] / "shared")
    parser.add_argument("folders", nargs="*", default=FOLDERS)
    options = parser.parse_args()
    wrong = 0
    for name in options.folders:
        folder = options.shared / "recorded" / name
        true, found = truth(folder), told(folder)
        missed, false = true - found, found - true
        wrong += len(missed) + len(false)
        print(f"{name}: true {len(true)}, found {len(true & found)}, missed {len(missed)}, false {len(false)}")
        for word, facts in (("missed", missed), ("false", false)):
            for fact in sorted(facts)[:20]:
                print(f"  {word}: {' | '.join(part[:120] for part in fact)}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
