"""What hostile bodies cost: memory and CPU of reading each, alone in a process of its own.

    python benchmarks/hostile.py

Every body is within the limits of the client (16 MB on the wire, 32 MB unpacked). Promised: at most 64 MB and 5 seconds
of CPU more than a small body costs, refused by name or read.
"""

import argparse
import gzip
import json
import os
import re
import resource
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import sources
from monitor.watching.doorman import Implausible, refusal
from sources.base import Page, SourceError
from sources.http.inflate import Damaged, Overlong, inflate
from sources.records import Record

ROOT = Path(__file__).resolve().parents[1]
MB = 2**20
MOST_MEMORY, MOST_SECONDS = 64, 5.0
SLACK = 2  # MB by which two measurements of one body differ


def _rss(inner: bytes) -> bytes:
    return b'<?xml version="1.0"?><rss version="2.0"><channel><title>T</title>' + inner + b"</channel></rss>"


def _laughs() -> bytes:
    lols = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    start = f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY l0 "lol">{lols}]>'
    return start.encode() + _rss(b"<item><title>&l9;</title></item>").partition(b"?>")[2]


def _html(inner: bytes) -> bytes:
    return b"<!doctype html><html><head><title>T</title></head><body><h1>T</h1>" + inner + b"</body></html>"


def _jsonfeed(items: bytes) -> bytes:
    return b'{"version":"https://jsonfeed.org/version/1.1","title":"T","items":[' + items + b"]}"


def _studies(inner: bytes) -> bytes:
    return b'{"totalCount":1,"studies":[' + inner + b"]}"


ITEM = (
    b"<item><title>A title of a thing</title><link>https://h.example/%d</link><description>words</description></item>"
)
ENTRY = b"<item><title>A title</title><description>%s</description></item>"
BODIES: dict[str, tuple[str, Callable[[], bytes]]] = {
    "small page": ("page", lambda: _html(b"<p>Status: approved</p>")),
    "small feed": ("feed", lambda: _rss(ITEM % 1)),
    "small JSON": ("clinicaltrials", lambda: _studies(b"")),
    "billion laughs": ("feed", _laughs),
    "HTML: 200,000 nested divs": ("page", lambda: _html(b"<div>" * 200_000)),
    "HTML: a million empty elements": ("page", lambda: _html(b"<b></b>" * 1_000_000)),
    "HTML: two million cells": ("page", lambda: _html(b"<table>" + b"<tr><td>1" * 1_000_000 + b"</table>")),
    "HTML: an element of 500,000 attributes": (
        "page", lambda: _html(b"<p " + b" ".join(b"a%d=b" % n for n in range(500_000)) + b">x</p>"),
    ),
    "HTML: one attribute of 30 MB": ("page", lambda: _html(b'<p title="' + b"x" * (30 * MB) + b'">y</p>')),
    "HTML: one line of 30 MB": ("page", lambda: _html(b"<p>" + b"word " * (6 * MB) + b"</p>")),
    "HTML: five million entities": ("page", lambda: _html(b"<p>" + b"&eacute;" * (3 * MB) + b"</p>")),
    "HTML: 300,000 unclosed formatting elements": ("page", lambda: _html(b"<b><i><u>" * 100_000)),
    "XML: 100,000 levels": ("feed", lambda: _rss(b"<a>" * 100_000 + b"</a>" * 100_000)),
    "XML: two million entities": ("feed", lambda: _rss(b"<item><title>" + b"&amp;" * (2 * MB) + b"</title></item>")),
    "XML: 250,000 items": ("feed", lambda: _rss(b"".join(ITEM % n for n in range(250_000)))),
    "XML: 400,000 empty elements": ("feed", lambda: _rss(b"<item>" + b"<a/>" * 400_000 + b"</item>")),
    "JSON: 1,000,000 levels": ("clinicaltrials", lambda: _studies(b"[" * 1_000_000 + b"]" * 1_000_000)),
    "JSON: ten million empty objects": ("clinicaltrials", lambda: _studies(b"{}," * (10 * MB) + b"{}")),
    "JSON: sixteen million zeros": ("clinicaltrials", lambda: _studies(b"0," * (15 * MB) + b"0")),
    "JSON: three million keys": (
        "clinicaltrials", lambda: _studies(b"{" + b",".join(b'"k%d":1' % n for n in range(2_500_000)) + b"}"),
    ),
    "JSON: one million quotes": ("clinicaltrials", lambda: _studies(b'"\\"' * 1_000_000)),
    "JSON Feed: 400,000 items": (
        "feed",
        lambda: _jsonfeed(b",".join(b'{"id":"%d","title":"t","url":"https://h/%d"}' % (n, n) for n in range(400_000))),
    ),
    "HTML: five million comments": ("page", lambda: _html(b"<!---->" * 4_500_000)),
    "HTML: one comment that never ends": ("page", lambda: _html(b"<p>x</p><!--" + b"- " * (14 * MB))),
    "HTML: two million opened comments": ("page", lambda: _html(b"<!-- " * 2_000_000)),
    "HTML: 600,000 links": ("page", lambda: _html(b"<a href='/%d'>x</a>" % 1 * 600_000)),
    "HTML: tables within tables, 300,000": ("page", lambda: _html(b"<table><tr><td>" * 300_000)),
    "HTML: 30 MB of NUL": ("page", lambda: _html(b"<p>" + bytes(30 * MB) + b"</p>")),
    "HTML: UTF-16 of a million elements": (
        "page", lambda: b"\xff\xfe" + _html(b"<b></b>" * 1_000_000).decode().encode("utf-16-le"),
    ),
    "HTML: a million opened scripts": ("page", lambda: _html(b"<script>" * 1_000_000)),
    "XML: a tag of a million letters that is not closed": (
        "feed", lambda: _rss(b"<item><title>x</title></item><a:" + b"x" * 1_000_000 + b"<b/>"),
    ),
    "XML: a tag of eleven million letters": ("feed", lambda: _rss(b"<item><a:" + b"x" * 11_000_000 + b">x</a></item>")),
    "XML: not well formed, a tag of 20,000 attributes": (
        "feed", lambda: _rss(b"<item><title>x</title><a " + b"b=c " * 20_000 + b">y</b></item>"),
    ),
    "XML: not well formed, a tag of 48,000 quotes": (
        "feed", lambda: _rss(b"<item><title>x</title><a " + b'b="' * 24_000 + b">y</b></item>"),
    ),
    "XML: not well formed, 115,000 tags": ("feed", lambda: _rss(b"<item><p>x</q></item>" * 28_000)),
    "XML: not well formed, 100,000 tags in one entry": ("feed", lambda: _rss(b"<item>" + b"<p>x</q>" * 50_000)),
    "XML: not well formed, 9 MB of entities": ("feed", lambda: _rss(b"<item><title>" + b"&eacute;" * 1_100_000)),
    "XML: a hundred thousand sections that never end": ("feed", lambda: _rss(b"<![CDATA[ words " * 100_000)),
    "XML: a hundred thousand comments that never end": ("feed", lambda: _rss(b"<!-- words " * 100_000)),
    "XML: an entry of two million escaped tags": (
        "feed", lambda: _rss(ENTRY % (b"&lt;b&gt;" * 1_200_000)),
    ),
    "XML: a section of a million tags": (
        "feed", lambda: _rss(ENTRY % (b"<![CDATA[" + b"<b>" * 1_000_000 + b"]]>")),
    ),
    "XML: UTF-16 of 250,000 items": (
        "feed", lambda: b"\xff\xfe" + _rss(b"".join(ITEM % n for n in range(120_000))).decode().encode("utf-16-le"),
    ),
    "JSON: a number of 30 million digits": ("clinicaltrials", lambda: _studies(b"9" * (30 * MB))),
    "JSON: a text of five million escapes": (
        "clinicaltrials", lambda: _studies(b'{"a":"' + b"\\u00e9" * (5 * MB) + b'"}'),
    ),
    "JSON: two million texts of one letter": ("clinicaltrials", lambda: _studies(b'"x",' * 7_000_000 + b'"x"')),
    "JSON: blanks of 30 MB": ("clinicaltrials", lambda: _studies(b" " * (30 * MB))),
    "JSON Feed: an entry of a million tags": (
        "feed", lambda: _jsonfeed(b'{"id":"1","title":"t","content_html":"' + b"<div>" * 1_000_000 + b'"}'),
    ),
    "JSON of notices: five million empty objects": (
        "federalregister", lambda: b'{"count":1,"total_pages":1,"results":[' + b"{}," * (5 * MB) + b"{}]}",
    ),
    "JSON of applications: 300,000 keys in each of ten": (
        "drugsfda",
        lambda: b'{"meta":{"results":{"total":10,"skip":0,"limit":10}},"results":['
        + b",".join(b"{" + b",".join(b'"k%d":[]' % n for n in range(300_000)) + b"}" for _ in range(8)) + b"]}",
    ),
    "just within: a page of 36,000 lines": (
        "page", lambda: _html(b"".join(b"<p class='row c%d'>Line %d of it</p>" % (n, n) for n in range(36_000))),
    ),
    "just within: a page of 6.5 MB of words": ("page", lambda: _html(b"<p>" + b"word " * (65 * MB // 50) + b"</p>")),
    "just within: a feed of 2,000 long entries": (
        "feed", lambda: _rss((ITEM.replace(b"words", b"word " * 1000) % 1) * 2000),
    ),
    "just within: a feed of 110,000 tags": ("feed", lambda: _rss(b"<item>" + b"<a>x</a>" * 55_000 + b"</item>")),
    "just within: 100,000 small JSON texts": ("clinicaltrials", lambda: _studies(b'{"a":["x","y"]},' * 80_000 + b"{}")),
    "gzip: 8 GB of zeros": ("gzip", lambda: gzip.compress(bytes(32 * MB), 9) * 256),
    "gzip: 500,000 members": ("gzip", lambda: gzip.compress(b"") * 500_000),
}  # fmt: skip


JSONS = ("clinicaltrials", "drugsfda", "federalregister")


RECORDED = Path(__file__).resolve().parents[2] / "shared" / "recorded" / "clinicaltrials-v2"


def _recorded() -> bytes:
    """32 MB of one answer, made of the recorded studies: large, and to be read."""
    studies = [file.read_bytes().strip() for file in sorted(RECORDED.glob("*/*.json"))]
    numbered, size = list[bytes](), 0
    for number in range(1_000_000):
        study = studies[number % len(studies)]
        key = re.search(rb'"nctId"\s*:\s*"(NCT\d{8})"', study)
        numbered.append(study.replace(key[1], b"NCT%08d" % number) if key else study)
        size += len(numbered[-1]) + 1
        if size > 32 * MB - 500_000:
            break
    return b'{"totalCount":%d,"studies":[%s]}' % (len(numbered), b",".join(numbered))


if RECORDED.is_dir():
    BODIES["real: 32 MB of recorded studies"] = ("clinicaltrials", _recorded)


def measured(name: str) -> None:
    """Read one body in this process and print how that went, as JSON."""
    kind, make = BODIES[name]
    body = make()
    read = READERS[kind]()
    with suppress(Exception):  # imports and rules are not the body's
        read(BODIES[BASE[kind]][1]() if kind in BASE else gzip.compress(b"small"))
    Path("/proc/self/clear_refs").write_text("5")  # from here on the peak is that of this body
    before, start = resource.getrusage(resource.RUSAGE_SELF), _peak()
    try:
        found = read(body)
    except (SourceError, Implausible, Overlong, Damaged) as problem:
        found = f"refused: {str(problem)[:300]}"
    after = resource.getrusage(resource.RUSAGE_SELF)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(json.dumps({"size": len(body), "memory": _peak() - start, "seconds": seconds, "found": found}))


BASE = {"page": "small page", "feed": "small feed"} | dict.fromkeys(JSONS, "small JSON")


def _peak() -> float:
    """The most memory of this process since the peak was last reset, in MB."""
    status = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in status if "VmHWM" in line).split()[1]) / 1024


def _reader(kind: str) -> Callable[[bytes], str]:
    """Doorman and parser as a check has them, for one kind of source."""
    source_type = sources.load()[kind]
    source = source_type(source_type.Options(), url="https://h.example/x")
    mime = {"page": "text/html", "feed": "application/xml"}.get(kind, "application/json")

    def read(body: bytes) -> str:
        page = Page("https://h.example/x", datetime(2026, 1, 1, tzinfo=UTC), 200, mime, "", lambda: body)
        if reason := refusal(page, family=source.family, median=None):
            return f"refused: {reason[:300]}"
        return f"read: {sum(1 for found in source.parse(page) if isinstance(found, Record))} records"

    return read


def _inflater() -> Callable[[bytes], str]:
    def read(body: bytes) -> str:
        chunks = (body[i : i + 65536] for i in range(0, min(len(body), 16 * MB), 65536))
        return f"read: {len(inflate(chunks, limit=32 * MB))} bytes"

    return read


READERS: dict[str, Callable[[], Callable[[bytes], str]]] = {
    **{kind: (lambda kind=kind: _reader(kind)) for kind in ("page", "feed", *JSONS)},  # type: ignore[misc]
    "gzip": _inflater,
}


def main() -> int:
    """Print the table; 0 when every body keeps within what is promised."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--memory", type=int, default=6144, help="MB of address space, above which reading is ended")
    parser.add_argument("--seconds", type=int, default=60, help="seconds of CPU, after which reading is ended")
    parser.add_argument("--only", help="one body, measured in this process")
    parser.add_argument("--match", default="", help="bodies whose name holds this")
    args = parser.parse_args()
    if args.only:
        resource.setrlimit(resource.RLIMIT_AS, (args.memory * MB, args.memory * MB))
        resource.setrlimit(resource.RLIMIT_CPU, (args.seconds, args.seconds))
        measured(args.only)
        return 0
    good = True
    print(f"| {'body':42} | {'size MB':>7} | {'memory MB':>9} | {'CPU s':>6} | result |\n|---|---|---|---|---|")
    for name in BODIES:
        if args.match not in name:
            continue
        limits = ["--memory", str(args.memory), "--seconds", str(args.seconds)]
        command = [sys.executable, str(Path(__file__).resolve()), "--only", name, *limits]
        done = subprocess.run(command, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True)
        if done.returncode or not done.stdout:
            last = (done.stderr.strip().splitlines() or [f"ended by signal {-done.returncode}"])[-1]
            print(f"| {name:42} | {'':7} | {'':9} | {'':6} | ENDED: {last[:60]} |")
            good = False
            continue
        row = json.loads(done.stdout.splitlines()[-1])
        fits = row["memory"] <= MOST_MEMORY + SLACK and row["seconds"] <= MOST_SECONDS
        good &= fits
        mark = "" if fits else " **over**"
        cost = f"{row['size'] / MB:7.1f} | {row['memory']:9.0f} | {row['seconds']:6.1f}"
        print(f"| {name:42} | {cost} | {row['found'][:90]}{mark} |", flush=True)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
