"""Which agency acts: by its name, by the words only it uses, by the place."""

import re

NAMED = (
    (r"\bFDA\b|Food and Drug Administration|Drugs@FDA|\bCDER\b|\bCBER\b", "FDA", "US"),
    (r"Health Canada", "Health Canada", "CA"),
    (r"\bMHRA\b", "MHRA", "UK"),
    (r"\bPMDA\b", "PMDA", "JP"),
    (r"\bMHLW\b|Ministry of Health, Labou?r|Japan(?:ese|'s|’s)? (?:health )?ministry", "MHLW", "JP"),
    (r"\bNMPA\b|National Medical Products Administration|\bCDE\b|China(?:'s|’s) (?:regulator|centre)", "NMPA", "CN"),
    (r"\bMFDS\b|Food and Drug Safety", "MFDS", "KR"),
    (r"\bTGA\b|Therapeutic Goods", "TGA", "AU"),
    (r"Swissmedic", "Swissmedic", "CH"),
    (r"\bPRAC\b|\bCHMP\b|\bEMA\b|European Medicines Agency", "EMA", "EU"),
    (
        r"European Commission|\bEC\b|\bBrussels\b|\bthe Commission\b|\bCommission (?!er)(?=grants|clears|approves|"
        r"ends|refuses|does)",
        "EC",
        "EU",
    ),
    (r"\bANVISA\b", "ANVISA", None),
)
PAYERS = (
    (r"\bNICE\b", "NICE", "UK"), (r"\bSMC\b|Scottish Medicines Consortium", "SMC", "UK"),
    (r"\bCMS\b|Medicare|Medicaid", "CMS", "US"), (r"\bpCPA\b", "pCPA", "CA"), (r"\bCADTH\b", "CADTH", "CA"),
    (r"\bCDA\b|Canada(?:'s|’s) Drug Agency", "CDA", "CA"), (r"\bINESSS\b", "INESSS", "CA"),
    (r"\bG-BA\b|Joint Committee", "G-BA", "EU"),
    (r"\bPBAC\b|\bPBS\b", "PBAC", "AU"), (r"\bHAS\b", "HAS", "EU"),
    (r"\bAIFA\b", "AIFA", "EU"), (r"\bNHS\b", "NICE", "UK"),
)  # fmt: skip
WORDS = (
    (r"complete response letter|\bCRL\b|PDUFA|\bs?NDA\b|\bs?BLA\b|\bANDA\b|breakthrough therapy|fast[- ]track|\bRMAT\b|"
     r"\bIND\b|rare p(?:a?e)diatric|"
     r"boxed warning|clinical hold|accelerated approval|refus\w+[- ]to[- ]file|emergency use authori[sz]ation|"
     r"\bEUA\b|biologics licen|Commissioner|"
     r"tentative approval|Advisory Committee|Federal Register", "FDA", "US"),
    (r"\bPRIME\b|\bMAA\b|marketing authori[sz]ation application|type II variation", "EMA", "EU"),
    (r"notice of compliance|\bNOC/c\b|\bNO[ND]-W\b", "Health Canada", "CA"),
)  # fmt: skip
IN_PLACE = (
    (r"\bUS\b|\bU\.S\.|United States|\bAmerican?s?\b|\bWashington\b", "FDA", "US"),
    (r"\bEU\b|Europe(?:an)?\b|\bmember states\b|\bthe Union\b", "EC", "EU"),
    (r"\bUK\b|Brit(?:ain|ish)|\bEngland\b", "MHRA", "UK"),
    (r"Japan(?:ese)?|Tokyo", "MHLW", "JP"),
    (r"Chin(?:a|ese)\b|Beijing", "NMPA", "CN"),
    (r"Canad(?:a|ians?)\b|\bOttawa\b|\bOntario\b|\bQu[eé]bec\b|\bAlberta\b|British Columbia", "Health Canada", "CA"),
    (r"Korean?\b|\bSeoul\b", "MFDS", "KR"),
    (r"Swiss|Switzerland|\bBern\b", "Swissmedic", "CH"),
    (r"Australian?\b|\bCanberra\b", "TGA", "AU"),
)


Row = tuple[re.Pattern[str], str | None, str | None]


def _compiled(rows: tuple[tuple[str, str, str | None], ...]) -> list[Row]:
    return [(re.compile(pattern), agency, place) for pattern, agency, place in rows]


TIERS = [_compiled(NAMED), [(re.compile(p.pattern, re.I), a, pl) for p, a, pl in _compiled(WORDS)], _compiled(IN_PLACE)]
PAYING = _compiled(PAYERS)
WHERE: list[Row] = [(pattern, None, place) for pattern, _, place in _compiled(IN_PLACE)]


def is_regulator(text: str) -> bool:
    """Whether a text names a regulator."""
    return any(pattern.search(text) for pattern, _, _ in TIERS[0])


def agency_of(near: str, whole: str, *, paying: bool = False) -> tuple[str | None, str | None]:
    """Agency and place of an act: the sentence first, then the whole item; names before words before places.

    Who pays is told by name alone; without one a decision on payment still has its place.
    """
    for tier in [PAYING, WHERE] if paying else TIERS:
        for text in (near, whole):
            hits = [(m.start(), agency, place) for pattern, agency, place in tier if (m := pattern.search(text))]
            if hits:
                return min(hits, key=lambda hit: hit[0])[1:]
    return None, None
