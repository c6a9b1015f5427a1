"""The visible lines of a page, each at a place a reader can find: what a person sees, or hears from a screen reader."""

import re
from collections import Counter

from bs4.element import NavigableString, PageElement, Tag, TemplateString

from sources.links import web_link
from sources.markup import folded


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


DROPPED = _words("script style noscript canvas object embed iframe audio video head title meta link datalist progress")
"""Elements that show no words of the page's own, or only what a reader may choose or write."""
PLAIN = (NavigableString, TemplateString)
"""Strings that are text; the second sort stands in the shadow of an element."""
HEADINGS = {f"h{level}": level for level in range(1, 7)} | {"caption": 7, "legend": 7, "summary": 7}
SCOPES = _words("section article aside nav header footer main form details fieldset dialog")
"""Elements a heading's reach does not leave."""
LANDMARKS = _words("aside nav header footer")
"""Elements beside the text proper: headings outside say nothing about what is in them."""
INLINE = _words(
    "a abbr acronym b bdi bdo big cite code data del dfn em font i img ins kbd label mark q s samp small span strike "
    "strong sub sup time tt u var wbr"
)
CONSENT = re.compile(r"cookie|gdpr|onetrust|consent-?(?:banner|manager|popup|overlay|modal)", re.I)
"""Classes and ids of a banner that asks for consent, and of much else: the words of the element must agree."""
ASKS_CONSENT = re.compile(
    r"\bcookies?\b|\bconsent\b|\btracking\b|privacy|datenschutz|confidentialité|クッキー|쿠키", re.I
)
BANNER = re.compile(r"banner|pop-?up|overlay|modal|notice|dialog|\bbar\b", re.I)
"""Names of what is laid over a page; any other name may be a wrapper's, and needs something to press."""
ACCEPTS = re.compile(
    r"\b(?:accept|agree|allow|consent|reject|decline|refuse|got it|okay|ok|manage|preferences|settings|customi[sz]e"
    r"|akzept\w*|zustimm\w*|ablehn\w*|einstellung\w*|accepter|refuser|aceptar|rechazar|accett\w*|rifiut\w*"
    r"|aceitar|weiger\w*)|同意|許可|동의|接受",
    re.I,
)
"""What a banner offers to press."""
WORD = re.compile(r"\w")
PRESSED = ["a", "button", "input", "label"]
OPENERS = ["a", "button", "input", "label", "summary"]
NAMED_IN_SCRIPT = re.compile(r"[\"'#]([A-Za-z][\w-]{0,79})[\"']")
LONGEST_BANNER = 3000  # characters
CONTENT = ("main", "article", "h1", "table", "dl")
"""What no banner holds."""
HIDING = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)
STABLE_CLASS = re.compile(r"[a-z]+(?:-[a-z]+)*", re.I)
SESSION = re.compile(r";jsessionid=[^?#]*", re.I)
DEEPEST = 200  # nesting beyond this is read as one line: no page for people needs it
LONGEST_LABEL = 80  # characters; a longer first cell is prose, not a label


def read_blocks(root: Tag, *, links_from: str | None = None) -> list[tuple[str, str]]:
    """The visible lines under an element in reading order, each with its place. With `links_from`, the address of the
    page, each link is a line of its own as well: where it leads, at the place of its words."""
    reader = _Reader(links_from)
    reader.walk(root, 0)
    reader.flush()
    return reader.blocks


class _Reader:
    """Walks an element once and cuts its text into lines; knows which headings stand over the current line."""

    def __init__(self, links_from: str | None = None) -> None:
        self.links_from = links_from
        self.links: list[tuple[str, str]] = []
        self.blocks: list[tuple[str, str]] = []
        self.headings: list[tuple[int, str]] = []
        self.owner = "text"
        self.label = ""
        self.words: list[str] = []

    def walk(self, element: Tag, depth: int) -> None:
        """Read the children of an element; inline ones join the line, others stand alone."""
        links_apart = _only_links(element)
        for child in element.contents:
            if isinstance(child, NavigableString):
                if type(child) in PLAIN:
                    self.words.append(child)
            elif isinstance(child, Tag) and _visible(child):
                self.link(child)
                if (words := _spoken(child)) is not None:
                    self.words.append(words)
                elif depth >= DEEPEST:
                    self.words.append(child.get_text(" "))
                elif child.name in INLINE and not links_apart:
                    self.walk(child, depth + 1)
                else:
                    self.flush()
                    self.block(child, depth + 1)
                    self.flush()

    def block(self, element: Tag, depth: int) -> None:
        """Read an element that is not part of a line of running text."""
        name = element.name
        if name in HEADINGS:
            self.heading(HEADINGS[name], name, _visible_text(element))
            self.links_in(element)
            return
        if name == "table" and depth < DEEPEST:
            self.table(element, depth)
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

    def link(self, element: Tag) -> None:
        """Note where a link leads, when that counts."""
        if (
            self.links_from is None
            or element.name not in ("a", "area")
            or not (target := web_link(_attribute(element, "href"), self.links_from))
        ):
            return
        if words := _visible_text(element)[:LONGEST_LABEL]:
            self.links.append((self.place(f"{words} (link):"), SESSION.sub("", target)))

    def links_in(self, element: Tag) -> None:
        """Note the links of an element whose text was read as a whole."""
        if self.links_from is not None:
            for link in element.find_all("a"):
                self.link(link)
            self.flush()

    def heading(self, level: int, name: str, text: str) -> None:
        """A heading is a line itself and stands over what follows until its equal or its section's end."""
        while self.headings and self.headings[-1][0] >= level:
            self.headings.pop()
        if text:
            self.blocks.append((self.place(name), text))
            self.headings.append((level, text[:LONGEST_LABEL].strip(" :")))

    def table(self, table: Tag, depth: int) -> None:
        """Cells one by one, each at its row's first words and its column's heading."""
        if table.find("table"):  # used for layout: its cells are regions
            self.walk(table, depth)
            return
        if table.caption:
            self.heading(7, "caption", _visible_text(table.caption))
        rows = [(row, [c for c in row.find_all(["td", "th"]) if _visible(c)]) for row in table.find_all("tr")]
        texts = [[_visible_text(cell) for cell in cells] for row, cells in rows if cells and _visible(row)]
        cells_of = [cells for row, cells in rows if cells and _visible(row)]
        columns: list[str] = []
        if cells_of and len(cells_of[0]) > 1 and all(cell.name == "th" for cell in cells_of[0]):
            columns = texts[0]
        width = 2 if _repeats([row[0] for row in texts[bool(columns) :] if row]) else 1
        for number, (cells, row) in enumerate(zip(cells_of, texts, strict=True)):
            self.row(cells, row, columns if number else [], width if number or not columns else 0, depth)
        if table.caption and self.headings and self.headings[-1][0] == 7:
            self.headings.pop()

    def row(self, cells: list[Tag], texts: list[str], columns: list[str], width: int, depth: int) -> None:
        """One row; a cell that holds lists or paragraphs gives a line for each."""
        for column, (cell, text) in enumerate(zip(cells, texts, strict=True)):
            head = columns[column] if column < len(columns) else ""
            before = [word for word in texts[: min(column, width if len(cells) > 2 else 1, width)] if word]
            parts = [word[:LONGEST_LABEL].strip(" :") for word in (*before, head) if word]
            label = " / ".join(parts)
            if column and label and cell.name == "td" and any(c.name not in INLINE for c in cell.find_all(True)):
                self.label, kept = label, self.label
                self.walk(cell, depth + 1)
                self.flush()
                self.label = kept
            elif text:
                self.blocks.append((self.place(f"{label}:" if label else cell.name), text))
                self.links_in(cell)

    def flush(self) -> None:
        """End the current line."""
        if self.words:
            text = folded("".join(self.words))
            self.words = []
            if text.strip("|·•-–—/,;: "):
                self.blocks.append((self.place(f"{self.label}:" if self.label else self.owner), text))
        self.blocks += self.links
        self.links = []

    def place(self, tail: str) -> str:
        """The nearest two headings and the row's label or the kind of element. The page's own title (h1) stands over
        everything and is left out."""
        return " > ".join([text for level, text in self.headings[-2:] if level != 1] + [tail])


def _visible(element: Tag) -> bool:
    """Whether a person sees the element, or hears it from a screen reader."""
    if element.name in DROPPED or (element.name == "template" and not _attribute(element, "shadowrootmode")):
        return False
    attributes = element.attrs
    if not attributes:
        return True
    if _attribute(element, "hidden") not in (None, "until-found") or HIDING.search(_attribute(element, "style") or ""):
        return _opens(element)
    named = CONSENT.search(_names(element))
    return not (element.name not in ("body", "main", "html") and named and _asks_consent(element))


def _opens(element: Tag) -> bool:
    """Whether a hidden element is the panel of a tab or of an accordion: a press of a button shows it."""
    if element.attrs.get("role") == "tabpanel":
        return True
    name = _attribute(element, "id")
    root = element.find_parent("body")
    return bool(name and root) and name in _opened(root)  # type: ignore[arg-type]


def _opened(root: Tag) -> frozenset[str]:
    """The ids of what something on the page opens, worked out once for a page and kept with it."""
    found: frozenset[str] | None = root.__dict__.get("_opened")
    if found is None:
        names: set[str] = set()
        for control in root.find_all(OPENERS):
            for name in ("aria-controls", "data-target", "data-bs-target"):
                names.update(word.lstrip("#") for word in (_attribute(control, name) or "").split())
            href = _attribute(control, "href") or ""
            names.update([href[1:]] if href.startswith("#") else ())
            names.update(NAMED_IN_SCRIPT.findall((_attribute(control, "onclick") or "")[:400]))
        found = root.__dict__["_opened"] = frozenset(names)
    return found


def _asks_consent(element: Tag) -> bool:
    """Whether an element so named is a banner that asks for consent, not a wrapper of the page."""
    text = element.get_text(" ")
    if len(text) > LONGEST_BANNER or not ASKS_CONSENT.search(text) or element.find(CONTENT) is not None:
        return False
    inner = [part for part in element.find_all(True) if part.name in PRESSED or CONSENT.search(_names(part))]
    spoken = {id(string) for part in inner for string in part.strings}
    own = " ".join(string for string in element.strings if id(string) not in spoken)
    if WORD.search(own) and not ASKS_CONSENT.search(own):
        return False  # a wrapper with the banner in it
    if BANNER.search(_names(element)):
        return True
    pressed = element.find_all(PRESSED)
    return any(ACCEPTS.search(f"{one.get_text(' ')} {one.attrs.get('value', '')}") for one in pressed)


def _names(element: Tag) -> str:
    return f"{element.attrs.get('id', '')} {' '.join(element.attrs.get('class') or ())}"


def _spoken(element: Tag) -> str | None:
    """The words that stand for an element: of a picture, of a field that can only be read, the label of what shows no
    words; None where its own words are to be read."""
    if element.name in ("img", "area"):
        return f" {_attribute(element, 'alt') or ''} "
    if element.name in FIELDS:
        return f" {_field(element)} "
    if element.name == "svg":
        return "" if _attribute(element, "aria-hidden") == "true" else f" {_drawn(element)} "
    label = _attribute(element, "aria-label") or _attribute(element, "title")
    if not label or any(WORD.search(string) for string in element.strings):
        return None
    return f" {label} "


FIELDS = ("input", "textarea", "select")
TYPED = ("text", "date", "number", "email", "url")


def _field(element: Tag) -> str:
    """What a field of a form says: of one that a reader may fill in, nothing."""
    kind = (_attribute(element, "type") or "text").lower()
    if element.name == "input" and kind == "image":
        return _attribute(element, "alt") or ""
    if "readonly" not in element.attrs and "disabled" not in element.attrs:
        return ""
    if element.name == "textarea":
        return element.get_text()
    if element.name == "select":
        return " ".join(option.get_text() for option in element.find_all("option", selected=True))
    if kind in ("checkbox", "radio"):
        return "(checked)" if "checked" in element.attrs else ""
    return _attribute(element, "value") or "" if kind in TYPED else ""


def _drawn(element: Tag) -> str:
    """The words of a drawing: its label, else its title, and what is written in it."""
    title = element.find("title", recursive=False)
    label = _attribute(element, "aria-label") or (title.get_text() if title else "")
    return " ".join([label, *(text.get_text(" ") for text in element.find_all("text"))])


def _attribute(element: Tag, name: str) -> str | None:
    value = element.attrs.get(name)
    return None if value is None else " ".join(value) if isinstance(value, list) else str(value)


def _visible_text(element: Tag) -> str:
    words: list[str] = []
    waiting: list[PageElement] = [element]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Tag):
            if node is element or _visible(node):
                if (spoken := _spoken(node)) is not None:
                    words.append(spoken)
                    continue
                words.append("" if node.name in INLINE else " ")
                waiting.extend(reversed(node.contents))
        elif isinstance(node, NavigableString) and type(node) in PLAIN:
            words.append(node)
    return folded("".join(words))


def _only_links(element: Tag) -> bool:
    """Whether an element is a row of links: then each is a line, so that their order does not matter."""
    if element.name in INLINE:
        return False
    tags = [child for child in element.contents if isinstance(child, Tag)]
    if len(tags) < 2 or any(tag.name != "a" for tag in tags):
        return False
    return not any(child.strip("|·•-–—/,;: \r\n\t\xa0") for child in element.contents if type(child) is NavigableString)


def _signature(element: Tag) -> str:
    """Tag and first class that a build does not rename."""
    classes = element.attrs.get("class") or ()
    chosen = next((name for name in classes if len(name) <= 24 and STABLE_CLASS.fullmatch(name)), "")
    return f"{element.name}.{chosen}" if chosen else str(element.name)


def _repeats(words: list[str]) -> bool:
    return bool(words) and max(Counter(words).values()) > 1
