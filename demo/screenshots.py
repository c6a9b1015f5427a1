"""`python -m demo.screenshots`: pictures for the README, taken from the running product on the demo's result.

Needs `demo.db` and `demo.toml` (run `make demo` first), Playwright, and Chromium on the PATH.
"""

import shutil
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import httpx
from playwright.sync_api import Browser, sync_playwright

from demo.receivers import free_port
from monitor.path.assemble import assembled
from monitor.settings import Settings
from monitor.telling.preview import preview
from notifiers.mail_parts import render

DATABASE, PACK, DOCS = "sqlite:///demo.db", Path("demo.toml"), Path("docs")
STATUS_AT = "2026-11-02T09:00:00+00:00"
DIGEST_AT = datetime(2025, 9, 1, 5, 59, tzinfo=UTC)
DIGEST_SINCE = datetime(2025, 8, 25, tzinfo=UTC)
PATIENCE = 180  # seconds for a server that starts on a busy machine
WEEKLY = 2  # the demo's weekly reader


def main() -> None:
    """Write docs/status.png and docs/digest.png."""
    DOCS.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        _status(browser)
        _digest(browser)
        browser.close()


def _status(browser: Browser) -> None:
    port = free_port()
    options = ["--quiet", "--config", str(PACK), "--database", DATABASE, "--now", STATUS_AT]
    command = [sys.executable, "-m", "monitor", *options, "serve", "--no-clock", "--port", str(port)]
    server = subprocess.Popen(command)
    try:
        address = f"http://127.0.0.1:{port}/"
        _wait_for(address, server)
        page = browser.new_page(viewport={"width": 1000, "height": 1150})
        page.goto(address)
        page.screenshot(path=DOCS / "status.png")
    finally:
        server.terminate()
        server.wait()


def _wait_for(address: str, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and server.poll() is None:
        try:
            httpx.get(f"{address}healthz").raise_for_status()
        except httpx.HTTPError:
            time.sleep(0.2)
        else:
            return
    ended = "none yet" if server.poll() is None else f"exit status {server.returncode}"
    raise TimeoutError(f"expected an answer from {address} within {PATIENCE} s, found {ended}")


def _digest(browser: Browser) -> None:
    with assembled(Settings(config=PACK, database_url=DATABASE, now=DIGEST_AT, quiet=True)) as service:
        _, html = render(preview(service, WEEKLY, DIGEST_SINCE))
    page = browser.new_page(viewport={"width": 700, "height": 1000})
    page.set_content(html)
    page.screenshot(path=DOCS / "digest.png")


if __name__ == "__main__":
    main()
