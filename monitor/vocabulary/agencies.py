"""Who decides: regulators and payers with their places. Which of them a text means: `agencies_meant`."""

from dataclasses import dataclass

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


def place_of(agency: str | None) -> str | None:
    """The place in which an agency of the table acts; None for any other name."""
    return PLACES_BY_NAME.get(agency or "")
