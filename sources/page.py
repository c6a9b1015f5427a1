"""Any web page: one passage of visible lines, each at a place a reader can find, freed of what moves by itself."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, Field

from sources import base
from sources.http.address import address_of, shown
from sources.markup import excess, folded
from sources.noise.settle import settled_blocks
from sources.page_reader import read_blocks
from sources.page_tree import Element, inner, outermost, strings, take_out, tree_of
from sources.records import Content, Passage, Record


def _selector(text: str) -> str:
    import soupsieve  # noqa: PLC0415 - most pages are read whole

    try:
        soupsieve.compile(text)
    except soupsieve.SelectorSyntaxError as problem:
        raise ValueError(f"expected a CSS selector ({str(problem.args[0]).partition(chr(10))[0]})") from None
    return text


Selector = Annotated[str, AfterValidator(_selector)]


class Page(base.Source):
    """One page, read for people: `select` keeps what matches the CSS selector, `ignore` takes away."""

    name: ClassVar[str] = "page"
    revision: ClassVar[int] = 4
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
        `agency`: the authority whose page it is, by its short name; the page then watches over its place.
        """

        select: Selector | None = None
        ignore: tuple[Selector, ...] = ()
        links: bool = False
        tier: int = Field(default=4, ge=1, le=4)
        agency: str | None = None

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
        root = tree_of(text)
        heading = inner(root, "h1")
        heading = inner(root, "title") if heading is None else heading
        title = "" if heading is None else folded(" ".join(strings(heading)))
        roots = self._picked(text, root, page.url) if self.options.ignore or self.options.select else []
        if not roots:
            body = inner(root, "body")
            roots = [root if body is None else body]  # a set of frames has none
        address = page.url if self.options.links else None
        blocks = [block for root in roots for block in read_blocks(root, links_from=address)]
        if not blocks:
            raise base.Unexpected(f"{page.url}: expected visible text, found none")
        key = shown(address_of(self.url)) if self.url else page.url  # a redirect makes it no other page
        yield Passage(key=key, title=title or page.url, url=page.url, blocks=tuple(blocks))

    def _picked(self, text: str, root: Element, url: str) -> list[Element]:
        """Take out what is to be ignored, and find what is selected; empty where that is the whole. The selectors work
        on a tree of their own, of the same elements in the same order. Raises Unexpected."""
        from bs4 import BeautifulSoup  # noqa: PLC0415

        soup = BeautifulSoup(text, "lxml")
        ours = dict(zip(map(id, soup.find_all(True)), root.iterdescendants("*"), strict=True))
        ignored = [tag.extract() for selector in self.options.ignore for tag in soup.select(selector)]
        take_out(root, [ours[id(tag)] for tag in ignored])
        if not self.options.select:
            return []
        if not (roots := outermost([ours[id(tag)] for tag in soup.select(self.options.select)])):
            raise base.Unexpected(f"{url}: expected elements that match {self.options.select!r}, found none")
        return roots

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


def _passage(records: Sequence[Record]) -> Passage:
    passages = [record for record in records if isinstance(record, Passage)]
    if len(passages) != 1 or len(records) != 1:
        raise base.Unexpected(f"the source page expected one passage at each look, found {len(records)} records")
    return passages[0]
