"""Who decides: regulators and payers with their places, and which of them a text means."""

import re
from dataclasses import dataclass

from monitor.vocabulary.places import BY_CODE

REGULATOR, PAYER, COMMITTEE = "regulator", "payer", "committee"
"""Roles. A committee advises: its place counts, and in a text its regulator is meant."""


@dataclass(frozen=True, slots=True)
class Agency:
    """One agency. `place` is None where its place is not followed.

    `names` is how texts name it, `words` (blind to case) what only its proceedings are called; both are patterns, and
    empty where the agency is not looked for in texts.
    """

    name: str
    place: str | None
    role: str
    names: str = ""
    words: str = ""


AGENCIES = (
    Agency(
        "FDA", "US", REGULATOR,
        r"\bFDA\b|Food and Drug Administration|Drugs@FDA|\bCDER\b|\bCBER\b",
        r"complete response letter|\bCRL\b|PDUFA|\bs?NDA\b|\bs?BLA\b|\bANDA\b|breakthrough therapy|fast[- ]track|"
        r"\bRMAT\b|\bIND\b|rare p(?:a?e)diatric|boxed warning|clinical hold|accelerated approval|"
        r"refus\w+[- ]to[- ]file|emergency use authori[sz]ation|\bEUA\b|biologics licen|Commissioner|"
        r"tentative approval|Advisory Committee|"
        r"Federal Register",
    ),
    Agency("Health Canada", "CA", REGULATOR, r"Health Canada", r"notice of compliance|\bNOC/c\b|\bNO[ND]-W\b"),
    Agency("MHRA", "UK", REGULATOR, r"\bMHRA\b"),
    Agency("PMDA", "JP", REGULATOR, r"\bPMDA\b"),
    Agency("MHLW", "JP", REGULATOR, r"\bMHLW\b|Ministry of Health, Labou?r|Japan(?:ese|'s|’s)? (?:health )?ministry"),
    Agency(
        "NMPA", "CN", REGULATOR,
        r"\bNMPA\b|National Medical Products Administration|\bCDE\b|China(?:'s|’s) (?:regulator|centre)",
    ),
    Agency("MFDS", "KR", REGULATOR, r"\bMFDS\b|Food and Drug Safety"),
    Agency("TGA", "AU", REGULATOR, r"\bTGA\b|Therapeutic Goods"),
    Agency("Swissmedic", "CH", REGULATOR, r"Swissmedic"),
    Agency(
        "EMA", "EU", REGULATOR,
        r"\bPRAC\b|\bCHMP\b|\bEMA\b|European Medicines Agency",
        r"\bPRIME\b|\bMAA\b|marketing authori[sz]ation application|type II variation",
    ),
    Agency(
        "EC", "EU", REGULATOR,
        r"European Commission|\bEC\b|\bBrussels\b|\bthe Commission\b|\bCommission (?!er)(?=grants|clears|approves|"
        r"ends|refuses|does)",
    ),
    Agency("ANVISA", None, REGULATOR, r"\bANVISA\b"),
    Agency("CHMP", "EU", COMMITTEE),
    Agency("PRAC", "EU", COMMITTEE),
    Agency("ICER", "US", COMMITTEE),
    Agency("NICE", "UK", PAYER, r"\bNICE\b|\bNHS\b"),
    Agency("SMC", "UK", PAYER, r"\bSMC\b|Scottish Medicines Consortium"),
    Agency("CMS", "US", PAYER, r"\bCMS\b|Medicare|Medicaid"),
    Agency("Ontario", "CA", PAYER, r"\bOntario\b"),
    Agency("Quebec", "CA", PAYER, r"\bQu[eé]bec\b|\bRAMQ\b"),
    Agency("British Columbia", "CA", PAYER, r"\bBritish Columbia\b"),
    Agency("Alberta", "CA", PAYER, r"\bAlberta\b"),
    Agency("pCPA", "CA", PAYER, r"\bpCPA\b"),
    Agency("CADTH", "CA", PAYER, r"\bCADTH\b"),
    Agency("CDA", "CA", PAYER, r"\bCDA\b|Canada(?:'s|’s) Drug Agency"),
    Agency("INESSS", "CA", PAYER, r"\bINESSS\b"),
    Agency("G-BA", "EU", PAYER, r"\bG-BA\b|Joint Committee"),
    Agency("PBAC", "AU", PAYER, r"\bPBAC\b|\bPBS\b"),
    Agency("HAS", "EU", PAYER, r"\bHAS\b"),
    Agency("AIFA", "EU", PAYER, r"\bAIFA\b"),
)  # fmt: skip
"""Every agency once."""

DECIDES_IN = {
    "US": "FDA", "EU": "EC", "UK": "MHRA", "JP": "MHLW", "CN": "NMPA", "CA": "Health Canada", "KR": "MFDS",
    "CH": "Swissmedic", "AU": "TGA",
}  # fmt: skip
"""Place to the regulator that is meant where a text names the place alone."""

PAYS_IN = {"JP": "MHLW", "CN": "NHSA", "KR": "NHIS", "CH": "FOPH", "AU": "PBAC"}
"""Place to the payer that is meant where a decision on payment is known by its place alone. In the other places there
are several."""

ALWAYS_BY = {"chmp_opinion": "EMA", "adcomm_outcome": "FDA", "adcomm_scheduled": "FDA"}
"""Types of event that only one agency can bring about."""

PLACES_BY_NAME = {agency.name: agency.place for agency in AGENCIES}

Reading = tuple[re.Pattern[str], str | None, str | None]
"""A pattern, and the agency and place that are meant where it is met."""


def _readings(role: str, *, words: bool = False) -> list[Reading]:
    chosen = [(a, a.words if words else a.names) for a in AGENCIES if a.role == role]
    flags = re.IGNORECASE if words else 0
    return [(re.compile(pattern, flags), agency.name, agency.place) for agency, pattern in chosen if pattern]


NAMED = _readings(REGULATOR)
BY_PLACE: list[Reading] = [(re.compile(place.words), DECIDES_IN[code], code) for code, place in BY_CODE.items()]
REGULATING = (NAMED, _readings(REGULATOR, words=True), BY_PLACE)
PAYING = (_readings(PAYER), [(pattern, None, place) for pattern, _, place in BY_PLACE])
"""The readings that are tried one after the other: names, words of proceedings, places."""


def place_of(agency: str | None) -> str | None:
    """The place in which an agency of the table acts; None for any other name."""
    return PLACES_BY_NAME.get(agency or "")


def is_regulator(text: str) -> bool:
    """Whether a text names a regulator."""
    return any(pattern.search(text) for pattern, _, _ in NAMED)


def payers_of(text: str) -> str | None:
    """All who pay or advise payers that a text names, in its order: `CDA and INESSS`; None where it names none."""
    return " and ".join(_payers_named(text)) or None


def _payers_named(text: str) -> list[str]:
    hits = sorted((m.start(), str(name)) for pattern, name, _ in PAYING[0] if (m := pattern.search(text)))
    return [name for _, name in hits]


Verdicts = tuple[tuple[str, bool], ...]
"""Payers in the order of naming, and whether each said yes."""

SPLIT = re.compile(r"[;,.]| (?:but|while|whereas|although|and|yet)\b")
SAYS_NO = re.compile(
    r"\bnot\b|n['’]t\b|\bno\b|\bagainst\b|\brejects?\b|\brejected\b|\bdeclin|\brefus|\bnegative\b|\bden(?:y|ie[sd])\b|"
    r"\bturn(?:s|ed) down\b|\boppos",
    re.IGNORECASE,
)
SAYS_YES = re.compile(
    r"\byes\b|\brecommend|\blist(?:s|ed)?\b|\bfund|\bpa(?:y|ys|id)\b|\bcover|\breimburs|\baccept|\bback(?:s|ed)\b|\bapprov|"
    r"\bpositive\b|\bin favou?r\b|\bsupport|\bendors|\bagree[sd]?\b",
    re.IGNORECASE,
)


def verdicts_of(text: str) -> Verdicts:
    """What each payer says that a text names; nothing unless that is clear of all of them.

    Each clause is judged by its own words; `CADTH and INESSS recommend` is said of both.
    """
    heard: dict[str, bool] = {}
    waiting: list[str] = []  # named in clauses that say neither yes nor no
    for words in SPLIT.split(text):
        said = False if SAYS_NO.search(words) else True if SAYS_YES.search(words) else None
        waiting += _payers_named(words)
        if said is None:
            continue
        if any(heard.setdefault(name, said) != said for name in waiting):
            return ()
        waiting = []
    return () if waiting else tuple(heard.items())


def verdicts_in_words(verdicts: Verdicts) -> str | None:
    """`CDA yes, INESSS no`: how it stands in the log; None for none."""
    return ", ".join(f"{name} {'yes' if said else 'no'}" for name, said in verdicts) or None


def agency_of(near: str, whole: str, *, paying: bool = False) -> tuple[str | None, str | None]:
    """Agency and place of an act: the sentence first, then the whole item; names before words before places.

    Who pays is taken from a name alone; without one a decision on payment still has its place.
    """
    for readings in PAYING if paying else REGULATING:
        for text in (near, whole):
            hits = [(m.start(), agency, place) for pattern, agency, place in readings if (m := pattern.search(text))]
            if hits:
                return min(hits, key=lambda hit: hit[0])[1:]
    return None, None
