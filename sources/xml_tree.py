"""The tree of an XML document that a stranger wrote: nothing is fetched, expanded or declared by it."""

import re
from typing import Any

from lxml import etree

from sources.base import Page, Unexpected

DECLARES = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.I)


def xml_root(page: Page, tag: str, what: str) -> Any:
    """The root element of a page that holds `what` ("a label") under the root `tag`, in Clark's notation.

    Raises Unexpected for another root, for what is no XML, and for a document with a document type in whichever
    encoding: entities come with it.
    """
    if DECLARES.search(page.body):
        raise Unexpected(f"{page.url}: expected {what}, found declarations of its own (entities and the like)")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(page.body, parser)
    except (etree.XMLSyntaxError, ValueError) as problem:
        raise Unexpected(f"{page.url}: expected {what} in XML, found {str(problem)[:120]}") from None
    if root.getroottree().docinfo.internalDTD is not None:  # in UTF-16 it is not seen above
        raise Unexpected(f"{page.url}: expected {what}, found declarations of its own (entities and the like)")
    if root.tag != tag:
        raise Unexpected(f"{page.url}: expected the root element {tag.rpartition('}')[2]}, found {root.tag[:80]!r}")
    return root
