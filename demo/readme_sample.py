"""`python -m demo.readme_sample`: put the digest that the demo really sent into the README. Run `make demo` first."""

import re
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from demo.outbox import text_of

OUTBOX = Path("demo-sent")
README = Path("README.md")
SENT_ON, SENT_TO = "2025-09-01", "weekly"
BLOCK = re.compile(r"```\n(Subject: .*?)\n```", re.DOTALL)
SHORTER = (
    (re.compile(r"http://127\.0\.0\.1:\d+/pages/"), "https://news.example/"),
    (re.compile(r"http://127\.0\.0\.1:\d+"), "https://als.example"),
    (re.compile(r"(https://als\.example/events/)EV\w+"), r"\1EV..."),
    (re.compile(r"(https://als\.example/subscriptions/)[\w.~-]+"), r"\1..."),
    (re.compile(r"[ \t]+$", re.MULTILINE), ""),
)
"""What differs from one machine and play to the next: ports, tokens, and the ids that hang on the order of reading."""


def main() -> None:
    """Replace the sample in README.md. Raises SystemExit where there is nothing to put in, or no place for it."""
    sent = sorted((OUTBOX / "mails").glob(f"*-{SENT_ON}-{SENT_TO}.eml"))
    if not sent:
        raise SystemExit(f"{OUTBOX}: expected the {SENT_TO} mail of {SENT_ON}, found none: run `make demo` first")
    mail = message_from_bytes(sent[0].read_bytes(), _class=EmailMessage, policy=default)
    text = README.read_text(encoding="utf-8")
    if sample_in(text) is None:
        raise SystemExit(f"{README}: expected a block that begins with `Subject: `, found none")
    README.write_text(BLOCK.sub(lambda _: f"```\n{sample_of(mail)}\n```", text, count=1), encoding="utf-8")


def sample_in(readme: str) -> str | None:
    """The sample that a README shows."""
    block = BLOCK.search(readme)
    return block[1] if block else None


def sample_of(mail: EmailMessage) -> str:
    """A mail as the README shows it: its text, with addresses that are the same on every machine."""
    text = text_of(mail).replace("\r\n", "\n").strip()
    for pattern, short in SHORTER:
        text = pattern.sub(short, text)
    return text


if __name__ == "__main__":
    main()
