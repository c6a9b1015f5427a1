"""openFDA's bulk files: an endpoint whole, as JSON in a zip, for sweeps of an agency without a key.

`/download.json` lists them. A file is read out of its zip row by row and handed on some rows at a time, in the envelope
and the very words that a query would answer with. Neither the sizes that a zip declares nor those that it has are
trusted: what is longer than any real file, or a row that does not end, is refused.
"""

import hashlib
import io
import json
import re
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import IO
from urllib.parse import urlsplit

from sources.base import Fetch, LongPage, Page, Part, Unexpected
from sources.openfda import OpenFda
from sources.parts import MARK
from sources.payload import Json, decode, need

INDEX = "/download.json"
HOST = "download.open.fda.gov"
MOST = 1 << 30  # characters of a file; Drugs@FDA has about 150 million
LONGEST_ROW = 4 * 2**20  # the longest real one has less than a million
LONGEST_HEAD = 64 * 1024  # before the first row
AT_ONCE = 512 * 1024  # rows of about so many are handed on together
READ = 256 * 1024
OPENING, CLOSING = b'{"results": [\n', b"\n]}"
LIST = re.compile(r'"results"\s*:\s*\[')
GAP = re.compile(r"[ \t\r\n]*,?[ \t\r\n]*")
DECODER = json.JSONDecoder()

Row = tuple[str, Json]
"""A row as it is written, and as it reads."""


@dataclass(frozen=True)
class File:
    """A bulk file as the list names it."""

    url: str
    rows: int


def files_of(page: Page, endpoint: str, base_url: str) -> tuple[list[File], str]:
    """The files of an endpoint, and the day of their export. Raises Unexpected where the list names none, or one on
    another host."""
    node, at = decode(page), page.url
    for step in ("results", *endpoint.removesuffix(".json").strip("/").split("/")):
        node, at = need(node, step, dict, at), f"{at} {step}"
    files = []
    for row in need(node, "partitions", list, at):
        url = need(row, "file", str, f"{at}.partitions")
        if urlsplit(url).hostname not in (HOST, urlsplit(base_url).hostname):
            raise Unexpected(f"{at}.partitions.file: expected a file on {HOST}, found {url[:120]}")
        files.append(File(url, need(row, "records", int, f"{at}.partitions")))
    total = need(node, "total_records", int, at)
    if (rows := sum(file.rows for file in files)) != total:
        raise Unexpected(f"{at}: expected the {total} records it declares in its files, found {rows}")
    return files, need(node, "export_date", str, at)


def bulk_pages(fetch: Fetch, source: OpenFda, wanted: Collection[str]) -> Iterator[Page]:
    """The rows of all files of a source's endpoint, or those with the `wanted` keys, some at a time. Files that have
    not moved only say so, unless everything is to be read. Raises SourceError."""
    files, _ = files_of(fetch(source.base_url + INDEX), source.endpoint, source.base_url)
    seen: set[str] = set()

    def keep(row: Json) -> bool:
        key = source.key_of(row)
        if key in seen:
            raise Unexpected(f"{source.endpoint}: expected each record once, found {key} twice")
        seen.update(filter(None, [key]))
        return not wanted or key is None or key in wanted  # one that cannot be read is seen

    fetched = [fetch(file.url) for file in files]
    if all(page.unchanged for page in fetched) and not fetch.sweep:
        yield from fetched
        return
    for file, page in zip(files, fetched, strict=True):
        yield from unpacked(page, file.rows, keep)


def unpacked(page: Page, expected: int, keep: Callable[[Json], bool]) -> Iterator[Page]:
    """The rows of a zipped file as pages of their own. Raises Unexpected where it is no such file, or holds other than
    the `expected` number of rows, kept or not."""
    rows = size = number = 0
    some: list[str] = []
    with _opened(page) as file:
        for text, value in rows_in(page.url, file):
            rows += 1
            if rows > expected:
                raise Unexpected(f"{page.url}: expected {expected} rows, found more")
            if keep(value):
                some.append(text)
                size += len(text)
            if size >= AT_ONCE:
                yield _page(page, number, some)
                number, size, some = number + 1, 0, []
    if rows != expected:
        raise Unexpected(f"{page.url}: expected {expected} rows, found {rows}")
    if some or not number:
        yield _page(page, number, some)


def bulk_parts(page: Page, key_of: Callable[[Json], str | None]) -> Sequence[Part] | None:
    """The rows of one of these pages, each by itself; None of any other page, and where a row has no key."""
    if not page.body.startswith(OPENING):
        return None
    made: list[Part] = []
    for text, value in rows_in(page.url, io.BytesIO(page.body)):
        if (key := key_of(value)) is None:
            return None
        row = text.encode()
        mark = hashlib.blake2b(row, digest_size=MARK).digest()
        made.append(Part((key,), mark, partial(_of_row, page, row, key, mark)))
    return made


def is_file(page: Page) -> bool:
    """Whether this is a bulk file itself, which holds no records of its own: its rows are handed on as pages."""
    return page.url.endswith(".zip")


def rows_in(url: str, file: IO[bytes]) -> Iterator[Row]:
    """The objects of the list `results`. Raises Unexpected where there is no such list, something else in it, or
    something behind it."""
    text = io.TextIOWrapper(file, encoding="utf-8")
    total, have = 0, ""

    def read(most: int) -> str:
        try:
            return text.read(most)
        except (OSError, EOFError, ValueError, zipfile.BadZipFile, zlib.error, NotImplementedError) as problem:
            raise Unexpected(f"{url}: expected JSON in a zip, found it broken ({str(problem)[:80]})") from None

    def more(expected: str) -> str:
        nonlocal total
        total += len(found := read(READ))
        if not found or total > MOST:
            raise Unexpected(f"{url}: expected {expected}, found {f'more than {MOST} characters' if found else 'none'}")
        return found

    while (opened := LIST.search(have)) is None:
        if len(have) > LONGEST_HEAD:
            raise Unexpected(f"{url}: expected a list of results, found {have[:80]!r}")
        have += more("a list of results")
    at = opened.end()
    while True:
        at = gap.end() if (gap := GAP.match(have, at)) else at
        if have[at : at + 1] == "]":
            break
        row, end = _row(url, have, at)
        if row is None:
            have, at = have[at:] + more("the end of results"), 0
        else:
            yield have[at:end], row
            at = end
    if len(have) - at < LONGEST_HEAD:
        have, at = have[at:] + read(LONGEST_HEAD), 0
    if have[at + 1 :].strip() != "}":
        raise Unexpected(f"{url}: expected nothing behind results, found {have[at + 1 : at + 80]!r}")


def _row(url: str, have: str, at: int) -> tuple[Json, int]:
    """The object that begins here, and where it ends; None where it does not end yet. Raises Unexpected where it is no
    object, or longer than any real one."""
    if have[at : at + 1] not in ("{", ""):
        raise Unexpected(f"{url}: expected a list of objects, found {have[at : at + 80]!r}")
    try:
        return DECODER.raw_decode(have, at)
    except ValueError as problem:
        if len(have) - at > LONGEST_ROW:
            raise Unexpected(f"{url}: expected a row of at most {LONGEST_ROW} characters ({problem})") from None
        return None, at
    except RecursionError:
        raise Unexpected(f"{url}: expected a row of a few levels, found very many") from None


@contextmanager
def _opened(page: Page) -> Iterator[IO[bytes]]:
    """The one file of JSON in a zip. Raises Unexpected at anything else."""
    try:
        packed = zipfile.ZipFile(io.BytesIO(page.body))
        (name,) = packed.namelist()
        if not name.endswith(".json"):
            raise ValueError(f"a file {name[:80]!r}")
        file = packed.open(name)
    except (OSError, ValueError, RuntimeError, zipfile.BadZipFile) as problem:
        raise Unexpected(f"{page.url}: expected a zip of one file of JSON, found none ({str(problem)[:80]})") from None
    with packed, file:
        yield file


def _page(page: Page, number: int, rows: Sequence[str]) -> Page:
    """Some rows as an answer; they are many in all, so they are held packed."""
    body = OPENING + ",\n".join(rows).encode() + CLOSING
    load = partial(zlib.decompress, zlib.compress(body, 1))
    digest = hashlib.sha256(body).hexdigest()
    return LongPage(f"{page.url}#rows-{number}", page.fetched_at, 200, "application/json", digest, load)


def _of_row(page: Page, row: bytes, key: str, mark: bytes) -> Page:
    body = OPENING + row + CLOSING
    url, digest = f"{page.url.partition('#')[0]}#{key}", hashlib.sha256(body).hexdigest()
    return Page(url, page.fetched_at, 200, page.content_type, digest, partial(bytes, body), of=page, mark=mark)
