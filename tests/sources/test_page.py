"""A page is read as people see it, and settled so that only what truly changed is left."""

import itertools
import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import chain, repeat
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from sources import base
from sources.base import Unexpected
from sources.noise.learnt import MOST_LEARNT
from sources.noise.lines import block_differences, unmatched
from sources.noise.merge import opcodes
from sources.noise.page_talk import quiet, tokens
from sources.noise.settle import settled_blocks
from sources.page import Page
from sources.records import Passage

URL = "https://example.org/study"
MOMENT = datetime(2026, 1, 5, tzinfo=UTC)
Blocks = list[tuple[str, str]]


def read(html: str, **options: Any) -> Passage:
    source = Page(Page.Options(**options), url=URL)
    [record] = source.parse(base.Page(URL, datetime(2026, 1, 5, tzinfo=UTC), 200, "text/html", "x", html.encode))
    assert isinstance(record, Passage)
    return record


@pytest.mark.parametrize("name", ["p", "li", "div"])
@pytest.mark.parametrize(
    "within",
    [
        "<main><h1>Study</h1>{}</main>",
        "<h2>Sites</h2>before {} after",
        "<a href=/x>one</a>{}<a href=/y>two</a>",
        "<dl><dt>Status{}</dt><dd>{}</dd></dl>",
        "<table><tr><td>Status</td><td>{}<p class=x>at rest</p></td></tr></table>",
        "<template>{}</template><ruby>word<rt>{}</rt></ruby><b>{}</b>" + "<div>" * 210 + "{}",
    ],
)
@pytest.mark.parametrize("words", ["It is under way.", " two\n words ", "", "|"])
def test_an_attribute_that_says_nothing_makes_no_other_line(name: str, within: str, words: str) -> None:
    bare, named = (within.replace("{}", f"<{name}{attribute}>{words}</{name}>") for attribute in ("", " lang=en"))

    assert read(f"<body><p>First</p>{bare}").blocks == read(f"<body><p>First</p>{named}").blocks


class Site:
    """A page under watch: what it shows at each look, and what was stored of it."""

    def __init__(self, html: str) -> None:
        self.learnt: dict[str, Any] = {}
        self.stored: Blocks | None = None
        self.looks = 0
        self.check(html)

    def check(self, *shown: str | Callable[[int], str]) -> list[tuple[str | None, str | None]]:
        """One check during which the looks show these bodies, the last one for ever; gives before and after."""
        pages: Iterator[str | Callable[[int], str]] = chain(shown, repeat(shown[-1]))

        def look() -> Passage:
            self.looks += 1
            page = next(pages)
            return read(page if isinstance(page, str) else page(self.looks))

        source = Page(Page.Options(), url=URL)
        before = {} if self.stored is None else {URL: {"blocks": self.stored}}
        first = look()
        settled = source.settle([first], before=before, again=lambda: [look()], learnt=self.learnt)
        self.learnt = json.loads(json.dumps(settled.learnt))
        [record] = settled.records
        assert isinstance(record, Passage)
        old, self.stored = self.stored, list(record.blocks)
        return [] if old is None else [(b, a) for _, b, a in block_differences(old, self.stored)]


def study(*, status: str = "Recruiting", enrolled: int = 120, posted: str = "2025-01-02", extra: str = "") -> str:
    return f"""<h1>Study</h1><h2>Overview</h2><table><tr><th>Overall status</th><td>{status}</td></tr>
    <tr><th>Enrollment</th><td>{enrolled}</td></tr><tr><th>First posted</th><td>{posted}</td></tr></table>
    <p>People with the disease are followed for a year.</p>{extra}"""


def test_only_what_people_see_is_read() -> None:
    page = read("""<title>T</title><script>var a=1</script><style>b{}</style><!-- c --><noscript>d</noscript>
      <p hidden>e</p><p style="display: none">f</p><div class="cookie-banner">Cookies?</div><select><option>h</select>
      <p>Caf&eacute;&nbsp;&amp;   bar</p>""")
    assert page.blocks == (("p", "Café & bar"),)
    assert page.title == "T"


def test_a_cell_stands_at_its_row_and_heading() -> None:
    assert ("Overview > Overall status:", "Recruiting") in read(study()).blocks


def test_select_keeps_and_ignore_takes_away() -> None:
    html = "<div id=a><p>kept</p><p class=stamp>now</p></div><p>left</p>"
    assert read(html, select="#a", ignore=[".stamp"]).blocks == (("p", "kept"),)


def test_a_selector_that_finds_nothing_is_unexpected() -> None:
    with pytest.raises(base.Unexpected, match="#gone"):
        read(study(), select="#gone")


def test_a_selector_that_is_none_is_refused_with_the_options() -> None:
    with pytest.raises(ValidationError, match="expected a CSS selector"):
        read(study(), select="p[")


def test_a_page_without_text_is_unexpected() -> None:
    with pytest.raises(base.Unexpected, match="visible text"):
        read("<script>only()</script>")


@pytest.mark.parametrize(
    ("html", "options", "lines"),
    [
        ("<html><body><p>one</p></body></html><p>two</p>", {}, ["one"]),
        ("<html><body><p>one</p></body></html><p>two</p>", {"select": "p"}, ["one", "two"]),
        ("<!DOCTYPE html><!-- a --><html></body></html><p>two</p>", {}, ["two"]),
        ("<p>one<b>\x01off</b>\x01two</p>", {"ignore": ("b",)}, ["one\x01two"]),
        ("<div class=a>one<div class=a>off</div></div>left", {"ignore": (".a", ".a .a")}, ["left"]),
        ("<p>one <ruby>two<rt>off</rt></ruby></p>", {}, ["one", "two"]),
        ("<frameset><noframes>one</noframes></frameset>", {}, ["one"]),
        ("<p @click='x' a\"b>one<o:p>two</o:p></p>", {}, ["one", "two"]),
    ],
)
def test_what_parsers_make_of_odd_pages(html: str, options: dict[str, Any], lines: list[str]) -> None:
    assert [text for _, text in read(html, **options).blocks] == lines


def test_a_deeply_nested_page_is_read_without_falling_over() -> None:
    assert "x" in read("<div>" * 20_000 + "x").blocks[0][1]


@pytest.mark.parametrize(
    ("after", "difference"),
    [
        (study(status="Terminated"), ("Recruiting", "Terminated")),
        (study(enrolled=130), ("120", "130")),
        (study(posted="2025-03-04"), ("2025-01-02", "2025-03-04")),
        (study(extra="<p>Results are awaited in 2027.</p>"), (None, "Results are awaited in 2027.")),
    ],
)
def test_status_counts_and_dates_are_reported(after: str, difference: tuple[str | None, str]) -> None:
    site = Site(study())
    assert site.check(after) == [difference]
    assert site.check(after) == []


def test_a_counter_that_starts_after_the_warm_up_is_no_change() -> None:
    site = Site(study(extra="<p>Hits so far 17 by bots</p>"))
    for _ in range(5):
        assert site.check(lambda look: study(extra=f"<p>Hits so far {look * 7919} by bots</p>")) == []
    assert ("Overview > p", "Hits so far 17 by bots") in (site.stored or [])


def test_a_change_beside_live_noise_is_reported_alone() -> None:
    site = Site(study(extra="<p>Mood of the hour 1</p>"))
    shown = lambda look: study(status="Withdrawn", extra=f"<p>Mood of the hour {look * 31}</p>")  # noqa: E731
    assert site.check(shown) == [("Recruiting", "Withdrawn")]


def test_a_counter_inside_a_line_does_not_hide_the_rest_of_it() -> None:
    site = Site(study(extra="<p>So far 40 were treated, a page seen 9 times</p>"))
    shown = lambda n: lambda look: study(extra=f"<p>So far {n} were treated, a page seen {look * 13} times</p>")  # noqa: E731
    for _ in range(4):
        assert site.check(shown(40)) == []
    assert site.check(shown(43)) == [
        ("So far 40 were treated, a page seen 9 times", "So far 43 were treated, a page seen 9 times")
    ]


def test_a_change_that_lands_between_two_looks_is_reported_and_not_taken_for_noise() -> None:
    site = Site(study(extra="<p>Mood of the hour 1</p>"))
    moody = study(extra="<p>Mood of the hour 2</p>")
    assert ("Recruiting", "Suspended") in site.check(
        moody, study(status="Suspended", extra="<p>Mood of the hour 2</p>")
    )
    assert site.check(study(status="Terminated", extra="<p>Mood of the hour 2</p>")) == [("Suspended", "Terminated")]


def test_a_noisy_line_that_comes_to_rest_on_a_status_is_reported() -> None:
    site = Site(study(extra="<aside>Tip 1 of ours</aside>"))
    for _ in range(4):
        assert site.check(lambda look: study(extra=f"<aside>Tip {look * 17} of ours</aside>")) == []
    recalled = study(extra="<aside>All lots recalled</aside>")
    assert [after for _, after in site.check(recalled)] == ["All lots recalled"]


def test_lines_in_another_order_are_no_change() -> None:
    site = Site(study(extra="<ul><li>one</li><li>two</li><li>three</li></ul>"))
    stored = site.stored
    assert site.check(study(extra="<ul><li>three</li><li>one</li><li>two</li></ul>")) == []
    assert site.stored == stored


def test_a_further_look_at_another_page_is_no_reason_to_learn() -> None:
    rows = "".join(f"<p>Line {n} of the page</p>" for n in range(20))
    site = Site(study(extra=rows))
    with pytest.raises(base.Unexpected, match="further look"):
        site.check(study(enrolled=121, extra=rows), "<h1>Verify you are human</h1>")


@pytest.mark.parametrize(
    "line",
    [
        "Page generated 2026-01-05 08:00:00 UTC in 123 us", "Visitors on this page today: 1042", "12 users online",
        "Page rendered in 0.12 s", "Served by web-03", "Request ID: 8f3a-77", "Last updated: 5 January 2026",
        "Nous sommes le lundi 5 janvier 2026", "Dernière mise à jour : 05/01/2026", "Stand: 05.01.2026",
        "Seite generiert am 5. Januar 2026 um 08:12 Uhr", "12 Besucher online", "Página consultada el 05/01/2026",
        "We use cookies to improve this site",
    ],
)  # fmt: skip
def test_what_a_page_says_of_itself_is_quiet(line: str) -> None:
    assert quiet("footer > p", line) == ""


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ("p", "First posted: 2025-01-02"), ("p", "Last update posted 2025-01-02"), ("p", "Enrollment 120"),
        ("p", "Results first posted 2025-01-05"), ("p", "Last verified: May 2025"),
        ("p", "Date of approval: 2025-01-02"),
        ("Overview > Label updated:", "2025-01-02"), ("Overview > Last updated:", "2025-01-02"), ("p", "Recruiting"),
    ],
)  # fmt: skip
def test_facts_are_not_quiet(place: str, line: str) -> None:
    assert quiet(place, line) == line


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Posted 3 days ago", "Posted 4 days ago"), ("© 2025 Agency for X", "© 2026 Agency for X"),
        ("Publié il y a 2 heures", "Publié il y a 3 heures"), ("vor 3 Tagen", "gestern"), ("hace 3 días", "ayer"),
    ],
)  # fmt: skip
def test_ages_and_years_of_copyright_are_left_out(old: str, new: str) -> None:
    assert quiet("p", old) == quiet("p", new)


def test_a_renamed_heading_is_one_difference() -> None:
    before, after = read("<h2>News (1)</h2><p>a</p><p>b</p>"), read("<h2>News (2)</h2><p>a</p><p>b</p>")
    assert block_differences(before.blocks, after.blocks) == [("h2", "News (1)", "News (2)")]


def test_a_line_that_moves_to_another_list_is_a_difference() -> None:
    before = read("<h2>Approved</h2><ul><li>a</li><li>b</li></ul><h2>Withdrawn</h2><ul><li>c</li></ul>")
    after = read("<h2>Approved</h2><ul><li>a</li></ul><h2>Withdrawn</h2><ul><li>c</li><li>b</li></ul>")
    assert block_differences(before.blocks, after.blocks) == [
        ("Withdrawn > li", None, "b"), ("Approved > li", "b", None),
    ]  # fmt: skip


def test_what_is_learnt_stays_small() -> None:
    learnt: dict[str, Any] = {}
    stored = [("aside > p", f"start {n}") for n in range(60)]
    for run in range(20):
        shown = iter([[("aside > p", f"word{run} {look} x{n}y") for n in range(60)] for look in range(9)])
        _, learnt = settled_blocks(
            stored[:5], next(shown)[:5], again=lambda shown=shown: next(shown)[:5], learnt=learnt
        )
    assert len(learnt["variants"]) <= MOST_LEARNT
    assert len(json.dumps(learnt)) < 8_000


lines = st.lists(st.tuples(st.sampled_from(["p", "Facts > Status:"]), st.text("ab1 ", min_size=1)), max_size=12)


@given(lines, st.randoms())
def test_order_alone_never_differs(blocks: Blocks, dice: Any) -> None:
    moved = list(blocks)
    dice.shuffle(moved)
    assert block_differences(blocks, moved) == []


@given(lines, lines)
def test_differences_account_for_every_line(before: Blocks, after: Blocks) -> None:
    changes = block_differences(before, after)
    surplus = sum(1 for _, _, new in changes if new is not None) - sum(1 for _, old, _ in changes if old is not None)
    assert surplus == len(after) - len(before)


@given(st.text())
def test_tokens_joined_are_the_text(text: str) -> None:
    assert "".join(tokens(text)) == text


# What a screen reader reads ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("<h2><button type=button>Overall status: suspended</button></h2><p>x</p>", "Overall status: suspended"),
        ("<button aria-expanded=false>Overall status: suspended</button><div>x</div>", "Overall status: suspended"),
        ("<details><summary>Overall status: suspended</summary>x</details>", "Overall status: suspended"),
        ("<button aria-controls=p>More</button><div id=p hidden>Status: ended</div>", "Status: ended"),
        ("<div role=tabpanel style='display:none'>Status: ended</div>", "Status: ended"),
        ("<p>Status: <img src=r.png alt='withdrawn'></p>", "Status: withdrawn"),
        ("<table><tr><th>Status</th><td><img alt=withdrawn></td></tr></table>", "withdrawn"),
        ("<p>Status <input readonly value=withdrawn></p>", "Status withdrawn"),
        ("<div class='no-js cookies-not-set'><main><h1>Q</h1><p>withdrawn</p></main></div>", "withdrawn"),
        ("<div id=gdpr-page><p>Status: withdrawn</p></div>", "Status: withdrawn"),
        ("<div class=onetrust-ready><table><tr><td>cookies</td><td>withdrawn</td></tr></table></div>", "withdrawn"),
    ],
)  # fmt: skip
def test_words_that_are_read_aloud_count(body: str, text: str) -> None:
    assert text in [words for _, words in read(f"{body}<p>Agency</p>").blocks]


@pytest.mark.parametrize(
    "body",
    [
        "<div class=cookie-banner><p>We use cookies.</p><button>Accept</button></div>",
        "<div id=onetrust-banner><h2>Your privacy</h2><p>Choose.</p></div>",
        "<p>Find <input name=q value=word></p><script>withdrawn</script>",
        "<div hidden>withdrawn</div>",
    ],
)
def test_what_nobody_reads_and_what_asks_for_consent_does_not_count(body: str) -> None:
    words = " ".join(text for _, text in read(f"{body}<p>Agency</p>").blocks)
    assert not any(word in words for word in ("cookies", "privacy", "withdrawn", "Accept", "word"))


def test_where_a_link_leads_counts_only_where_the_watch_asks() -> None:
    before = "<p>Product information: <a href='/docs/rev3.pdf?utm_source=x'>Qalsody (PDF)</a></p>"
    table = "<table><tr><th>Label</th><td><a href='b.pdf;jsessionid=7'>PDF</a></td></tr></table>"
    assert read(before) == read(before.replace("rev3", "rev4"))

    asked = dict(read(before + table, links=True).blocks)

    assert asked["Qalsody (PDF) (link):"].endswith("/docs/rev3.pdf")
    assert asked["PDF (link):"].endswith("/b.pdf")
    assert read(before, links=True).blocks != read(before.replace("rev3", "rev4"), links=True).blocks
    assert read(before, links=True).blocks == read(before.replace("utm_source=x", "utm_source=y"), links=True).blocks


def test_a_page_is_known_by_the_address_that_is_watched() -> None:
    page = base.Page("https://h.example/home", MOMENT, 200, "text/html", "", lambda: b"<p>x</p>")
    (record,) = Page(Page.Options(), url="https://h.example/record?api_key=s").parse(page)
    assert isinstance(record, Passage)
    assert (record.key, record.url) == ("https://h.example/record", "https://h.example/home")


@pytest.mark.parametrize(
    "body", ["<b></b>" * 60_000, "<p " + " ".join(f"a{n}=1" for n in range(420_000)) + ">x", "word " * 1_700_000]
)
def test_a_page_of_too_much_is_refused_before_it_is_taken_apart(body: str) -> None:
    start = time.process_time()
    with pytest.raises(base.Unexpected, match="expected at most"):
        read(body)
    assert time.process_time() - start < 1


# What moving lines may cost -------------------------------------------------------------------------------------------


def test_a_long_line_that_moves_at_every_look_costs_little_or_is_refused_by_name() -> None:
    """Word by word it took the square of its length: minutes for a line of 100 KB."""
    rest = [("main > p", f"A line {number} that stays") for number in range(30)]

    def looks(words: int) -> Callable[[], Blocks]:
        count = itertools.count()
        return lambda: [("main > p", f"Stock {next(count)}x fell " + "word " * words), *rest]

    started = time.process_time()
    short = looks(12_000)
    settled_blocks([("main > p", "Stock fell " + "word " * 12_000), *rest], short(), again=short, learnt={})
    long = looks(30_000)
    with pytest.raises(Unexpected, match="expected moving words in lines of at most 100000 characters, found 15001"):
        settled_blocks([("main > p", "Stock fell " + "word " * 30_000), *rest], long(), again=long, learnt={})
    huge = looks(400_000)
    with pytest.raises(Unexpected, match="expected at most 1000000 characters in lines that differ"):
        settled_blocks([("main > p", "Stock fell " + "word " * 400_000), *rest], huge(), again=huge, learnt={})

    assert time.process_time() - started < 60, "a third of that on a slow machine"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a b c", "a b c"),
        ("a b c", "a x c"),
        ("a b c", "a c"),
        ("", "a"),
        ("a a a", "a a"),
        ("x " * 1500 + "end", "y " * 1500 + "end"),
        ("start " + "x " * 1500, "start " + "y " * 1400),
    ],
)
def test_the_differences_of_two_lists_turn_one_into_the_other(old: str, new: str) -> None:
    before, after = old.split(" "), new.split(" ")
    made: list[str] = []
    for kind, i1, i2, j1, j2 in opcodes(before, after):
        assert kind != "equal" or before[i1:i2] == after[j1:j2]
        made += before[i1:i2] if kind == "equal" else after[j1:j2]
    assert made == after


HEARD = {
    "a label of an icon": '<p>US: <i class="tick" aria-label="{}"></i></p>',
    "the name of a sign": '<p>US: <span role="img" aria-label="{}">✓</span></p>',
    "what a mark says when pointed at": '<p>US: <span class="tick" title="{}"></span></p>',
    "the title of a drawing": '<p>US: <svg role="img"><title>{}</title><path d="M0 0"/></svg></p>',
    "words in a drawing": "<p>US: <svg><text>{}</text></svg></p>",
    "a field that can only be read": "<p>US: <textarea readonly>{}</textarea></p>",
    "a choice that cannot be changed": "<p>US: <select disabled><option>None<option selected>{}</select></p>",
    "a button with a picture": '<p>US: <input type="image" alt="{}"></p>',
    "a part of a map": '<p>US: <map name="m"><area alt="{}" href="/us"></map></p>',
    "a link without words": '<p>US: <a href="/us" aria-label="{}"><svg aria-hidden="true"></svg></a></p>',
    "the shadow of an element": '<p>US:</p><div><template shadowrootmode="open"><p>{}</p></template></div>',
    "a panel opened by a link": '<a href="#us">US:</a><div id="us" style="display:none">{}</div>',
    "a panel opened by a script": "<a onclick=\"flip('us')\">US:</a><div id=us style='display: none'>{}</div>",
    "a panel of another library": '<button data-bs-target="#us">US:</button><div id="us" hidden>{}</div>',
    "a wrapper named for consent": '<div class="onetrust-on"><p>US: {}</p><a href="/p">Privacy</a></div>',
    "a wrapper with the banner in it": (
        '<div class="cookies-not-set"><p>US: {}</p><div class="cookie-banner">We use cookies. <button>Accept</button>'
        "</div></div>"
    ),
}


@pytest.mark.parametrize("how", HEARD)
@pytest.mark.parametrize("word", ["Authorised", "Withdrawn"])
def test_what_a_screen_reader_reads_or_a_press_shows_counts_as_seen(how: str, word: str) -> None:
    said = " ".join(text for _, text in read(f"<h1>Q</h1>{HEARD[how].format(word)}").blocks)
    assert "US:" in said and word in said


def test_a_box_that_is_ticked_says_so() -> None:
    box = '<label><input type="checkbox" disabled {}> Authorised</label>'
    assert read(box.format("checked")).blocks != read(box.format("")).blocks


@pytest.mark.parametrize(
    "hidden",
    [
        '<div style="display:none">Authorised</div>',
        '<svg aria-hidden="true"><title>Authorised</title></svg>',
        "<template><p>Authorised</p></template>",
        "<select><option selected>Authorised</select>",
        "<textarea>Authorised</textarea>",
        '<div class="cookie-banner"><p>Cookies: Authorised</p><button>Accept all</button></div>',
        '<div id="onetrust"><div class="onetrust-text">We use cookies, Authorised.</div><a>Reject</a></div>',
    ],
)
def test_what_nobody_sees_is_not_read(hidden: str) -> None:
    assert "Authorised" not in str(read(f"<h1>Q</h1><p>Text.</p>{hidden}").blocks)


SOME_LINES = st.lists(st.tuples(st.sampled_from(["p", "li"]), st.sampled_from("abc")), max_size=9)


@given(SOME_LINES, SOME_LINES, SOME_LINES, SOME_LINES)
def test_what_pages_have_alike_at_both_ends_is_no_matter(
    start: list[tuple[str, str]], end: list[tuple[str, str]], one: list[tuple[str, str]], other: list[tuple[str, str]]
) -> None:
    before, after = [*start, *one, *end], [*start, *other, *end]
    spare, left = Counter(after), []
    for line in before:
        left += [] if spare[line] > 0 else [line]
        spare[line] -= 1
    assert unmatched(before, after)[0] == left
