"""DailyMed: the labels of US drugs as SPL documents (HL7), by application or set id.

A small page of versions says whether a label has moved; only then the documents are fetched. Left out on purpose:
product data, pictures, highlights (they repeat the sections), and the wording of sections that neither warn nor say how
to use the drug, of which a fingerprint shows that they changed.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator

from sources.base import About, Family, Fetch, Options, Page, Source, Unexpected
from sources.openfda import application_number, iso_day
from sources.payload import decode, may, need
from sources.product_labels import BREAK, LONGEST, SECTIONS, Label, fingerprint
from sources.records import Record
from sources.xml_tree import xml_root

AUTHORITY, PLACE = "FDA", "US"
HL7 = "{urn:hl7-org:v3}"
ROOT = f"{HL7}document"
SET_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
SKIPPED = frozenset(
    HL7 + name for name in ("id", "code", "effectiveTime", "excerpt", "subject", "subject2", "confidentialityCode")
)
BLOCKS = frozenset(HL7 + name for name in ("title", "paragraph", "item", "caption", "tr", "section", "table", "list"))
PER_PAGE, MOST_PAGES = 100, 20
MOST_SECTIONS = 2000
NUMBER = re.compile(r"(NDA|ANDA|BLA)\d{1,6}")


def set_id(text: str) -> str:
    """A set id in one spelling. Raises ValueError at anything else."""
    found = text.strip().lower()
    if not SET_ID.fullmatch(found):
        raise ValueError(f"expected a set id (36 signs), found {text[:40]!r}")
    return found


class DailyMedOptions(Options):
    """Which labels to follow: those of these applications, these set ids, or both."""

    applications: tuple[Annotated[str, AfterValidator(application_number)], ...] = ()
    set_ids: tuple[Annotated[str, AfterValidator(set_id)], ...] = ()

    def missing(self) -> str | None:
        """That there is nothing to follow."""
        followed = self.applications or self.set_ids
        return None if followed else "expected applications or set_ids to follow, found none"


class DailyMed(Source):
    """Labels in force in the US; one that is delisted is no longer found by its application."""

    name = "dailymed"
    title = "DailyMed"
    about = About(
        watches="US labels at DailyMed, by application or set id",
        first="a new warning, dose or use, in the words before and after",
        lag="1 to 3 days after the FDA has it",
        where="US",
        seen="documents, recorded; lists by hand",
    )
    tier = 1
    family: ClassVar[Family] = "any"  # lists are JSON, documents XML
    home = "https://dailymed.nlm.nih.gov"
    terms = "Labels as published by the FDA and the US National Library of Medicine; the texts are the companies'."
    record = Label
    paths: ClassVar[Mapping[str, str]] = {
        "version": "versionNumber",
        "effective_on": "effectiveTime",
        "holder": "author",
        "sections": "section[{key}]",
        "fingerprints": "section[{key}]",
    }
    Options = DailyMedOptions
    options: DailyMedOptions

    def pages(self, fetch: Fetch) -> Iterator[Page]:
        """Versions of each label; where one has a new version, the documents of all. Raises Unexpected where the
        options name none."""
        if missing := self.options.missing():
            raise Unexpected(f"options: {missing}")
        found = list(self.options.set_ids)
        for number in self.options.applications:
            found += self._listed(fetch, number)
        labels = list(dict.fromkeys(found))
        histories = [fetch(f"{self._services}/{each}/history.json") for each in labels]
        for page in histories:
            need(need(decode(page), "data", dict, page.url), "history", list, f"{page.url}.data")
        if not fetch.sweep and histories and all(page.unchanged for page in histories):
            yield from histories
            return
        for each in labels:
            yield fetch(f"{self._services}/{each}.xml")

    @property
    def _services(self) -> str:
        return f"{self.base_url}/dailymed/services/v2/spls"

    def _listed(self, fetch: Fetch, number: str) -> Iterator[str]:
        """The set ids of an application, which may be several: packagers have labels of their own."""
        seen: set[str] = set()
        for at in range(1, MOST_PAGES + 1):
            asked: dict[str, Any] = {"application_number": number, "pagesize": PER_PAGE, "page": at}
            page = fetch(f"{self._services}.json", params=asked)
            answer = decode(page)
            rows = answer.get("data") if isinstance(answer, dict) else None
            if not isinstance(rows, list):
                raise Unexpected(f"{page.url}: expected a list of labels, found {str(answer)[:120]}")
            for row in rows:
                written = need(row, "setid", str, page.url)
                try:
                    seen.add(found := set_id(written))
                except ValueError as problem:
                    raise Unexpected(f"{page.url}.setid: {problem}") from None
                yield found
            around = need(answer, "metadata", dict, page.url)
            if need(around, "total_pages", int, f"{page.url}.metadata") <= at:
                declared = may(around, "total_elements", int, f"{page.url}.metadata")
                if declared is not None and declared != len(seen):
                    raise Unexpected(f"{page.url}: expected the {declared} labels it declares, found {len(seen)}")
                return
        raise Unexpected(f"{self._services}: expected at most {MOST_PAGES} pages of labels of {number}, found more")

    def parse(self, page: Page) -> Iterator[Record | Unexpected]:
        """The label of a document; a page of versions holds none."""
        if page.body.lstrip()[:1] == b"{":
            need(need(decode(page), "data", dict, page.url), "history", list, f"{page.url}.data")
            return
        found, asked = label(page), page.url.rpartition("/")[2].removesuffix(".xml").lower()
        if SET_ID.fullmatch(asked) and asked != found.key:
            raise Unexpected(f"{page.url}: expected the label asked for, found {found.key}")
        yield found

    def wanted(self) -> tuple[str, ...]:
        """The labels asked for by set id."""
        return tuple(dict.fromkeys(self.options.set_ids))


def label(page: Page) -> Label:
    """The label of an SPL document. Raises Unexpected where it is none, or one that declares entities."""
    root = xml_root(page, ROOT, "a label")
    key = _value(root, "setId", "root", page.url).lower()
    if not SET_ID.fullmatch(key):
        raise Unexpected(f"{page.url}.setId: expected a set id, found {key[:40]!r}")
    sections, others = _sections(root, key)
    numbers = {found for node in root.iter(f"{HL7}approval") for found in _extensions(node)}
    products = [words(node) for node in root.iter(f"{HL7}manufacturedProduct") for node in node.iterfind(f"{HL7}name")]
    generic = [
        words(node) for medicine in root.iter(f"{HL7}genericMedicine") for node in medicine.iterfind(f"{HL7}name")
    ]
    names = tuple(dict.fromkeys(filter(None, (*products, *generic))))
    title = root.find(f"{HL7}title")
    return Label(
        key=key,
        title=(names[0] if names else words(title) if title is not None else key)[:300],
        url=f"https://dailymed.nlm.nih.gov/dailymed/drugInfo.cfm?setid={key}",
        authority=AUTHORITY,
        place=PLACE,
        names=names,
        numbers=tuple(sorted(numbers)),
        version=_value(root, "versionNumber", "value", key),
        effective_on=iso_day(_value(root, "effectiveTime", "value", key)[:8], f"{key}.effectiveTime") or "",
        holder=next(
            (words(name) for name in root.iterfind(f"{HL7}author//{HL7}representedOrganization/{HL7}name")), None
        ),
        sections=sections,
        fingerprints=others,
    )


def _value(root: Any, name: str, attribute: str, where: str) -> str:
    node = root.find(f"{HL7}{name}")
    value = node.get(attribute) if node is not None else None
    if not value:
        raise Unexpected(f"{where}.{name}: expected an attribute {attribute}, found none")
    return str(value)


def _extensions(approval: Any) -> Iterator[str]:
    for node in approval.iterfind(f"{HL7}id"):
        written = (node.get("extension") or "").upper()
        if NUMBER.fullmatch(written):
            yield application_number(written)


def _sections(root: Any, key: str) -> tuple[dict[str, str], dict[str, str]]:
    """The sections kept in full, and fingerprints of the others that stand at the top. One that stands within another
    kept one is told with that one."""
    kept: dict[str, list[str]] = {}
    others: dict[str, list[str]] = {}
    top = root.findall(f"{HL7}component/{HL7}structuredBody/{HL7}component/{HL7}section")
    if not top or len(top) > MOST_SECTIONS:
        raise Unexpected(f"{key}: expected 1 to {MOST_SECTIONS} sections, found {len(top)}")
    for section in top:
        inner = [each for each in section.iter(f"{HL7}section") if _code(each) in SECTIONS]
        if _code(section) in SECTIONS:
            kept.setdefault(SECTIONS[_code(section)], []).append(words(section))
            continue
        for each in inner:  # a boxed warning may stand in a section without a name
            kept.setdefault(SECTIONS[_code(each)], []).append(words(each))
        title = section.find(f"{HL7}title")
        name = words(title) if title is not None else ""
        others.setdefault(name[:100] or _code(section) or "section", []).append(words(section))
    if not kept:
        raise Unexpected(f"{key}: expected sections such as indications and warnings, found none")
    if too_long := next((name for name, parts in kept.items() if sum(map(len, parts)) > LONGEST), None):
        raise Unexpected(f"{key}.{too_long}: expected at most {LONGEST} characters, found more")
    full = {name: BREAK.join(parts) for name, parts in kept.items()}
    return full, {name: fingerprint(" ".join(parts)) for name, parts in others.items()}


def _code(section: Any) -> str:
    node = section.find(f"{HL7}code")
    return str(node.get("code") or "") if node is not None else ""


def words(node: Any) -> str:
    """The words of a section or title, its paragraphs apart."""
    parts: list[str] = []
    _gather(node, parts)
    pieces = (" ".join(piece.split()) for piece in "".join(parts).split(BREAK.strip()))
    return BREAK.join(piece for piece in pieces if piece)


def _gather(node: Any, parts: list[str]) -> None:
    """Text in reading order; the depth is that which the parser allows."""
    if node.text:
        parts.append(node.text)
    for child in node:
        if isinstance(child.tag, str) and child.tag not in SKIPPED:
            apart = child.tag in BLOCKS
            parts.extend([BREAK] if apart else [])
            _gather(child, parts)
            parts.extend([BREAK] if apart else [])
        if child.tail:
            parts.append(child.tail)
