"""The site that plays a case of the inputs that failed once: its files, and what lies beside each on how to answer."""

import gzip
import json
import threading
import uuid
from collections.abc import Mapping
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit


class Site(ThreadingHTTPServer):
    """The files of one step after the other on a port of loopback, as ../shared/tools/serve_case.py serves them, but
    with addresses decoded, and a registry's query answered: studies by number, only the sections asked for."""

    daemon_threads = True

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", port), _Answer)
        self.root = Path()

    def __enter__(self) -> "Site":
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()


TYPES = {".html": "text/html; charset=utf-8", ".json": "application/json", ".xml": "application/xml",
         ".txt": "text/plain"}  # fmt: skip


class _Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Site

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        file = self.server.root / (unquote(parts.path).lstrip("/") or "index.html")
        note = file.with_name(f"{file.name}.meta")
        wishes = json.loads(note.read_text()) if note.exists() else {}
        cookie = wishes.get("need_cookie")
        if cookie and cookie not in (self.headers.get("cookie") or ""):
            self._send(302, {"Location": self.path, "Set-Cookie": f"{cookie}; Path=/"}, b"")
        elif location := wishes.get("raw_location"):
            self._send(wishes.get("status", 301), {"Location": location.encode().decode("latin-1")}, b"")
        elif not file.is_file():
            self._send(404, {"Content-Type": "text/plain"}, b"not here")
        else:
            body = chosen(file.read_bytes(), parse_qs(parts.query))
            while b"{{RANDOM}}" in body:
                body = body.replace(b"{{RANDOM}}", uuid.uuid4().hex.encode(), 1)
            if wishes.get("gzip"):
                body = gzip.compress(body)
            kind = TYPES.get(file.suffix, "application/json")
            self._send(wishes.get("status", 200), {"Content-Type": kind} | wishes.get("headers", {}), body)

    def _send(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@lru_cache(maxsize=1)  # a large file is asked for in many lots
def _registry(body: bytes) -> Any:
    return json.loads(body)


def chosen(body: bytes, query: Mapping[str, list[str]]) -> bytes:
    """Of the studies of an answer those asked for by number, with the sections asked for; any other body as it is."""
    if "filter.ids" not in query:
        return body
    answer = _registry(body)
    ids = set(query["filter.ids"][0].split(","))
    found = [s for s in answer["studies"] if s["protocolSection"]["identificationModule"]["nctId"] in ids]
    if fields := {name.lower() for name in query.get("fields", [""])[0].split(",") if name}:
        found = [{name: part for name, part in study.items() if name.lower() in fields} for study in found]
    return json.dumps({"totalCount": len(found), "studies": found}).encode()
