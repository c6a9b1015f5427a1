"""What a check of an unchanged page costs in CPU, beside a bare httpx loop over the same pages in the same run.

    python benchmarks/checks.py [--pages 1000]

A server in a process of its own holds the pages (about 60 KB each). The product is driven through the step that the
clock and the command call, one worker, against an SQLite file; the bare loop is `httpx.Client().get`. Printed are
milliseconds of CPU per page of this process, the least of three turns in which the two alternate, and the ratios; then
the bytes the store keeps per page.
"""

import argparse
import hashlib
import multiprocessing
import os
import random
import tempfile
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import structlog
from transactions import longest_told

from monitor.path.assemble import assembled
from monitor.path.round import check_all
from monitor.service import Service
from monitor.settings import Settings

WORDS = [
    "status",
    "trial",
    "opinion",
    "review",
    "sponsor",
    "site",
    "dose",
    "cohort",
    "visit",
    "label",
    "summary",
    "committee",
    "notice",
    "register",
]
PAGE_BYTES = 60_000
TURNS = 3


def page(number: int) -> bytes:
    """One page of about 60 KB, the same at every call."""
    draw = random.Random(number)
    blocks: list[str] = []
    while sum(len(block) for block in blocks) < PAGE_BYTES:
        text = " ".join(draw.choices(WORDS, k=24))
        heading = f"{text[:30]} {draw.random():.6f}"
        blocks.append(f'<section class="part" id="s{len(blocks)}"><h2>{heading}</h2><p>{text}</p></section>\n')
    head = f"<!DOCTYPE html><html><head><title>Record {number}</title></head><body><main><h1>Record {number}</h1>"
    return (head + "".join(blocks) + "</main></body></html>").encode()


def serve(pages: int, port: "multiprocessing.Queue[int]", vouching: "multiprocessing.synchronize.Event") -> None:
    """Serve the pages; while `vouching`, with an ETag and 304."""
    bodies = [page(number) for number in range(pages)]

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            known = self.path.startswith("/p/")
            body = bodies[int(self.path[3:])] if known else b"User-agent: *\nAllow: /\n"
            etag = f'"{hashlib.md5(body).hexdigest()}"'
            vouched = known and vouching.is_set()
            same = vouched and self.headers.get("If-None-Match") == etag
            self.send_response(304 if same else 200)
            if vouched:
                self.send_header("ETag", etag)
            self.send_header("Content-Type", "text/html; charset=utf-8" if known else "text/plain")
            self.send_header("Content-Length", "0" if same else str(len(body)))
            self.end_headers()
            if not same:
                self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    port.put(server.server_address[1])
    server.serve_forever()


def pack(base: str, pages: int) -> str:
    """A pack of one watch per page."""
    head = '[pack]\nname = "bench"\ncondition = "amyotrophic lateral sclerosis"\n\n[[therapies]]\nname = "riluzole"\n'
    watch = '\n[[watches]]\nname = "p{n}"\nsource = "page"\nevery = "1h"\nurl = "{base}/p/{n}"\n'
    return head + "".join(watch.format(n=n, base=base) for n in range(pages))


def cpu(work: Callable[[], object], pages: int) -> float:
    """Milliseconds of this process's CPU per page."""
    started = time.process_time()
    work()
    return (time.process_time() - started) * 1000 / pages


def bare(base: str, pages: int) -> None:
    """What anybody would write first."""
    with httpx.Client() as client:
        for number in range(pages):
            client.get(f"{base}/p/{number}").raise_for_status()


def look(service: Service, wanted: str) -> None:
    """One round over every watch; every outcome must be the wanted one."""
    for checked in check_all(service, everything=True, workers=1):
        assert checked.outcome == wanted, f"expected {wanted}, found {checked}"


def turns(service: Service, base: str, pages: int) -> tuple[float, float]:
    """The product's milliseconds a page and the bare loop's."""
    both = [
        (cpu(lambda: look(service, "unchanged"), pages), cpu(lambda: bare(base, pages), pages)) for _ in range(TURNS)
    ]
    return min(ours for ours, _ in both), min(plain for _, plain in both)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pages", type=int, default=1000)
    pages = parser.parse_args().pages
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    port: multiprocessing.Queue[int] = multiprocessing.Queue()
    vouching = multiprocessing.Event()
    server = multiprocessing.Process(target=serve, args=(pages, port, vouching), daemon=True)
    server.start()
    base = f"http://127.0.0.1:{port.get()}"
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "bench.toml"
        config.write_text(pack(base, pages))
        database = Path(folder) / "bench.db"
        settings = Settings(config=config, database_url=f"sqlite:///{database}", allow_private=True, quiet=True)
        with longest_told(), assembled(settings) as service:
            look(service, "baseline")
            for _ in range(3):
                look(service, "unchanged")  # the page source looks twice at first, to learn what moves by itself
            without, plain = turns(service, base, pages)
            vouching.set()
            look(service, "unchanged")  # learns the validators
            with_, again = turns(service, base, pages)
            plain = min(plain, again)
        stored = sum(os.path.getsize(f) for f in Path(folder).glob("bench.db*"))
    server.terminate()
    size = sum(len(page(n)) for n in range(min(pages, 50))) / min(pages, 50)
    print(f"bare httpx loop          {plain:6.2f} ms a page")
    print(f"unchanged, validators    {with_:6.2f} ms a page   {with_ / plain:5.2f} x bare   (aim <= 1.3)")
    print(f"unchanged, no validators {without:6.2f} ms a page   {without / plain:5.2f} x bare   (aim <= 1.3)")
    share = 100 * stored / pages / size
    print(f"stored                   {stored / pages:6.0f} bytes a page   {share:5.1f} % of {size:.0f}   (aim <= 30 %)")


if __name__ == "__main__":
    main()
