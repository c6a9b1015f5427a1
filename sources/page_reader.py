"""The visible lines of a page, each at a place a reader can find."""

import re
from collections import Counter

from sources.links import web_link
from sources.markup import folded
from sources.page_tree import APART, Element, inner, kind_of, strings
from sources.page_words import INLINE, PLAIN, Sight, spoken_words, words_of

HEADINGS = {f"h{level}": level for level in range(1, 7)} | {"caption": 7, "legend": 7, "summary": 7}
SCOPES = words_of("section article aside nav header footer main form details fieldset dialog")
"""Elements a heading's reach does not leave."""
LANDMARKS = words_of("aside nav header footer")
"""Elements beside the text proper: headings outside say nothing about what is in them."""
FRAMES = SCOPES | LANDMARKS | {"dt", "dl", *APART}
"""Elements that are more than a line even where nothing stands in them but text."""
PARAGRAPHS = ("p", "li", "div")
"""Elements that are a line where nothing else is in them."""
STABLE_CLASS = re.compile(r"[a-z]+(?:-[a-z]+)*", re.I)
SESSION = re.compile(r";jsessionid=[^?#]*", re.I)
DEEPEST = 200  # nesting beyond this is read as one line: no page for people needs it
LONGEST_LABEL = 80  # characters; a longer first cell is prose, not a label


def read_blocks(root: Element, *, links_from: str | None = None) -> list[tuple[str, str]]:
    """The visible lines under an element in reading order, each with its place. With `links_from`, the address of the
    page, each link is a line of its own as well: where it leads, at the place of its words."""
    reader = _Reader(links_from, kind_of(root))
    reader.walk(root, 0)
    reader.flush()
    return reader.blocks


class _Reader:
    """Walks an element once and cuts its text into lines; knows which headings stand over the current line."""

    def __init__(self, links_from: str | None, kind: str | None) -> None:
        self.links_from = links_from
        self.kind = kind  # of the element apart in which the strings stand
        self.sight = Sight()
        self.links: list[tuple[str, str]] = []
        self.blocks: list[tuple[str, str]] = []
        self.headings: list[tuple[int, str]] = []
        self.owner = "text"
        self.label = ""
        self.words: list[str] = []

    def walk(self, element: Element, depth: int) -> None:
        """Read the children of an element; inline ones join the line, others stand alone."""
        kept = self.kind
        if element.tag in APART:
            self.kind = element.tag
        links_apart = len(element) > 1 and _only_links(element, self.kind)
        plain, shows = self.kind in PLAIN, self.sight.shows
        if plain and element.text:
            self.words.append(element.text)
        for child in element:
            name = child.tag
            if name in PARAGRAPHS and depth < DEEPEST and not len(child) and not child.keys():
                self.paragraph(name, child.text if plain else None)
            elif isinstance(name, str) and shows(child):
                self.child(child, depth, links_apart=links_apart)
            if plain and child.tail:
                self.words.append(child.tail)
        self.kind = kept

    def paragraph(self, name: str, words: str | None) -> None:
        """Read one that is seen, of which there is no more to know than its words: what most of a page is made of."""
        if self.words or self.links:
            self.flush()
        if words:
            self.line(words, name)

    def child(self, child: Element, depth: int, *, links_apart: bool) -> None:
        """Read one that is seen."""
        self.link(child)
        if (words := spoken_words(child)) is not None:
            self.words.append(words)
        elif depth >= DEEPEST:
            self.words.append(" ".join(strings(child)))
        elif child.tag in INLINE and not links_apart:
            self.walk(child, depth + 1)
        else:
            if self.words or self.links:
                self.flush()
            self.block(child, depth + 1)
            if self.words or self.links:
                self.flush()

    def block(self, element: Element, depth: int) -> None:
        """Read an element that is not part of a line of running text."""
        name = element.tag
        if name in HEADINGS:
            self.heading(HEADINGS[name], name, self.text(element))
            self.links_in(element)
            return
        if name == "table" and depth < DEEPEST:
            self.table(element, depth)
            return
        if not len(element) and name not in FRAMES:
            if self.kind in PLAIN and element.text:
                self.line(element.text, _signature(element))
            return
        kept = self.headings, self.owner
        if name in LANDMARKS:
            self.headings = [(0, name)]
        elif name in SCOPES:
            self.headings = list(self.headings)
        else:
            self.owner = _signature(element)
        if name == "dt":
            self.label = ""
        self.walk(element, depth)
        term = folded("".join(self.words)) if name == "dt" else ""
        self.flush()
        if name in SCOPES:
            self.headings = kept[0]
        self.owner = kept[1]
        self.label = term[:LONGEST_LABEL] if name == "dt" else "" if name == "dl" else self.label

    def link(self, element: Element) -> None:
        """Note where a link leads, when that counts."""
        if (
            self.links_from is None
            or element.tag not in ("a", "area")
            or not (target := web_link(element.get("href"), self.links_from))
        ):
            return
        if words := self.text(element)[:LONGEST_LABEL]:
            self.links.append((self.place(f"{words} (link):"), SESSION.sub("", target)))

    def links_in(self, element: Element) -> None:
        """Note the links of an element whose text was read as a whole."""
        if self.links_from is not None:
            for link in element.iterdescendants("a"):
                self.link(link)
            self.flush()

    def heading(self, level: int, name: str, text: str) -> None:
        """A heading is a line itself and stands over what follows until its equal or its section's end."""
        while self.headings and self.headings[-1][0] >= level:
            self.headings.pop()
        if text:
            self.blocks.append((self.place(name), text))
            self.headings.append((level, text[:LONGEST_LABEL].strip(" :")))

    def table(self, table: Element, depth: int) -> None:
        """Cells one by one, each at its row's first words and its column's heading."""
        if inner(table, "table") is not None:  # used for layout: its cells are regions
            self.walk(table, depth)
            return
        shows, caption = self.sight.shows, inner(table, "caption")
        if caption is not None:
            self.heading(7, "caption", self.text(caption))
        found = [(row, [c for c in row.iterdescendants("td", "th") if shows(c)]) for row in table.iterdescendants("tr")]
        cells_of = [cells for row, cells in found if cells and shows(row)]
        texts = [[self.text(cell) for cell in cells] for cells in cells_of]
        columns: list[str] = []
        if cells_of and len(cells_of[0]) > 1 and all(cell.tag == "th" for cell in cells_of[0]):
            columns = texts[0]
        width = 2 if _repeats([row[0] for row in texts[bool(columns) :] if row]) else 1
        for number, (cells, row) in enumerate(zip(cells_of, texts, strict=True)):
            self.row(cells, row, columns if number else [], width if number or not columns else 0, depth)
        if caption is not None and self.headings and self.headings[-1][0] == 7:
            self.headings.pop()

    def row(self, cells: list[Element], texts: list[str], columns: list[str], width: int, depth: int) -> None:
        """One row; a cell that holds lists or paragraphs gives a line for each."""
        for column, (cell, text) in enumerate(zip(cells, texts, strict=True)):
            head = columns[column] if column < len(columns) else ""
            before = [word for word in texts[: min(column, width if len(cells) > 2 else 1, width)] if word]
            parts = [word[:LONGEST_LABEL].strip(" :") for word in (*before, head) if word]
            label = " / ".join(parts)
            if column and label and cell.tag == "td" and any(c.tag not in INLINE for c in cell.iterdescendants("*")):
                self.label, kept = label, self.label
                self.walk(cell, depth + 1)
                self.flush()
                self.label = kept
            elif text:
                self.blocks.append((self.place(f"{label}:" if label else cell.tag), text))
                self.links_in(cell)

    def text(self, element: Element) -> str:
        """The visible words of an element that is read as a whole."""
        return self.sight.text(element, self.kind)

    def flush(self) -> None:
        """End the current line."""
        if self.words:
            words, self.words = "".join(self.words), []
            self.line(words, self.owner)
        if self.links:
            self.blocks += self.links
            self.links = []

    def line(self, words: str, owner: str) -> None:
        """Note a line, if it says anything."""
        text = folded(words)
        if text.strip("|·•-–—/,;: "):
            self.blocks.append((self.place(f"{self.label}:" if self.label else owner), text))

    def place(self, tail: str) -> str:
        """The nearest two headings and the row's label or the kind of element. The page's own title (h1) stands over
        everything and is left out."""
        for level, text in self.headings[:-3:-1]:
            if level != 1:
                tail = f"{text} > {tail}"
        return tail


def _only_links(element: Element, kind: str | None) -> bool:
    """Whether an element is a row of links: then each is a line, so that their order does not matter."""
    if element.tag in INLINE:
        return False
    links = 0
    for child in element:
        if child.tag == "a":
            links += 1
        elif isinstance(child.tag, str):
            return False
    if links < 2:
        return False
    words = (element.text, *(child.tail for child in element))
    return kind is not None or not any(text and text.strip("|·•-–—/,;: \r\n\t\xa0") for text in words)


def _signature(element: Element) -> str:
    """Tag and first class that a build does not rename."""
    classes = element.get("class", "").split()
    chosen = next((name for name in classes if len(name) <= 24 and STABLE_CLASS.fullmatch(name)), "")
    return f"{element.tag}.{chosen}" if chosen else str(element.tag)


def _repeats(words: list[str]) -> bool:
    return bool(words) and max(Counter(words).values()) > 1
