"""openFDA: one way to ask its endpoints and to read their envelope; each adapter says what a row of its own means.

"No match" is a 404 that says so in its body; every other error is none at all. Blanks in a query are real ones: the
plus signs of the documentation would change it silently.
"""

import re
from abc import abstractmethod
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any, ClassVar

from sources import days
from sources.base import Fetch, Options, Page, Source, TooLong, Unexpected, each
from sources.payload import Json, decode, may, need, texts
from sources.records import Record

AUTHORITY, PLACE = "FDA", "US"
NOTHING = "NOT_FOUND"  # how openFDA says "no match", together with status 404
MOST = 25_000  # openFDA goes no further by `skip`
PER_QUERY = 50
NUMBER = re.compile(r"(NDA|ANDA|BLA?)\s*0*(\d{1,6})")
"""An application; letters on biologics write `BL` too."""
PLAIN = re.compile(r"(?!(?:AND|OR|NOT|TO)$)[A-Za-z]+")
FORMS = (days.BARE, days.AMERICAN, days.ISO)
"""How its endpoints write days: each in its own way, and some in two."""


class OpenFda(Source):
    """An endpoint of openFDA. `endpoint` is its path, `per_page` how many rows are asked for at once."""

    endpoint: ClassVar[str] = ""
    per_page: ClassVar[int] = 100
    tier = 1
    home = "https://api.fda.gov"
    places: ClassVar[tuple[str, ...]] = (PLACE,)
    terms = (
        "openFDA data, dedicated to the public domain (CC0). The FDA asks not to rely on it for decisions on medical "
        "care, and results are not validated."
    )
    stamped = re.compile(rb'"last_updated"\s*:\s*"([^"]+)"')
    moves_within: ClassVar[timedelta | None] = timedelta(days=35)  # of the index: mostly a week, at times some
    options: Options

    @abstractmethod
    def queries(self) -> Iterable[str]:
        """What is asked for, each in openFDA's own language."""

    @abstractmethod
    def read(self, row: Json) -> Record:
        """One row. Raises Unexpected at an unknown word, a missing or mistyped field."""

    def identity(self, row: Json, where: str) -> str | None:
        """By what a row is told from the others of a walk; None for rows without a number of their own."""
        return None

    def key_of(self, row: Json) -> str | None:
        """The key of a row that cannot be read as a whole."""
        return None

    def pages(self, fetch: Fetch) -> Iterator[Page]:
        """All pages of all queries. Raises Unexpected where the options name nothing to follow."""
        if missing := self.options.missing():
            raise Unexpected(f"options: {missing}")
        for query in self.queries():
            yield from self._walk(fetch, query)

    def parse(self, page: Page) -> Iterator[Record | Unexpected]:
        """The records of an answer. "No match" is an empty answer."""
        yield from each(results(decode(page), page.url), self.read, key=self.key_of)

    def _walk(self, fetch: Fetch, query: str) -> Iterator[Page]:
        """All pages of one query, of fewer records each from where an answer is too long."""
        keys: list[str] = []
        seen, total, limit = 0, None, self.per_page
        before: list[Json] = []
        address = f"{self.base_url}{self.endpoint}"
        while total is None or seen < total:
            asked: dict[str, Any] = {"search": query, "limit": limit} | ({"skip": seen} if seen else {})
            try:
                page = fetch(address, params=asked, missing=(404,))
            except TooLong:
                if limit == 1:
                    raise
                limit //= 2
                continue
            answer = decode(page)
            found = results(answer, page.url)
            declared = _total(answer, page.url)
            if total is not None and declared != total:
                raise Unexpected(f"{page.url}: expected {total} records as on the page before, found {declared}")
            if declared > MOST:
                raise Unexpected(f"{page.url}: expected at most {MOST} records, found {declared}; narrow the search")
            total = declared
            if not found and seen < total:
                raise Unexpected(f"{page.url}: expected the {total} records it declares, found {seen}")
            if before and found == before:
                raise Unexpected(f"{page.url}: expected further records, found those of the page before again")
            before = found
            keys += [key for row in found if (key := self.identity(row, page.url))]
            seen += len(found)
            yield page
        twice = sorted(key for key, times in Counter(keys).items() if times > 1)
        if twice or seen != total:
            raise Unexpected(
                f"{address}: expected {total} records, each once, found {seen}, twice: {', '.join(twice[:5]) or 'none'}"
            )


def results(answer: Json, where: str) -> list[Json]:
    """The rows of an answer; none where it says that nothing matches. Raises Unexpected at any other error."""
    if isinstance(answer, dict) and isinstance(answer.get("results"), list) and "error" not in answer:
        return list(answer["results"])
    error = answer.get("error") if isinstance(answer, dict) else None
    if isinstance(error, dict) and error.get("code") == NOTHING:
        return []
    raise Unexpected(f"{where}: expected results or the error {NOTHING}, found {str(answer)[:120]}")


def _total(answer: Json, where: str) -> int:
    if "error" in answer:
        return 0
    meta = need(answer, "meta", dict, where)
    return need(need(meta, "results", dict, f"{where} meta"), "total", int, f"{where} meta.results")


def application_number(text: str) -> str:
    """`NDA 12345` and `nda012345` are both `NDA012345`. Raises ValueError at anything else."""
    match = NUMBER.fullmatch(text.strip().upper())
    if not match:
        raise ValueError(f"expected NDA, ANDA or BLA and up to six digits, found {text!r}")
    return _spelt(match)


def _spelt(match: re.Match[str]) -> str:
    return f"{'BLA' if match[1] == 'BL' else match[1]}{match[2].zfill(6)}"


def applications_in(row: Json, where: str) -> tuple[str, ...]:
    """The application numbers beside a row, in our spelling, without that of a supplement; one of another sort (a
    monograph) is none."""
    written = texts(row, "application_number", where)
    found = (NUMBER.fullmatch(number.strip().upper().partition("/")[0]) for number in written)
    return tuple(sorted({_spelt(match) for match in found if match}))


def beside(row: Json, where: str) -> dict[str, Json]:
    """What openFDA adds to a row: numbers and names of the product; an empty object where it knows none."""
    return may(row, "openfda", dict, where) or {}


def names_in(added: Mapping[str, Json], where: str) -> tuple[str, ...]:
    """The names of a product in what openFDA adds."""
    return tuple(dict.fromkeys(name for key in ("brand_name", "generic_name") for name in texts(added, key, where)))


def any_of(fields: Iterable[str], words: Iterable[str]) -> str:
    """A query for rows that hold one of the words in one of the fields. A single plain word goes without quotes: it
    means the same, and the shortages were seen to answer nothing to a quoted one."""
    asked = " ".join(word if PLAIN.fullmatch(word) else phrase(word) for word in words)
    return " ".join(f"{field}:({asked})" for field in fields)


def phrase(text: str) -> str:
    """A text as one phrase of a query."""
    bare = text.replace('"', " ").replace("\\", " ")
    return f'"{" ".join(bare.split())}"'


def iso_day(text: str | None, where: str) -> str | None:
    """A day in whichever of its forms as `2023-04-25`. Raises Unexpected at anything else."""
    return days.iso_day(text, where, FORMS)
