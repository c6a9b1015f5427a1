"""Any web page: one passage of visible lines, each at a place a reader can find, freed of what moves by itself."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Annotated, Any, ClassVar

import soupsieve
from bs4 import BeautifulSoup
from bs4.element import Tag
from pydantic import AfterValidator, Field
from soupsieve import SelectorSyntaxError

from sources import base
from sources.http.address import address_of, shown
from sources.markup import excess, folded
from sources.noise.settle import settled_blocks
from sources.page_reader import read_blocks
from sources.records import Content, Passage, Record


def _selector(text: str) -> str:
    try:
        soupsieve.compile(text)
    except SelectorSyntaxError as problem:
        raise ValueError(f"expected a CSS selector ({str(problem.args[0]).partition(chr(10))[0]})") from None
    return text


Selector = Annotated[str, AfterValidator(_selector)]


class Page(base.Source):
    """One page, read for people: `select` keeps what matches the CSS selector, `ignore` takes away."""

    name: ClassVar[str] = "page"
    revision: ClassVar[int] = 3
    title: ClassVar[str] = "Web page"
    about = base.About(
        watches="any web page, live noise removed without rules",
        first="what only a page says, line by line",
        lag="as often as one looks",
        seen="recorded pages of others",
    )
    family: ClassVar[base.Family] = "html"
    complete: ClassVar[bool] = False  # its one record is the page itself: it fails, it is never absent
    obeys_robots: ClassVar[bool] = True
    needs_url: ClassVar[bool] = True
    record: ClassVar[type[Record]] = Passage
    terms: ClassVar[str] = "Belongs to the publisher of the page; short quotes with a link to it."

    class Options(base.Options):
        """What of the page counts, and how much its publisher is believed (1 regulator .. 4 press).

        `links`: where the links lead counts as well, so that a new document behind the same words is a change.
        """

        select: Selector | None = None
        ignore: tuple[Selector, ...] = ()
        links: bool = False
        tier: int = Field(default=4, ge=1, le=4)

    options: Options

    def __init__(self, options: base.Options, *, url: str | None = None, base_url: str | None = None) -> None:
        super().__init__(options, url=url, base_url=base_url)
        self.tier = self.options.tier  # a page's standing is its publisher's

    def pages(self, fetch: base.Fetch) -> Iterator[base.Page]:
        """The one page of this watch. Raises Unexpected where it has no address."""
        if not self.url:
            raise base.Unexpected("the source page expected the address of a page (url), found none")
        yield fetch(self.url)

    def parse(self, page: base.Page) -> Iterator[Record | base.Unexpected]:
        """The page as one passage. Raises Unexpected when nothing matches `select` or no text is left."""
        text = page.decoded.text
        if reason := excess(text):
            raise base.Unexpected(f"{page.url}: {reason}")
        soup = BeautifulSoup(text, "lxml")
        heading = soup.find("h1") or soup.title
        title = folded(heading.get_text(" ")) if heading else ""
        for selector in self.options.ignore:
            for element in _matches(soup, selector, page.url):
                element.extract()
        roots = [soup.body or soup]
        if self.options.select:
            roots = _outermost(_matches(soup, self.options.select, page.url))
            if not roots:
                raise base.Unexpected(f"{page.url}: expected elements that match {self.options.select!r}, found none")
        address = page.url if self.options.links else None
        blocks = [block for root in roots for block in read_blocks(root, links_from=address)]
        if not blocks:
            raise base.Unexpected(f"{page.url}: expected visible text, found none")
        key = shown(address_of(self.url)) if self.url else page.url  # a redirect makes it no other page
        yield Passage(key=key, title=title or page.url, url=page.url, blocks=tuple(blocks))

    def settle(
        self,
        records: Sequence[Record],
        *,
        before: Mapping[str, Content],
        again: Callable[[], Sequence[Record]],
        learnt: Mapping[str, Any],
    ) -> base.Settled:
        """Keep of what differs from the stored lines only what further looks, wording and history let stand."""
        if not records:
            return base.Settled((), dict(learnt))
        first = _passage(records)
        stored = before.get(first.key, {}).get("blocks")
        blocks, memory = settled_blocks(
            [(place, text) for place, text in stored] if stored is not None else None,
            list(first.blocks),
            again=lambda: list(_passage(again()).blocks),
            learnt=learnt,
        )
        return base.Settled((first.model_copy(update={"blocks": tuple(blocks)}),), memory)


def _matches(soup: BeautifulSoup, selector: str, url: str) -> list[Tag]:
    try:
        return list(soup.select(selector))
    except SelectorSyntaxError as problem:
        raise base.Unexpected(f"{url}: expected a CSS selector, found {selector!r} ({problem.args[0]})") from None


def _outermost(elements: list[Tag]) -> list[Tag]:
    """Without those inside another, so that no line is read twice."""
    chosen = {id(element) for element in elements}
    return [element for element in elements if not any(id(parent) in chosen for parent in element.parents)]


def _passage(records: Sequence[Record]) -> Passage:
    passages = [record for record in records if isinstance(record, Passage)]
    if len(passages) != 1 or len(records) != 1:
        raise base.Unexpected(f"the source page expected one passage at each look, found {len(records)} records")
    return passages[0]
