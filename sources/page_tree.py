"""A page as the tree that lxml makes of it, the texts in it, and what CSS selectors pick."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from lxml import etree

Element = Any
"""An element of lxml's tree; lxml brings no types."""

APART = ("script", "style", "template", "rt", "rp")
"""Elements whose strings are no part of the running text around them; nearest decides."""
DEEPEST = 1000
TAKEN = "OUT"  # names of the elements of pages are of small letters
BLANKS = " \n\t\f\r"


def tree_of(text: str) -> Element:
    """A page as one element, `document`, that holds its root; what follows the end of the page is another root."""
    document, parser = etree.Element("document"), etree.HTMLParser(huge_tree=True)
    parser.feed(text)
    try:
        root = parser.close()
    except etree.XMLSyntaxError:  # raised for an empty page
        return document
    if parser.feed_error_log.filter_types(etree.ErrorTypes.ERR_RESOURCE_LIMIT):
        return tree_of(_shallow(text))  # too deep for the parser, which has stopped there
    if root is not None:
        roots = [root, *root.itersiblings()]
        document.extend(one for one in roots if isinstance(one.tag, str))
    return document


def _shallow(text: str) -> str:
    """A page in which no element is nested deeper than the parser takes: what stands below is text of the last."""
    from bs4 import BeautifulSoup  # noqa: PLC0415 - hardly any page is so deep

    soup = BeautifulSoup(text, "lxml")
    depths = {id(soup): 0}
    for tag in soup.find_all(True):
        depths[id(tag)] = depths[id(tag.parent)] + 1
    for tag in [tag for tag in soup.find_all(True) if depths[id(tag)] == DEEPEST]:
        tag.string = tag.get_text(" ")
    return str(soup)


def inner(element: Element, *names: str) -> Element | None:
    """The first element of these names inside another, however deep."""
    return next(element.iterdescendants(*names), None)


def kind_of(element: Element) -> str | None:
    """Which element of those APART the strings in an element belong to; None where they are running text."""
    if element.tag in APART:
        return str(element.tag)
    above = next(element.iterancestors(*APART), None)
    return None if above is None else str(above.tag)


def strings(element: Element, without: Collection[Element] = ()) -> Iterator[str]:
    """The running text inside an element, string by string; of one that stands apart, its own. `without`: elements
    whose strings are left out."""
    own = kind_of(element)
    if own is not None and element.tag not in APART:
        return
    waiting: list[tuple[Element | str, str | None]] = [(element, own)]
    while waiting:
        node, kind = waiting.pop()
        if isinstance(node, str):
            if kind == own:
                yield node if node.strip(BLANKS) else " "
            continue
        inside: list[tuple[Element | str, str | None]] = [(node.text, kind)] if node.text else []
        for child in node:
            if isinstance(child.tag, str) and child not in without:
                inside.append((child, child.tag if child.tag in APART else kind))
            if child.tail:
                inside.append((child.tail, kind))
        waiting.extend(reversed(inside))


def take_out(document: Element, elements: Collection[Element]) -> None:
    """Remove elements with all that is in them; the strings around each stay two."""
    for element in elements:
        element.addprevious(etree.Comment(""))
        element.tag = TAKEN
    etree.strip_elements(document, TAKEN, with_tail=False)


def outermost(elements: Sequence[Element]) -> list[Element]:
    """Without those inside another, so that no line is read twice."""
    chosen = set(elements)
    return [element for element in elements if not any(parent in chosen for parent in element.iterancestors())]
