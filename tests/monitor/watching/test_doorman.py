"""Block pages, halves and strangers are refused; real pages that speak of such things are not."""

import hashlib
import json
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.watching.doorman import mass_change, refusal
from sources.base import Page

AWKWARD = Path(__file__).resolve().parents[3] / "../shared/recorded/awkward"
PROSE = "<p>The committee gave a positive opinion on the application and asked for one more study. </p>" * 40


def page(body: bytes | str, kind: str = "text/html; charset=utf-8", status: int = 200, unchanged: bool = False) -> Page:
    raw = body.encode() if isinstance(body, str) else body
    moment = datetime(2026, 1, 6, 8, tzinfo=UTC)
    return Page("http://h/x", moment, status, kind, hashlib.sha256(raw).hexdigest(), lambda: raw, unchanged)


def html(text: str, title: str = "Medicines register") -> str:
    return f"<!DOCTYPE html><html><head><title>{title}</title></head><body>{text}</body></html>"


def look(found: Page, family: str = "html", median: int | None = None) -> str | None:
    return refusal(found, family=family, median=median)


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Just a moment...", "<h1>Verify you are human</h1><p>Ray ID: 7</p>"),
        ("Attention Required! | Cloudflare", "Sorry, you have been blocked"),
        ("Access Denied", "You don't have permission. Reference #18.2f"),
        ("", "Access Denied. Reference #18.2f"),
        ("x", '<script src="/cdn-cgi/challenge-platform/h/b/orchestrate"></script>Wait'),
        ("x", '<iframe src="/_Incapsula_Resource?x=1"></iframe>'),
        ("", "Request unsuccessful. Incapsula incident ID: 1-2"),
        ("Register", "Please solve the CAPTCHA to go on"),
        ("Register", "The register is down for scheduled maintenance until Monday."),
        ("503 Service Unavailable", "nginx"),
        ("Service Unavailable", "HTTP Error 503."),
        ("SEC.gov | Request Rate Threshold Exceeded", PROSE),
        ("Pardon Our Interruption", PROSE),
        ("Human Verification", ""),
        ("429 Too Many Requests", ""),
    ],
)
def test_block_pages_are_refused(title: str, text: str) -> None:
    assert "block page" in (look(page(html(text, title))) or "")


@pytest.mark.parametrize(
    "heading",
    [
        "Oops! That page can’t be found.",
        "Whoops, that page is gone.",
        "Hmm, we couldn’t find this page",
        "This page isn’t available",
        "Nothing found",
        "Sorry, the page you requested was not found",
    ],
)
def test_what_calls_itself_no_page_is_refused(heading: str) -> None:
    assert "in its place" in (look(page(html(f"<h1>{heading}</h1><p>Qalsody: approved</p>", "Agency"))) or "")


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("How a captcha keeps patients out", "<p>captcha, service unavailable</p>" + PROSE),
        ("Service unavailable in rural clinics: a survey", PROSE),
        ("Just a moment: living with ALS", "<p>Just a moment</p>" + PROSE),
        ("Register", '<script src="https://www.example.org/recaptcha/api.js"></script><p>Status: approved</p>'),
        ("Register", "<!-- scheduled maintenance --><style>.captcha{}</style><p>Status: approved</p>"),
        (
            "Dosing",
            "<h1>Dosing</h1><p>Three doses, then routine maintenance every 28 days.</p><p>By lumbar puncture.</p>",
        ),
        (
            "Petitions",
            "<h1>Petitions</h1><p>The office had too many requests in May.</p>"
            "<p>Answers come in June and July to all who wrote.</p>",
        ),
        ("Supply", "<h1>Supply</h1><p>This product is no longer available</p>"),
        ("Product 404 mg", "<h1>404 mg tablets</h1><p>Approved.</p>"),
        ("Access to medicines", "<p>Status: approved</p>"),
    ],
)
def test_real_pages_that_speak_of_such_things_pass(title: str, text: str) -> None:
    assert look(page(html(text, title))) is None


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("sec_request_rate_threshold_exceeded.html", "html"),
        ("sec_undeclared_automated_tool.html", "html"),
        ("ctgov_invalid-nct-id_html_for_xml_request.html", "xml"),
        ("sec_submissions_404_body.xml", "json"),
    ],
)
def test_recorded_block_pages_are_refused(name: str, family: str) -> None:
    file = AWKWARD / name
    if not file.exists():
        pytest.skip("the recorded block pages of ../shared are missing")
    kind = "application/xml" if name.endswith("xml") else "text/html"
    assert look(page(file.read_bytes(), kind), family) is not None


@pytest.mark.parametrize(
    ("family", "kind", "body"),
    [
        ("json", "text/html", html("hello")),
        ("json", "application/json", html("hello")),
        ("json", "application/json", "upstream error"),
        ("xml", "text/html", html("hello")),
        ("xml", "text/xml", "<!-- a --><!-- b -->" + html("hello")),
        ("xml", "application/json", "{}"),
        ("html", "application/json", '{"a": 1}'),
        ("html", "application/pdf", "%PDF-1.7"),
        ("html", "", "plain words"),
    ],
)
def test_the_wrong_kind_is_refused(family: str, kind: str, body: str) -> None:
    assert "expected" in (look(page(body, kind), family) or "")


@pytest.mark.parametrize(
    ("family", "kind", "body"),
    [
        ("json", "application/json", '{"a": 1}\n'),
        ("json", "text/plain", "[1]"),
        ("json", "application/vnd.api+json; charset=utf-8", b'\xef\xbb\xbf{"a": 1}'),
        ("xml", "application/rss+xml", '<?xml version="1.0"?><rss><channel/></rss>'),
        ("xml", "text/html", "<!-- hi --><rss><channel/></rss>\n<!-- bye -->"),
        ("xml", "", '<?xml version="1.0"?>\n<feed xmlns="http://www.w3.org/2005/Atom"/>'),
        ("xml", "text/xml", '<!DOCTYPE d [<!ENTITY a "b">]><d>&a;</d>'),
        ("html", "", html("x" * 50)),
        ("html", "application/xhtml+xml", '<?xml version="1.0"?>' + html("x")),
        ("any", "application/pdf", "%PDF-1.7"),
    ],
)
def test_the_right_kind_passes(family: str, kind: str, body: bytes | str) -> None:
    assert look(page(body, kind), family) is None


@pytest.mark.parametrize(
    ("family", "kind", "body"),
    [
        ("html", "text/html", html(PROSE)[:-900]),
        ("json", "application/json", json.dumps({"studies": [1, 2, 3]})[:-2]),
        ("xml", "text/xml", "<rss><channel><item/></channel>"),
        ("xml", "text/xml", "<rss><channel><item/>"),
    ],
)
def test_half_a_page_is_refused(family: str, kind: str, body: str) -> None:
    assert (look(page(body, kind), family) or "").startswith("half a ")


def test_a_page_may_go_on_after_its_end() -> None:
    assert look(page(html(PROSE) + "<script>" + "x" * 9000 + "</script>")) is None


@pytest.mark.parametrize("body", ["", " \n", b"\x00"[:0]])
def test_an_empty_page_is_refused(body: bytes | str) -> None:
    assert look(page(body), "any") == "empty page"


def test_the_floor_is_a_quarter_of_the_usual_size() -> None:
    body = html(PROSE)
    assert look(page(body), median=4 * len(body)) is None
    assert "expected at least 25% of the usual" in (look(page(body), median=4 * len(body) + 5) or "")


def test_lost_characters_are_counted() -> None:
    broken = html(PROSE).encode().replace(b"positive", b"positi\xe9e")
    assert "cannot be decoded" in (look(page(broken)) or "")
    few = html(PROSE).encode().replace(b"positive", b"positi\xe9e", 1)
    assert look(page(few)) is None
    assert look(page(broken, "text/html; charset=iso-8859-1")) is None
    assert look(page(broken, "text/html")) is None, "readers guess what nobody declared"
    assert "cannot be decoded" in (
        look(page(broken.replace(b"<head>", b"<head><meta charset=utf-8>"), "text/html")) or ""
    )


@pytest.mark.parametrize("charset", ["nonsense", "hex", "punycode", "idna", "undefined", "unicode_escape", "utf-16"])
def test_no_declared_encoding_breaks_the_doorman(charset: str) -> None:
    look(page(html(PROSE), f"text/html; charset={charset}"))


def test_what_the_source_vouched_for_is_not_looked_at() -> None:
    assert look(page("", unchanged=True)) is None


def test_a_status_the_adapter_asked_for_must_be_of_the_right_kind() -> None:
    assert look(page('{"error": {"code": "NOT_FOUND"}}', "application/json", 404), "json", 100_000) is None
    assert look(page(html("Not found"), "text/html", 404), "json") is not None


@pytest.mark.parametrize(
    "text",
    ["<" * 190_000, "<!--" * 45_000, "<script " * 20_000, "<title>" * 25_000, "<!---->" * 25_000, "</html " * 25_000],
)
def test_hostile_text_does_not_keep_the_doorman(text: str) -> None:
    for family in ("html", "xml", "any"):
        start = time.process_time()
        look(page(text, "text/html"), family)
        look(page("<html>" + text + "</html>", "text/html"), family)
        assert time.process_time() - start < 6, "a tenth of that on a slow machine"


@pytest.mark.parametrize(
    ("known", "changed", "vanished", "records", "believed"),
    [
        (1, 1, 0, 1, True),
        (1, 0, 1, 0, False),
        (0, 0, 0, 0, True),
        (20, 5, 0, 20, True),
        (20, 6, 0, 20, False),
        (100, 20, 0, 100, True),
        (100, 21, 0, 100, False),
        (100, 0, 5, 95, True),
        (100, 0, 6, 94, False),
        (10, 0, 2, 8, True),
        (10, 0, 3, 7, False),
    ],
)
def test_mass_change(known: int, changed: int, vanished: int, records: int, believed: bool) -> None:
    reason = mass_change(known=known, changed=changed, vanished=vanished, records=records)
    assert (reason is None) is believed


@given(st.integers(0, 500), st.integers(0, 500), st.integers(0, 500), st.integers(0, 500))
def test_more_change_is_never_more_believable(known: int, changed: int, vanished: int, records: int) -> None:
    if mass_change(known=known, changed=changed, vanished=vanished, records=records):
        assert mass_change(known=known, changed=changed + 1, vanished=vanished + 1, records=records)
