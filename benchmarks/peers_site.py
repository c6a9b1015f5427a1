"""The pages of `peers.py`: 60 KB each, of many words, with the noise of `noisy_site.py`; vouched for on demand."""

import hashlib
import json
import multiprocessing
import random
import re
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pydoc_data.topics import topics
from typing import Any
from urllib.parse import parse_qs, urlsplit

from noisy_site import NoisySite, Study

PAGE_BYTES = 60_000
VOCABULARY = sorted({word for text in topics.values() for word in re.findall(r"[a-z]{2,14}\b", text)})
"""Some thousands of words of English: the reference that comes with Python."""


class LargeStudy(Study):
    """A page as long as pages are."""

    def __init__(self, number: int, dice: random.Random) -> None:
        super().__init__(number, dice)
        size = 0
        while size < PAGE_BYTES - 3000:
            words = " ".join(dice.choices(VOCABULARY, k=dice.randint(8, 40)))
            self.prose.append(f"{words.capitalize()}.")
            size += len(words) + 9


class LargeSite(NoisySite):
    """The same pages after every start, so that all see the same rounds but for the dice of noise."""

    def __init__(self, pages: int) -> None:
        super().__init__(pages, seed=11)
        self.studies = [LargeStudy(number, random.Random(number)) for number in range(pages)]
        self.vouching = False

    def obey(self, path: str, asked: dict[str, list[str]]) -> list[int]:
        """Begin anew, vouch for quiet pages from now on, or go on to the next round; which pages have changed."""
        if path == "/start":
            self.__init__(len(self.studies))  # type: ignore[misc]
        elif path == "/vouch":
            self.vouching = True
        else:
            self.advance(changed=float(asked["changed"][0]), noise=float(asked["noise"][0]))
            if not self.changed:
                number = self.dice.randrange(len(self.studies))
                self.changed = {number: self.studies[number].change()}
        return sorted(self.changed)


def serve(pages: int, port: "multiprocessing.Queue[int]") -> None:
    """Serve the pages on a free port of this machine, until the process is ended."""
    site = LargeSite(pages)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            if parts.path.startswith("/p/"):
                number = int(parts.path[3:])
                self.answer(site.body(number), vouched=site.vouching and number not in site.noisy)
            elif parts.path == "/robots.txt":
                self.answer(b"User-agent: *\nAllow: /\n", kind="text/plain")
            else:
                self.answer(json.dumps(site.obey(parts.path, parse_qs(parts.query))).encode(), kind="application/json")

        def answer(self, body: bytes, *, vouched: bool = False, kind: str = "text/html; charset=utf-8") -> None:
            tag = f'"{hashlib.md5(body).hexdigest()}"'
            same = vouched and self.headers.get("If-None-Match") == tag
            self.send_response(304 if same else 200)
            if vouched:
                self.send_header("ETag", tag)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", "0" if same else str(len(body)))
            self.end_headers()
            if not same:
                self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    port.put(server.server_address[1])
    server.serve_forever()
