"""What of an element of a page a person sees, or hears from a screen reader: whether it shows, and in which words."""

import re

from sources.markup import folded
from sources.page_tree import APART, Element, inner, strings


def words_of(text: str) -> frozenset[str]:
    """The words of a text, as a set."""
    return frozenset(text.split())


DROPPED = words_of(
    "script style noscript canvas object embed iframe audio video head title meta link datalist progress"
)
"""Elements that show no words of the page's own, or only what a reader may choose or write."""
PLAIN = (None, "template")
"""Where strings are text: in no element apart, or in the shadow of an element."""
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


class Sight:
    """What of one page a person sees, or hears from a screen reader."""

    def __init__(self) -> None:
        self._opened: dict[Element, frozenset[str]] = {}

    def shows(self, element: Element) -> bool:
        """Whether the element is seen or heard."""
        name, get = element.tag, element.get
        if name in DROPPED or (name == "template" and not get("shadowrootmode")):
            return False
        if not element.keys():
            return True
        hidden, style = get("hidden"), get("style")
        if hidden not in (None, "until-found") or (style and HIDING.search(style)):
            return self._opens(element)
        if get("id") is None and get("class") is None:
            return True
        named = CONSENT.search(_names(element))
        return not (name not in ("body", "main", "html") and named and _asks_consent(element))

    def _opens(self, element: Element) -> bool:
        """Whether a hidden element is the panel of a tab or of an accordion: a press of a button shows it."""
        if element.get("role") == "tabpanel":
            return True
        name, root = element.get("id"), next(element.iterancestors("body"), None)
        if not name or root is None:
            return False
        if root not in self._opened:
            self._opened[root] = _opened(root)
        return name in self._opened[root]

    def text(self, element: Element, kind: str | None = None) -> str:
        """All visible words of an element in one line. `kind`: the element apart in which it stands."""
        if not len(element) and kind in PLAIN and element.tag not in SPOKEN and not element.keys():
            return folded(element.text or "")
        words: list[str] = []
        waiting: list[tuple[Element | str, str | None]] = [(element, kind)]
        while waiting:
            node, kind = waiting.pop()
            if isinstance(node, str):
                words.append(node)
            elif node is element or self.shows(node):
                if (spoken := spoken_words(node)) is not None:
                    words.append(spoken)
                    continue
                kind = node.tag if node.tag in APART else kind
                words.append("" if node.tag in INLINE else " ")
                if kind in PLAIN:
                    words.append(node.text or "")
                if len(node):
                    waiting.extend(_inside(node, kind))
        return folded("".join(words))


def _inside(element: Element, kind: str | None) -> list[tuple[Element | str, str | None]]:
    """What stands in an element after its first string, the last first."""
    inside: list[tuple[Element | str, str | None]] = []
    for child in element:
        if isinstance(child.tag, str):
            inside.append((child, kind))
        if kind in PLAIN and child.tail:
            inside.append((child.tail, kind))
    return inside[::-1]


def _opened(root: Element) -> frozenset[str]:
    """The ids of what something on the page opens."""
    names: set[str] = set()
    for control in root.iterdescendants(*OPENERS):
        for name in ("aria-controls", "data-target", "data-bs-target"):
            names.update(word.lstrip("#") for word in (control.get(name) or "").split())
        href = control.get("href") or ""
        names.update([href[1:]] if href.startswith("#") else ())
        names.update(NAMED_IN_SCRIPT.findall((control.get("onclick") or "")[:400]))
    return frozenset(names)


def _asks_consent(element: Element) -> bool:
    """Whether an element so named is a banner that asks for consent, not a wrapper of the page."""
    text = " ".join(strings(element))
    if len(text) > LONGEST_BANNER or not ASKS_CONSENT.search(text) or inner(element, *CONTENT) is not None:
        return False
    parts = element.iterdescendants("*")
    asking = {part for part in parts if part.tag in PRESSED or CONSENT.search(_names(part))}
    own = " ".join(strings(element, without=asking))
    if WORD.search(own) and not ASKS_CONSENT.search(own):
        return False  # a wrapper with the banner in it
    if BANNER.search(_names(element)):
        return True
    pressed = element.iterdescendants(*PRESSED)
    return any(ACCEPTS.search(f"{' '.join(strings(one))} {one.get('value', '')}") for one in pressed)


def _names(element: Element) -> str:
    return f"{element.get('id', '')} {' '.join(element.get('class', '').split())}"


def spoken_words(element: Element) -> str | None:
    """The words that stand for an element: of a picture, of a field that can only be read, the label of what shows no
    words; None where its own words are to be read."""
    name, get = element.tag, element.get
    if name in ("img", "area"):
        return f" {get('alt') or ''} "
    if name in FIELDS:
        return f" {_field(element)} "
    if name == "svg":
        return "" if get("aria-hidden") == "true" else f" {_drawn(element)} "
    label = get("aria-label") or get("title")
    if not label or any(WORD.search(string) for string in strings(element)):
        return None
    return f" {label} "


FIELDS = ("input", "textarea", "select")
SPOKEN = frozenset(("img", "area", "svg", *FIELDS, *APART))
"""Elements whose words are not simply the text in them."""
TYPED = ("text", "date", "number", "email", "url")


def _field(element: Element) -> str:
    """What a field of a form says: of one that a reader may fill in, nothing."""
    kind = (element.get("type") or "text").lower()
    if element.tag == "input" and kind == "image":
        return element.get("alt") or ""
    if element.get("readonly") is None and element.get("disabled") is None:
        return ""
    if element.tag == "textarea":
        return "".join(strings(element))
    if element.tag == "select":
        chosen = (one for one in element.iterdescendants("option") if one.get("selected") is not None)
        return " ".join("".join(strings(option)) for option in chosen)
    if kind in ("checkbox", "radio"):
        return "(checked)" if element.get("checked") is not None else ""
    return element.get("value") or "" if kind in TYPED else ""


def _drawn(element: Element) -> str:
    """The words of a drawing: its label, else its title, and what is written in it."""
    title = next(element.iterchildren("title"), None)
    label = element.get("aria-label") or ("" if title is None else "".join(strings(title)))
    return " ".join([label, *(" ".join(strings(text)) for text in element.iterdescendants("text"))])
