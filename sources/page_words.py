"""What of an element of a page a person sees, or hears from a screen reader: whether it shows, and in which words."""

import re

from bs4.element import NavigableString, PageElement, Tag, TemplateString

from sources.markup import folded


def words_of(text: str) -> frozenset[str]:
    """The words of a text, as a set."""
    return frozenset(text.split())


DROPPED = words_of(
    "script style noscript canvas object embed iframe audio video head title meta link datalist progress"
)
"""Elements that show no words of the page's own, or only what a reader may choose or write."""
PLAIN = (NavigableString, TemplateString)
"""Strings that are text; the second sort stands in the shadow of an element."""
INLINE = words_of(
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


def visible(element: Tag) -> bool:
    """Whether a person sees the element, or hears it from a screen reader."""
    if element.name in DROPPED or (element.name == "template" and not attribute(element, "shadowrootmode")):
        return False
    attributes = element.attrs
    if not attributes:
        return True
    if attribute(element, "hidden") not in (None, "until-found") or HIDING.search(attribute(element, "style") or ""):
        return _opens(element)
    named = CONSENT.search(_names(element))
    return not (element.name not in ("body", "main", "html") and named and _asks_consent(element))


def _opens(element: Tag) -> bool:
    """Whether a hidden element is the panel of a tab or of an accordion: a press of a button shows it."""
    if element.attrs.get("role") == "tabpanel":
        return True
    name = attribute(element, "id")
    root = element.find_parent("body")
    return bool(name and root) and name in _opened(root)  # type: ignore[arg-type]


def _opened(root: Tag) -> frozenset[str]:
    """The ids of what something on the page opens, worked out once for a page and kept with it."""
    found: frozenset[str] | None = root.__dict__.get("_opened")
    if found is None:
        names: set[str] = set()
        for control in root.find_all(OPENERS):
            for name in ("aria-controls", "data-target", "data-bs-target"):
                names.update(word.lstrip("#") for word in (attribute(control, name) or "").split())
            href = attribute(control, "href") or ""
            names.update([href[1:]] if href.startswith("#") else ())
            names.update(NAMED_IN_SCRIPT.findall((attribute(control, "onclick") or "")[:400]))
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


def spoken_words(element: Tag) -> str | None:
    """The words that stand for an element: of a picture, of a field that can only be read, the label of what shows no
    words; None where its own words are to be read."""
    if element.name in ("img", "area"):
        return f" {attribute(element, 'alt') or ''} "
    if element.name in FIELDS:
        return f" {_field(element)} "
    if element.name == "svg":
        return "" if attribute(element, "aria-hidden") == "true" else f" {_drawn(element)} "
    label = attribute(element, "aria-label") or attribute(element, "title")
    if not label or any(WORD.search(string) for string in element.strings):
        return None
    return f" {label} "


FIELDS = ("input", "textarea", "select")
TYPED = ("text", "date", "number", "email", "url")


def _field(element: Tag) -> str:
    """What a field of a form says: of one that a reader may fill in, nothing."""
    kind = (attribute(element, "type") or "text").lower()
    if element.name == "input" and kind == "image":
        return attribute(element, "alt") or ""
    if "readonly" not in element.attrs and "disabled" not in element.attrs:
        return ""
    if element.name == "textarea":
        return element.get_text()
    if element.name == "select":
        return " ".join(option.get_text() for option in element.find_all("option", selected=True))
    if kind in ("checkbox", "radio"):
        return "(checked)" if "checked" in element.attrs else ""
    return attribute(element, "value") or "" if kind in TYPED else ""


def _drawn(element: Tag) -> str:
    """The words of a drawing: its label, else its title, and what is written in it."""
    title = element.find("title", recursive=False)
    label = attribute(element, "aria-label") or (title.get_text() if title else "")
    return " ".join([label, *(text.get_text(" ") for text in element.find_all("text"))])


def attribute(element: Tag, name: str) -> str | None:
    """The value of an attribute, several with a blank between; None where the element has none of that name."""
    value = element.attrs.get(name)
    return None if value is None else " ".join(value) if isinstance(value, list) else str(value)


def visible_text(element: Tag) -> str:
    """All visible words of an element in one line."""
    words: list[str] = []
    waiting: list[PageElement] = [element]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Tag):
            if node is element or visible(node):
                if (spoken := spoken_words(node)) is not None:
                    words.append(spoken)
                    continue
                words.append("" if node.name in INLINE else " ")
                waiting.extend(reversed(node.contents))
        elif isinstance(node, NavigableString) and type(node) in PLAIN:
            words.append(node)
    return folded("".join(words))
