"""SEC EDGAR: what followed companies file, and the releases attached to their current reports (8-K, and 6-K of foreign
ones), read as prose.

A company's list shows its newest filings; older ones roll off, which is no change. Of the newest reports the whole
submission is fetched: one text with a header and all documents. Left out on purpose: addresses, telephone, former
names, insiders, the sizes and data forms of filings, and every document but the release or, without one, the report.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar

from lxml import etree
from pydantic import AfterValidator, Field

from sources.base import About, Family, Fetch, Options, Page, Source, Unexpected
from sources.feed_text import folded
from sources.late_pattern import late
from sources.markup import excess
from sources.payload import Json, calendar_date, column, decode, may, need, texts
from sources.records import Announcement, Record

REPORTS = late(r"(8-K|6-K)(/A)?")
TELLING = frozenset({"1.01", "1.02", "2.02", "2.05", "2.06", "7.01", "8.01"})
"""Items of an 8-K that may carry news of a drug; a 6-K has none."""
PARTICULARS = ("entityType", "sic", "category", "fiscalYearEnd", "stateOfIncorporation")
LISTS = ("tickers", "exchanges")
LENGTH, TITLE = 8000, 300
MOST_DOCUMENTS = 300
CIK = late(r"\d{1,10}")
DAY = late(r"\d{4}-\d\d-\d\d")
HEADER = 20_000  # characters in which a submission says what it is
ACCESSION = late(r"^ACCESSION NUMBER:\s*(\d{10}-\d\d-\d{6})\s*$", re.M)
FORM = late(r"^CONFORMED SUBMISSION TYPE:\s*(\S{1,20})\s*$", re.M)
FILED = late(r"^FILED AS OF DATE:\s*(\d{8})\s*$", re.M)
FILER = late(r"^\s*COMPANY CONFORMED NAME:\s*(\S.{0,200}?)\s*$", re.M)
NUMBER = late(r"^\s*CENTRAL INDEX KEY:\s*(\d{1,10})\s*$", re.M)
DOCUMENT = late(r"<DOCUMENT>\s*<TYPE>([^\s<]{1,40})(.{0,4000}?)<TEXT>", re.S)
RELEASE = late(r"EX-99(?:\.\d+)?", re.I)
BLOCKS = frozenset(
    re.findall(r"\w+", "address br div dd dt h1 h2 h3 h4 h5 h6 hr li p table td th title tr ul ol center")
)
HIDDEN = frozenset(("script", "style", "template", "noscript", "title", "ix:header"))
NO_TITLE = late(
    r"exhibit\b|ex-99|for immediate release|press release|news release|contacts?:|source:|page \d|table of contents"
    r"|form [68]-k|united states|securities and exchange|washington", re.I,
)  # fmt: skip
"""How lines begin that stand above the heading of a release."""
WORDS_OF_A_TITLE = 4


class Company(Record):
    """A company that files: what it is, and its newest filings by accession number."""

    columns: ClassVar[frozenset[str]] = frozenset({"filings", "particulars"})
    growing: ClassVar[frozenset[str]] = frozenset({"filings"})

    filings: dict[str, dict[str, str]] = {}
    particulars: dict[str, str] = {}


def _padded(text: str) -> str:
    bare = text.strip().upper().removeprefix("CIK")
    if not CIK.fullmatch(bare):
        raise ValueError(f"expected a CIK of up to ten digits, found {text[:20]!r}")
    return f"CIK{bare.zfill(10)}"


class EdgarOptions(Options):
    """Whose filings to follow, by CIK, and of how many of the newest reports of each the releases are read."""

    companies: tuple[Annotated[str, AfterValidator(_padded)], ...] = ()
    releases: int = Field(default=5, ge=0, le=20)
    archive: str = "https://www.sec.gov"

    def missing(self) -> str | None:
        """That there is nothing to follow."""
        return None if self.companies else "expected companies to follow, found none"


class Edgar(Source):
    """The legal filings of companies listed in the US. Who asks must name a contact; ten requests a second at most."""

    name = "edgar"
    title = "SEC EDGAR"
    about = About(
        watches="filings of companies by CIK, and the releases attached to 8-K and 6-K",
        first="results, holds, refusals and ends, as a company must say them",
        lag="minutes; at most four working days after the act",
        key="a contact",
        seen="the lists, recorded 2026; releases by hand",
    )
    needs = "contact"
    revision = 2  # November 2026: signs within words that nobody sees
    tier = 2  # a legal filing
    family: ClassVar[Family] = "any"  # lists are JSON, submissions text
    complete = False
    home = "https://data.sec.gov"
    terms = "Public filings at the US Securities and Exchange Commission, free to use."
    record = Announcement
    beside = (Company,)
    lasting = frozenset({"filings"})
    paths: ClassVar[Mapping[str, str]] = {"title": "name", "filings": "filings.recent[{key}]"}
    Options = EdgarOptions
    options: EdgarOptions

    def pages(self, fetch: Fetch) -> Iterator[Page]:
        """The list of each company; where one has moved, the newest reports of all. Raises Unexpected where the options
        name none."""
        if missing := self.options.missing():
            raise Unexpected(f"options: {missing}")
        lists = [fetch(f"{self.base_url}/submissions/{key}.json") for key in self.wanted()]
        yield from lists
        if not fetch.sweep and all(page.unchanged for page in lists):
            return
        for page in lists:
            answer = decode(page)
            number = str(int(need(answer, "cik", str, page.url)))
            for accession in _reports(_filings(answer, page.url))[: self.options.releases]:
                folder = f"{self._archive}/Archives/edgar/data/{number}/{accession.replace('-', '')}"
                yield fetch(f"{folder}/{accession}.txt")

    @property
    def _archive(self) -> str:
        """Where submissions are kept; a mirror of the lists holds them too."""
        return (self.options.archive if self.base_url == self.home else self.base_url).rstrip("/")

    def parse(self, page: Page) -> Iterator[Record | Unexpected]:
        """The company of a list, or the releases of a submission. Raises Unexpected for anything else."""
        if page.body.lstrip()[:1] == b"{":
            yield company(decode(page), page.url)
        else:
            yield from releases(page)

    def wanted(self) -> tuple[str, ...]:
        """The companies asked for."""
        return tuple(dict.fromkeys(self.options.companies))


def company(answer: Json, where: str) -> Company:
    """A company. Raises Unexpected where its list cannot be read."""
    try:
        key = _padded(need(answer, "cik", str, where))
    except ValueError as problem:
        raise Unexpected(f"{where}.cik: {problem}") from None
    told = {name: may(answer, name, str, key) or "" for name in PARTICULARS}
    told |= {name: "; ".join(sorted(texts(answer, name, key))) for name in LISTS}
    return Company(
        key=key,
        title=need(answer, "name", str, key),
        url=f"https://www.sec.gov/cgi-bin/browse-edgar?action=getcompany&CIK={key[3:]}",
        filings=_filings(answer, key),
        particulars=told,
    )


def _filings(answer: Json, where: str) -> dict[str, dict[str, str]]:
    """The newest filings; columns of one length, in the order of the list."""
    recent = need(need(answer, "filings", dict, where), "recent", dict, f"{where}.filings")
    at = f"{where}.filings.recent"
    columns = {name: recent.get(name) for name in ("accessionNumber", "form", "filingDate", "items")}
    lengths = {name: len(found) if isinstance(found, list) else None for name, found in columns.items()}
    if len(set(lengths.values())) != 1 or None in lengths.values():
        raise Unexpected(f"{at}: expected columns of one length, found {lengths}")
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    column(rows, "form", at)
    for row in rows:
        calendar_date(need(row, "filingDate", str, at), DAY, "yyyy-mm-dd", f"{at}.filingDate")
        may(row, "items", str, at)
    told = ("form", "filingDate", "items")
    return {
        key: {n: row[n] or "" for n in told} for key, row in zip(column(rows, "accessionNumber", at), rows, strict=True)
    }


def _reports(filings: Mapping[str, Mapping[str, str]]) -> list[str]:
    """The reports that may carry news, newest first."""
    return [
        accession
        for accession, row in filings.items()
        if REPORTS.fullmatch(row["form"]) and (row["form"][0] == "6" or TELLING & set(row["items"].split(",")))
    ]


def releases(page: Page) -> Iterator[Announcement | Unexpected]:
    """The releases attached to a report, or without one the report itself. Raises Unexpected where it is none."""
    text = page.decoded.text
    head = text[:HEADER]
    found: dict[str, Any] = {
        name: form.search(head) for name, form in (("accession", ACCESSION), ("form", FORM), ("day", FILED))
    }
    if lacking := [name for name, match in found.items() if match is None]:
        raise Unexpected(f"{page.url}: expected a submission of EDGAR, found no {lacking[0]} in {text[:80]!r}")
    accession, day = found["accession"][1], found["day"][1]
    filer, number = FILER.search(head), NUMBER.search(head)
    documents = list(DOCUMENT.finditer(text))
    if not documents or len(documents) > MOST_DOCUMENTS:
        raise Unexpected(f"{page.url}: expected 1 to {MOST_DOCUMENTS} documents, found {len(documents)}")
    attached = [match for match in documents if RELEASE.fullmatch(match[1])]
    for match in attached or documents[:1]:
        kind = match[1].upper()
        end = text.find("</TEXT>", match.end())
        body = text[match.end() : end if end >= 0 else len(text)]
        if reason := excess(body):
            yield Unexpected(f"{page.url} {kind}: {reason}", key=f"{accession}/{kind}")
            continue
        lines = lines_of(body)
        heading = next((line for line in lines if _may_be_title(line)), lines[0] if lines else "")
        if not heading:
            yield Unexpected(f"{page.url} {kind}: expected words, found none", key=f"{accession}/{kind}")
            continue
        folder = (
            f"https://www.sec.gov/Archives/edgar/data/{int(number[1]) if number else 0}/{accession.replace('-', '')}"
        )
        yield Announcement(
            key=f"{accession}/{kind}",
            title=folded(heading, TITLE),
            url=f"{folder}/{accession}-index.htm",
            published_on=f"{day[:4]}-{day[4:6]}-{day[6:]}",
            summary=folded(" ".join(lines), LENGTH),
            feed=f"{found['form'][1]} of {filer[1]}" if filer else found["form"][1],
        )


def _may_be_title(line: str) -> bool:
    return len(line.split()) >= WORDS_OF_A_TITLE and not NO_TITLE.match(line)


def lines_of(text: str) -> list[str]:
    """The lines that a reader sees of an attached document, which is HTML or plain text."""
    if "<" not in text:
        parts = re.split(r"\n\s*\n", text)
    else:
        target = _Lines()
        parser = etree.HTMLParser(target=target, huge_tree=False, no_network=True)
        try:
            parser.feed(text)
            parts = parser.close()
        except etree.LxmlError:  # there is nothing in it
            parts = target.close()
    return [line for part in parts if (line := folded(part, LENGTH))]


class _Lines:
    """Takes the words out of HTML as it is read, a line a block."""

    def __init__(self) -> None:
        self._lines: list[list[str]] = [[]]
        self._hidden = 0

    def start(self, tag: str, _: Mapping[str, str]) -> None:
        self._hidden += tag in HIDDEN
        if tag in BLOCKS:
            self._lines.append([])

    def end(self, tag: str) -> None:
        self._hidden -= tag in HIDDEN
        if tag in BLOCKS:
            self._lines.append([])

    def data(self, text: str) -> None:
        if not self._hidden:
            self._lines[-1].append(text)

    def comment(self, _: str) -> None:
        return

    def close(self) -> list[str]:
        return ["".join(line) for line in self._lines]
