"""The places that are followed, by the code that tables, threads and JSON use, and as they are said in a sentence."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """One jurisdiction. `name` stands alone, `full` and `brief` stand after "in", `adjective` before a noun.

    `words` is a pattern of what texts call it.
    """

    code: str
    name: str
    full: str
    brief: str
    adjective: str
    words: str


BY_CODE = {
    place.code: place
    for place in (
        Place(
            "US", "United States", "the United States", "the US", "US",
            r"\bUS\b|\bU\.S\.|United States|\bAmerican?s?\b|\bWashington\b",
        ),
        Place(
            "EU", "European Union", "the European Union", "the EU", "EU",
            r"\bEU\b|Europe(?:an)?\b|\bmember states\b|\bthe Union\b",
        ),
        Place(
            "CA", "Canada", "Canada", "Canada", "Canadian",
            r"Canad(?:a|ians?)\b|\bOttawa\b|\bOntario\b|\bQu[eé]bec\b|\bAlberta\b|British Columbia",
        ),
        Place(
            "UK", "United Kingdom", "the United Kingdom", "the UK", "UK",
            r"\bUK\b|United Kingdom|Brit(?:ain|ish)|\bEngland\b",
        ),
        Place(
            "JP", "Japan", "Japan", "Japan", "Japanese",
            r"Japan(?:ese)?|Tokyo",
        ),
        Place(
            "CN", "China", "China", "China", "Chinese",
            r"Chin(?:a|ese)\b|Beijing",
        ),
        Place(
            "KR", "South Korea", "South Korea", "South Korea", "South Korean",
            r"Korean?\b|\bSeoul\b",
        ),
        Place(
            "CH", "Switzerland", "Switzerland", "Switzerland", "Swiss",
            r"Swiss|Switzerland|\bBern\b",
        ),
        Place(
            "AU", "Australia", "Australia", "Australia", "Australian",
            r"Australian?\b|\bCanberra\b",
        ),
    )
}  # fmt: skip

PLACES = tuple(BY_CODE)
"""The codes, in the order of the columns of the status table."""
