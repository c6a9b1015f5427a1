"""What the demo sent, kept in a folder: each mail as `.eml` and as text, each webhook as `.json`, and a page of all."""

import json
import shutil
from collections.abc import Iterable, Mapping
from datetime import datetime
from email.message import EmailMessage
from html import escape
from pathlib import Path
from typing import Any

from demo.receivers import Mail

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="color-scheme" content="light dark">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>What the demo sent</title>
<style>
body {{ max-width: 900px; margin: 0 auto; padding: 16px; color: #1a1a1a; background: #fff; }}
body {{ font: 18px/1.6 Georgia, serif; }}
h1 {{ line-height: 1.25; }}
li {{ margin: 12px 0; }}
a {{ color: #0b4f8a; }}
.to {{ color: #555; }}
@media (prefers-color-scheme: dark) {{
  body {{ color: #ececec; background: #14171a; }}
  a {{ color: #9cc9f5; }}
  .to {{ color: #b8bec3; }}
}}
</style>
</head>
<body>
<h1>What the demo sent</h1>
<p>{count} messages, in the order in which they left. Times are those of the replayed years, in UTC.</p>
<ol>
{lines}
</ol>
</body>
</html>
"""
LINE = '<li>{at:%Y-%m-%d %H:%M} <span class="to">{to}</span><br><a href="{href}">{title}</a>{more}</li>'


class Outbox:
    """A folder that is emptied when it is opened, then filled in the order of sending."""

    def __init__(self, folder: Path) -> None:
        """Empties the folder where it was one of these. Raises FileExistsError where it holds something else."""
        if folder.exists() and not (folder / "index.html").exists():
            raise FileExistsError(f"{folder}: expected a folder of an earlier demo or none, found something else")
        if folder.exists():
            shutil.rmtree(folder)
        self.folder = folder
        self._lines: list[str] = []
        for name in ("mails", "webhooks"):
            (folder / name).mkdir(parents=True)
        self.close()

    def keep(self, at: datetime, mails: Iterable[Mail], calls: Iterable[Mapping[str, Any]]) -> None:
        """Keep what arrived at one moment."""
        for mail in mails:
            self.keep_mail(at, mail)
        for body in calls:
            self.keep_call(at, body)
        self.close()

    def keep_mail(self, at: datetime, mail: Mail) -> None:
        """Keep a mail as it arrived, and its text beside it."""
        name = f"mails/{self._number()}-{at:%Y-%m-%d}-{str(mail['X-Recipient']).partition('@')[0]}"
        (self.folder / f"{name}.eml").write_bytes(mail.as_it_came)
        (self.folder / f"{name}.txt").write_text(text_of(mail), encoding="utf-8")
        more = f' (<a href="{name}.eml">as it was sent</a>)'
        self._add(at, to=f"mail to {mail['X-Recipient']}", href=f"{name}.txt", title=str(mail["Subject"]), more=more)

    def keep_call(self, at: datetime, body: Mapping[str, Any]) -> None:
        """Keep the body of a webhook."""
        name = f"webhooks/{self._number()}-{at:%Y-%m-%d}-{body['type']}.json"
        (self.folder / name).write_text(json.dumps(body, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        self._add(at, to="webhook", href=name, title=str(body["title"]))

    def close(self) -> None:
        """Write the page of all messages."""
        page = PAGE.format(count=len(self._lines), lines="\n".join(self._lines))
        (self.folder / "index.html").write_text(page, encoding="utf-8")

    def _number(self) -> str:
        return f"{len(self._lines) + 1:04}"

    def _add(self, at: datetime, *, to: str, href: str, title: str, more: str = "") -> None:
        self._lines.append(LINE.format(at=at, to=escape(to), href=escape(href), title=escape(title), more=more))


def text_of(mail: EmailMessage) -> str:
    """Subject and plain text of a mail: all that a reader needs."""
    body = mail.get_body(("plain",))
    assert body is not None, "every mail has a text part"
    return f"Subject: {mail['Subject']}\n\n{body.get_content()}"
