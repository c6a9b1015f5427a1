"""Countries that are no followed place of their own: those of the EU, and those that nobody here follows.

An act in a country of the EU holds in the EU as far as these tables go; one in any other has no place, and changes
nothing in a followed one. How texts name a country and its authorities stands here; which of them a text means:
`agencies_meant`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from sources.late_pattern import late


@dataclass(frozen=True, slots=True)
class Country:
    """One country. `place` is that of which it is a part, None where it is none that is followed.

    `regulator` is meant where a text names the country alone. `names` and `adjectives` are patterns of what texts call
    it, `authorities` how they name that regulator where they do not call it by country and office.
    """

    name: str
    adjectives: str
    regulator: str
    authorities: str = ""
    place: str | None = None
    names: str = ""

    @property
    def written(self) -> str:
        """The pattern of its name."""
        return self.names or re.escape(self.name)


_EU = tuple(
    Country(name, adjectives, regulator, authorities, "EU", names)
    for name, adjectives, regulator, authorities, names in (
        ("Germany", "German", "BfArM", r"\bBfArM\b|Federal Institute for Drugs and Medical Devices", ""),
        ("France", "French", "ANSM", r"\bANSM\b", ""),
        ("Italy", "Italian", "AIFA", "", ""),
        ("Spain", "Spanish", "AEMPS", r"\bAEMPS\b", ""),
        ("Austria", "Austrian", "BASG", r"\bBASG\b|\bAGES\b", ""),
        ("Belgium", "Belgian", "FAMHP", r"\bFAMHP\b|\bFAGG\b|\bAFMPS\b", ""),
        ("the Netherlands", "Dutch", "MEB", r"Medicines Evaluation Board|\bCBG-MEB\b|Zorginstituut", "Netherlands"),
        ("Sweden", "Swedish", "Läkemedelsverket", r"Läkemedelsverket|Swedish Medical Products Agency", ""),
        ("Denmark", "Danish", "DKMA", r"\bDKMA\b|Lægemiddelstyrelsen", ""),
        ("Finland", "Finnish", "Fimea", r"\bF(?:imea|IMEA)\b", ""),
        ("Ireland", "Irish", "HPRA", r"\bHPRA\b", r"(?<!Northern )Ireland"),
        ("Portugal", "Portuguese", "Infarmed", r"\bI(?:nfarmed|NFARMED)\b", ""),
        ("Poland", "Polish", "URPL", r"\bURPL\b", ""),
        ("Czechia", "Czech", "SÚKL", r"\bS[ÚU]KL\b", "Czechia|Czech Republic"),
        ("Hungary", "Hungarian", "NNGYK", r"\bNNGYK\b|\bOGYÉI\b", ""),
        ("Greece", "Greek", "EOF", r"National Organi[sz]ation for Medicines", ""),
        ("Romania", "Romanian", "ANMDMR", r"\bANMDMR\b", ""),
        ("Bulgaria", "Bulgarian", "BDA", "", ""),
        ("Croatia", "Croatian", "HALMED", r"\bHALMED\b", ""),
        ("Slovenia", "Slovenian", "JAZMP", r"\bJAZMP\b", ""),
        ("Slovakia", "Slovak", "ŠÚKL", r"\bŠÚKL\b", ""),
        ("Lithuania", "Lithuanian", "VVKT", r"\bVVKT\b", ""),
        ("Latvia", "Latvian", "ZVA", "", ""),
        ("Estonia", "Estonian", "Ravimiamet", "Ravimiamet", ""),
        ("Luxembourg", "Luxembourgish", "the authority of Luxembourg", "", ""),
        ("Malta", "Maltese", "the authority of Malta", "", ""),
        ("Cyprus", "Cypriot", "the authority of Cyprus", "", ""),
    )
)  # fmt: skip

_ELSEWHERE = tuple(
    Country(name, adjectives, regulator or f"the authority of {name}", authorities, None, names)
    for name, adjectives, regulator, authorities, names in (
        ("Brazil", "Brazilian", "ANVISA", r"\bA(?:NVISA|nvisa)\b", "Brazil|Brasil"),
        ("Mexico", "Mexican", "COFEPRIS", r"\bC(?:OFEPRIS|ofepris)\b", r"(?<!New )(?<!Gulf of )Mexico"),
        ("Colombia", "Colombian", "INVIMA", r"\bI(?:NVIMA|nvima)\b", ""),
        ("Argentina", "Argentin(?:e|ian)", "ANMAT", r"\bA(?:NMAT|nmat)\b", ""),
        ("Chile", "Chilean", "ISP", r"Instituto de Salud P[úu]blica", ""),
        ("Peru", "Peruvian", "DIGEMID", r"\bD(?:IGEMID|igemid)\b", ""),
        ("Ecuador", "Ecuadorian", "ARCSA", r"\bARCSA\b", ""),
        ("Venezuela", "Venezuelan", "", "", ""),
        ("Uruguay", "Uruguayan", "", "", ""),
        ("Paraguay", "Paraguayan", "DINAVISA", r"\bDINAVISA\b", ""),
        ("Bolivia", "Bolivian", "", "", ""),
        ("Costa Rica", "Costa Rican", "", "", ""),
        ("Panama", "Panamanian", "", "", r"Panama(?! City)"),
        ("Guatemala", "Guatemalan", "", "", ""),
        ("Cuba", "Cuban", "CECMED", r"\bCECMED\b", ""),
        ("the Dominican Republic", "Dominican", "", "", "Dominican Republic"),
        ("India", "Indian", "CDSCO", r"\bCDSCO\b|\bDCGI\b|Central Drugs? Standards? Control|Drugs? Controller General",
         r"India(?!na)"),
        ("Pakistan", "Pakistani", "DRAP", r"\bDRAP\b", ""),
        ("Bangladesh", "Bangladeshi", "DGDA", r"\bDGDA\b", ""),
        ("Sri Lanka", "Sri Lankan", "NMRA", r"\bNMRA\b", ""),
        ("Nepal", "Nepal(?:i|ese)", "", "", ""),
        ("Taiwan", "Taiwan(?:ese)?", "TFDA", r"\bTFDA\b", ""),
        ("Hong Kong", "Hong Kong", "the authority of Hong Kong", "", ""),
        ("Macau", "Macanese", "", "", "Maca[uo]"),
        ("Singapore", "Singapore(?:an)?", "HSA", r"\bHSA\b|Health Sciences Authority", ""),
        ("Malaysia", "Malaysian", "NPRA", r"\bNPRA\b", ""),
        ("Indonesia", "Indonesian", "BPOM", r"\bBPOM\b|\bBadan POM\b", ""),
        ("Thailand", "Thai", "Thai FDA", "", ""),
        ("the Philippines", "Philippine|Filipino", "Philippine FDA", "", "Philippines"),
        ("Vietnam", "Vietnamese", "DAV", "", "Viet ?[Nn]am"),
        ("New Zealand", "New Zealand", "Medsafe", r"\bM(?:edsafe|EDSAFE)\b", ""),
        ("Israel", "Israeli", "Israel's Ministry of Health", "", ""),
        ("Turkey", "Turkish", "TITCK", r"\bT[İI]TCK\b", "Turkey|T[üu]rkiye"),
        ("Saudi Arabia", "Saudi(?: Arabian)?", "SFDA", r"\bSFDA\b", "Saudi Arabia"),
        ("the United Arab Emirates", "Emirati|UAE", "EDE", "", "United Arab Emirates|UAE|Dubai|Abu Dhabi"),
        ("Qatar", "Qatari", "", "", ""),
        ("Kuwait", "Kuwaiti", "", "", ""),
        ("Bahrain", "Bahraini", "NHRA", r"\bNHRA\b", ""),
        ("Oman", "Omani", "", "", ""),
        ("Jordan", "Jordanian", "JFDA", r"\bJFDA\b", ""),
        ("Lebanon", "Lebanese", "", "", r"Lebanon(?!, (?:N|Pa|Ind|Ohio|Tenn))"),
        ("Iraq", "Iraqi", "", "", ""),
        ("Iran", "Iranian", "IFDA", r"\bIFDA\b", ""),
        ("Egypt", "Egyptian", "EDA", r"Egyptian Drug Authority", ""),
        ("Morocco", "Moroccan", "", "", ""),
        ("Algeria", "Algerian", "", "", ""),
        ("Tunisia", "Tunisian", "", "", ""),
        ("South Africa", "South African", "SAHPRA", r"\bS(?:AHPRA|ahpra)\b", ""),
        ("Nigeria", "Nigerian", "NAFDAC", r"\bN(?:AFDAC|afdac)\b", ""),
        ("Kenya", "Kenyan", "PPB", r"Pharmacy and Poisons Board", ""),
        ("Ghana", "Ghana(?:ian)?", "Ghana FDA", "", ""),
        ("Ethiopia", "Ethiopian", "EFDA", r"\bEFDA\b", ""),
        ("Tanzania", "Tanzanian", "TMDA", r"\bTMDA\b", ""),
        ("Uganda", "Ugandan", "", "", ""),
        ("Rwanda", "Rwandan?", "Rwanda FDA", "", ""),
        ("Zimbabwe", "Zimbabwean", "MCAZ", r"\bMCAZ\b", ""),
        ("Russia", "Russian", "Roszdravnadzor", "Roszdravnadzor", "Russia(?:n Federation)?"),
        ("Ukraine", "Ukrainian", "", "", ""),
        ("Belarus", "Belarusian", "", "", ""),
        ("Kazakhstan", "Kazakh", "", "", ""),
        ("Uzbekistan", "Uzbek", "", "", ""),
        ("Armenia", "Armenian", "", "", ""),
        ("Azerbaijan", "Azerbaijani", "", "", ""),
        ("Serbia", "Serbian", "ALIMS", r"\bALIMS\b", ""),
        ("Bosnia and Herzegovina", "Bosnian", "", "", "Bosnia"),
        ("North Macedonia", "Macedonian", "MALMED", r"\bMALMED\b", ""),
        ("Montenegro", "Montenegrin", "", "", ""),
        ("Albania", "Albanian", "", "", ""),
        ("Kosovo", "Kosovar", "", "", ""),
        ("Moldova", "Moldovan", "", "", ""),
        ("Norway", "Norwegian", "NOMA", r"\bN[Oo]MA\b|Legemiddelverket", ""),
        ("Iceland", "Icelandic", "IMA", "", ""),
    )
)  # fmt: skip

COUNTRIES = (*_EU, *_ELSEWHERE)

OTHERS = (
    ("Germany", "PEI", r"Paul[- ]Ehrlich[- ]Institute?\b|\bPEI\b"),
    ("Brazil", "CONITEC", r"\bC(?:ONITEC|onitec)\b"),
    ("New Zealand", "Pharmac", r"\bP(?:harmac|HARMAC)\b"),
)
"""Authorities beside the regulator: the country, the name, how texts write it."""

_OFFICE = (
    r"(?:FDA\b|Food (?:and|&) Drugs? (?:Administration|Authority)|(?:(?i:health|drugs?|medicines?|medical|devices?|"
    r"pharmaceuticals?|products?|food|safety|sanitary|public|national|federal|competent|regulatory|surveillance|control|"
    r"of|for|and|the|&) ){0,6}?(?i:agency|agencies|regulators?|authorit(?:y|ies)|watchdogs?|ministry|officials|"
    r"government|inspectorate)\b)"
)
"""What a country calls its authorities, behind its name."""
_DOES = (
    r"(?:(?:has|have|also|temporarily|today|now|becomes?|first|formally|quietly|conditionally) )*(?:approv|clear|"
    r"authori[sz]|licen[cs]|regist|suspend|halt|ban|block|paus|withdraw|withdrew|revok|recall|warn|restrict|reject|"
    r"refus|grant|okay|green[- ]?light|accept|stop|pull|order|lift|list|fund|reimburs|allow|permit|freez|froze|takes)"
)
"""What a country does in headlines."""
_OF_AN_ACT = r"(?:market|approvals?|licen[cs]e|registration|authori[sz]ation|recall|suspension|ban|launch|label)\b"
_NO_ACT = "".join(
    rf"(?<!\b(?i:{word}) )"
    for word in (
        "made", "manufactured", "produced", "based", "headquartered", "located", "plant", "plants", "factory",
        "facility", "site", "sites", "study", "studies", "trial", "trials", "patients", "participants", "volunteers",
        "cases", "deaths", "company", "born", "already",
    )
)  # fmt: skip
"""What is in a country without an act being there: a plant, a trial, its patients."""
_THERE = r"[Ii]n|[Aa]cross|[Ww]ithin|[Tt]hroughout|[Oo]ut of|[Ll]eav(?:es?|ing)|[Ee]xit(?:s|ing)?|[Qq]uit(?:s|ting)?"
_TAKEN = r"withdr[ae]w\w*|pull(?:s|ed|ing)?|remov(?:es?|ed|ing)|gone|disappear(?:s|ed)?"


@dataclass(frozen=True, slots=True)
class Named:
    """A country that a text names as where an act was done, from `start` to `end`. `office`: by its authority."""

    start: int
    end: int
    country: Country
    agency: str
    office: bool


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], Country, str, bool], ...]:
    """How authorities are named, and how countries are named as the place of an act."""
    by_name = {country.name: country for country in COUNTRIES}
    return (
        *((re.compile(words), by_name[name], agency, True) for name, agency, words in OTHERS),
        *((re.compile(_office(country)), country, country.regulator, True) for country in COUNTRIES),
        *((re.compile(_itself(country)), country, country.regulator, False) for country in COUNTRIES),
    )


def _office(country: Country) -> str:
    name = country.written
    called = (
        rf"\b(?:{country.adjectives}|(?:{name})(?:['’]s?)?) {_OFFICE}|\b[Mm]inistry of (?:\w+ )?Health of (?:{name})\b"
    )
    return f"{country.authorities}|{called}" if country.authorities else called


def _itself(country: Country) -> str:
    name = country.written
    return (
        rf"{_NO_ACT}\b(?:{_THERE}) (?:the )?(?:{name})\b(?!['’]s|-based)|"
        rf"\b(?:{_TAKEN}) (?:\S+ ){{0,4}}?from (?:the )?(?:{name})\b|"
        rf"(?:^|[.;:,|] |\b(?:as|and|after|but|while) )(?:{name}) {_DOES}|"
        rf"\b(?:{name}|{country.adjectives})(?:['’]s)? {_OF_AN_ACT}"
    )


def _any() -> str:
    words = [words for _, _, words in OTHERS]
    words += [f"{each.written}|{each.adjectives}" for each in COUNTRIES]
    words += [each.authorities for each in COUNTRIES if each.authorities]
    return rf"(?=[A-ZŠ])(?:{'|'.join(words)})"


ANY = late(_any())
"""What a text holds that names any of them: most hold none."""


@lru_cache(maxsize=64)  # asked of the same words for each reading of a text
def countries_in(text: str) -> tuple[Named, ...]:
    """The countries that a text names as where an act was done, by their authorities or themselves; authorities first,
    then in its order."""
    return tuple(sorted(_named(text), key=lambda named: (not named.office, named.start)))


def _named(text: str) -> Iterator[Named]:
    for pattern, country, agency, office in _patterns():
        for match in pattern.finditer(text):
            yield Named(*match.span(), country, agency, office)


_BY_AGENCY = {country.regulator: country for country in COUNTRIES} | {
    agency: country for name, agency, _ in OTHERS for country in COUNTRIES if country.name == name
}


def elsewhere(agency: str | None) -> Country | None:
    """The country of an authority that acts in none of the followed places; None for any other."""
    country = _BY_AGENCY.get(agency or "")
    return country if country and country.place is None else None
