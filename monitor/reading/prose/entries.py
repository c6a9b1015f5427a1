"""What a page adds, entry by entry: a row of a table or a card with all its cells, a piece of news with its title and
day, and all else line by line. Pure.

A page is one passage of lines, but a cell says nothing without its row, and a piece of news has a day of its own.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from monitor.reading.prose.tense import ISO_DAY
from monitor.reading.prose.written_days import DOTTED, LONG_DAY, written_day
from monitor.vocabulary.differences import Difference
from monitor.vocabulary.texts import page_text

Block = tuple[str, str]
HEADING = re.compile(r"h[1-6]$")
DATED = re.compile(rf"(?:\w{{3,9}}, )?(?:{ISO_DAY.pattern}|{DOTTED.pattern}|{LONG_DAY.pattern})[\s|:–—-]*")
"""The day with which a line of a list of news begins."""
BETWEEN = " | "
"""What stands between two cells where a row is read as a line."""
LABEL = 80  # characters of a row's first cell that its other cells are known by (`sources/page_reader.py`)
MOST_CELLS, MOST_ROWS = 24, 200
TELLING = 15  # characters; a line of fewer may stand anywhere


@dataclass(frozen=True, slots=True)
class Entry:
    """Lines of a page that belong together; `cells`: a row or a card, `day`: a piece of news and when it was told."""

    lines: tuple[Block, ...]
    cells: bool = False
    day: str | None = None

    @property
    def told(self) -> list[str]:
        """The words of its cells, without those of a card that only name the next one."""
        kept = [text for place, text in self.lines if not place.endswith(" > dt")]
        return kept if len(kept) > 1 else [text for _, text in self.lines]

    @property
    def told_in_any_order(self) -> tuple[str, ...]:
        """The same, whichever column stands first."""
        return tuple(sorted(self.told))

    @property
    def places(self) -> tuple[str, ...]:
        """Where its lines stand: the headings above, and what the columns are called."""
        return tuple(place for place, _ in self.lines)

    @property
    def row(self) -> str:
        """The row as one line; a name and its value as such."""
        return (": " if len(self.told) == 2 else BETWEEN).join(text.strip(" :") for text in self.told)


@dataclass(frozen=True, slots=True)
class Added:
    """What is new of an entry, or of the lines in none: a text to read, with title and day where it has its own; and a
    row as it is, and as it `was`."""

    text: str
    title: str | None = None
    day: str | None = None
    row: Entry | None = None
    was: Entry | None = None


def added(differences: Sequence[Difference], before: Sequence[Block], after: Sequence[Block]) -> Iterator[Added]:
    """What these differences add to a page: each row and each piece of news by itself, the rest as one text."""
    new = Counter((one.path, one.after) for one in differences if one.field == "text" and one.after is not None)
    stood = "\n".join(text for _, text in before)
    rows, now = [entry for entry in entries(before) if entry.cells], list(entries(after))
    moved = Counter(row.told_in_any_order for row in rows)
    moved.subtract(
        entry.told_in_any_order for entry in now if entry.cells and not any(new[line] for line in entry.lines)
    )
    gone = _Gone([row for row in rows if moved[row.told_in_any_order] > 0])
    read = Counter[Block]()
    for entry in now:
        lines = [line for line in entry.lines if new[line] > 0]
        if lines and entry.cells:
            read.update(lines)
            if moved[entry.told_in_any_order] > 0:
                moved[entry.told_in_any_order] -= 1
            else:
                yield _row(entry, gone.former(entry))
        elif lines and entry.day and (familiar := [line for line in lines if _stood(line[1], stood)]) != lines:
            if entry.lines[0] in familiar or entry.lines[0] not in lines:
                read.update(familiar)  # what is new is an edit of it
            else:
                read.update(lines)
                yield _news(entry, [text for _, text in lines])
        elif entry.day:
            read.update(lines)
    rest = [one for one in differences if one.after is None or not _taken(one, read)]
    if any(one.after is not None for one in rest):
        yield Added(page_text(rest))


def as_text(parts: Iterable[Added]) -> str:
    """What is new as one text: `- gone`, `+ new`."""
    return "\n".join(
        one.text if one.title is None else "\n".join(f"+ {line}" for line in (one.title, *one.text.splitlines()))
        for one in parts
    )


def _taken(one: Difference, read: Counter[Block]) -> bool:
    if read[(one.path, one.after)] <= 0:
        return False
    read[(one.path, one.after)] -= 1
    return True


class _Gone:
    """The rows that are gone, found by their first cell or by most of their cells."""

    def __init__(self, rows: Sequence[Entry]) -> None:
        self.rows = [(row, Counter(row.told)) for row in rows]
        self.named: dict[Block, Entry] = {row.lines[0]: row for row in reversed(rows)}

    def former(self, entry: Entry) -> Entry | None:
        """What this row was before; of very many only one with its first cell."""
        if (row := self.named.get(entry.lines[0])) is not None or len(self.rows) > MOST_ROWS:
            return row
        cells = Counter(entry.told)
        alike = max(((cells & known).total(), -n) for n, (_, known) in enumerate(self.rows)) if self.rows else (0, 0)
        return self.rows[-alike[1]][0] if 2 * alike[0] > len(entry.told) else None


def _row(entry: Entry, was: Entry | None) -> Added:
    """A row as it is, and as it was."""
    return Added("\n".join([*([f"- {was.row}"] if was else []), f"+ {entry.row}"]), row=entry, was=was)


def _news(entry: Entry, fresh: Sequence[str]) -> Added:
    """A piece of news: its title is the first of its lines that is no day."""
    lines = [rest for text in fresh if (rest := DATED.sub("", text, count=1) if DATED.match(text) else text)]
    return Added("\n".join(lines[1:]), lines[0] if lines else "", entry.day)


def _stood(text: str, stood: str) -> bool:
    """Whether a line of a piece of news stood on the page before, be it in a longer one or beside another form of its
    day; a day alone, and what is too short to be told by, stood."""
    words = DATED.sub("", text, count=1) if DATED.match(text) else text
    return len(words) < TELLING or words in stood


def entries(blocks: Sequence[Block]) -> Iterator[Entry]:
    """All lines of a page in its order, in entries; a line that belongs to none is one of its own."""
    at = 0
    while at < len(blocks):
        if (end := _row_end(blocks, at)) > at + 1:
            yield Entry(tuple(blocks[at:end]), cells=True)
        elif (news := _news_end(blocks, at)) is not None:
            end, day = news
            yield Entry(tuple(blocks[at:end]), day=day)
        else:
            end = at + 1
            yield Entry((blocks[at],))
        at = end


def _row_end(blocks: Sequence[Block], at: int) -> int:
    """Where the row ends of which this line is the first cell, or the card of which it is the heading."""
    place, text = blocks[at]
    heads, _, tail = place.rpartition(" > ")
    key = text[:LABEL].strip(" :")
    end = at + 1
    while end < len(blocks) and end - at <= MOST_CELLS:
        above, _, label = blocks[end][0].rpartition(" > ")
        under = HEADING.match(tail) is not None and above.rpartition(" > ")[2] == key
        beside = above == heads and (label[:-1] == key or label.startswith(f"{key} / "))
        if not (under or beside) or not (label.endswith(":") or (under and label == "dt")):
            break
        end += 1
    return end if end - at <= MOST_CELLS else at + 1


def _news_end(blocks: Sequence[Block], at: int) -> tuple[int, str] | None:
    """Where the piece of news ends that begins here, and its day: with a day, or with a heading below which the first
    line is one."""
    place, text = blocks[at]
    if HEADING.match(place.rpartition(" > ")[2]):
        key, lead = text[:LABEL].strip(" :"), at + 1
        if lead < len(blocks) and _below(blocks[lead], key) and (day := _day(blocks[lead][1])):
            end = lead + 1
            while end < len(blocks) and _below(blocks[end], key) and not _day(blocks[end][1]):
                end += 1
            return end, day
        return None
    if (day := _day(text)) is None:
        return None
    heads, end = place.rpartition(" > ")[0], at + 1
    while end < len(blocks) and not _day(blocks[end][1]) and not _heads(blocks[end], heads):
        end += 1
    return end, day


def _below(block: Block, key: str) -> bool:
    return block[0].rpartition(" > ")[0].rpartition(" > ")[2] == key and not block[0].endswith(":")


def _heads(block: Block, heads: str) -> bool:
    """Whether a line stands under other headings, or is one."""
    above, _, tail = block[0].rpartition(" > ")
    return above != heads or HEADING.match(tail) is not None


def _day(text: str) -> str | None:
    match = DATED.match(text)
    return written_day(match[0]) if match else None
