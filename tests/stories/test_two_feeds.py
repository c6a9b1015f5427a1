"""Two feeds may carry one article in two wordings, or use one id for two things: neither is a change."""

from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from monitor.path.assemble import assembled
from monitor.path.round import check_all
from monitor.settings import Settings

FEED = """<?xml version="1.0"?><rss version="2.0"><channel><title>{name}</title><item><guid>42</guid>
<title>{name} on tofersen</title><link>https://example.org/{name}</link><description>{n}</description></item>
</channel></rss>"""

PACK = """
[pack]
name = "als"
condition = "amyotrophic lateral sclerosis"

[[therapies]]
name = "tofersen"
"""


class Newsrooms(BaseHTTPRequestHandler):
    asked: Counter[str] = Counter()

    def do_GET(self) -> None:
        self.asked[self.path] += 1
        body = FEED.format(name=self.path.strip("/"), n="").encode() + b"<!-- %d -->" % self.asked[self.path]
        self.send_response(200)
        self.send_header("Content-Type", "application/rss+xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def address() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Newsrooms) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def test_one_id_in_two_feeds_is_two_items(tmp_path: Path, address: str) -> None:
    watches = "".join(
        f'\n[[watches]]\nname = "{name}"\nsource = "feed"\nevery = "1h"\nurl = "{address}/{name}"\n'
        for name in ("wire", "newsroom")
    )
    pack = tmp_path / "pack.toml"
    pack.write_text(PACK + watches)
    settings = Settings(config=pack, database_url=f"sqlite:///{tmp_path}/store.db", allow_private=True)
    with assembled(settings) as service:
        rounds = [sorted(c.outcome for c in check_all(service, everything=True)) for _ in range(3)]
    assert rounds == [["baseline", "baseline"], ["unchanged", "unchanged"], ["unchanged", "unchanged"]]
