"""The words by which events are told: one table of patterns per type. Numbers name the decision rules of the taxonomy.

A pattern is searched in one sentence. `<NAME>` stands for a group of words from WORDS, `~` for a short gap.
Flags: `f` a plain future is as good as done (a decision told as "will stop selling"); `n` the pattern says no by itself;
`w` weak (needs another sign); `u` a drug need not be named; `a` also in a subordinate clause; `o` only after `needs` in the item.
"""

import re
from dataclasses import dataclass

GAP = r"[^.;:!?]{0,70}?(?<!\w)"

WORDS = {
    "GET": r"(?:w[io]ns?|winning|gets?|got|gains?|gained|receiv\w+|secur(?:es|ed)|obtain(?:s|ed)?|earn(?:s|ed)?|lands?|landed|scor(?:es|ed)|"
    r"bag(?:s|ged)|nab(?:s|bed)|snag(?:s|ged)|garner\w*|clinch\w*|celebrat\w+|bring(?:s)? home|take(?:s)? home|is handed|was handed|snatch\w*|hauls in|earns itself|pick(?:s|ed) up|notch\w*|snar\w+|has|have|holds?|nets?|netted|grabs?|grabbed|"
    r"achieves|collect(?:s|ed)|reaps?|celebrates|scoops?|captures?|attains?)",
    "GIVE": r"(?:grant(?:s|ed)?|gives?|gave|given|issue[sd]?|award(?:s|ed)?|hand(?:s|ed) (?:out|down)?|confer\w*|bestow\w*|accord\w*|assign\w*|"
    r"deliver(?:s|ed)|extends?)",
    "YES": r"(?:approval|nod|go-ahead|green[- ]?light|clearance|licen[cs]e|licensure|authori[sz]ation|OK|okay|sign-?off|blessing|thumbs[- ]up|"
    r"yes|marketing authori[sz]ation|market access)",
    "APPROVE": r"(?:approves|approved|clears|cleared|authori[sz]es|authori[sz]ed|licen[sc]es|licen[sc]ed|green-?light(?:s|ed)|green-?lit|okay(?:s|ed)|"
    r"OKs|OK['’]?d|rubber-stamp\w*|waves? through|waved through|waved ~ through|waves ~ through|signs? off|signed off|sa(?:id|ys) yes|gave its consent|"
    r"registers|registered)",
    "REG": r"(?:FDA|Food and Drug Administration|regulators?|agency|agencies|authorit\w+|ministry|Commission|EMA|European Medicines Agency|MHRA|"
    r"Health Canada|NMPA|PMDA|MHLW|TGA|Swissmedic|MFDS|ANVISA|Brussels|watchdog|(?-i:EU|US)|officials)",
    "APP": r"(?:applications?|filings?|files?|dossiers?|submissions?|packages?|s?NDAs?|s?BLAs?|MAAs?|ANDAs?|J-?NDAs?|variations?|resubmission|paperwork|"
    r"marketing request|requests?|bid|licen[cs]e request)",
    "REVIEW": r"(?:reviews?|PDUFA(?: (?:goal|target|action))?(?: date)?|(?:goal|action|target|decision|due|approval) dates?|decisions?|verdicts?|opinions?|"
    r"rulings?|deadlines?|target|action|timeline|clock)",
    "TRIAL": r"(?:trials?|stud(?:y|ies)|INDs?|CTAs?|investigational new drug|clinical trial application)",
    "COMM": r"(?:advisory (?:committee|panel|board)|adcomm?|panels?|panell?ists|advis[eo]rs|outside experts|expert committee|(?:FDA|agency)(?:['’]s)? experts|"
    r"panel members|committee of (?:outside )?experts|outside committee|committee)",
    "CHMP": r"(?:CHMP|human medicines committee|committee for medicinal products for human use|(?:EMA|EU|European|agency)(?:['’]s)? "
    r"(?:medicines? )?(?:drug )?(?:committee|panel|experts|advis[eo]rs|scientific committee))",
    "CAPS": r"(?-i:\b[A-Z]{4,}[\w-]*)",
    "PAYER": r"(?:(?-i:\b(?:NICE|CADTH|CDA|CMS|G-BA|IQWiG|PBAC|PBS|SMC|AIFA|INESSS|NHS|HTA|NCPE|TLV|HAS|AWMSG|pCPA))|Medicare|Medicaid|Scottish Medicines Consortium|"
    r"Canada['’]s Drug Agency|(?:price|reimbursement|cost|benefits?) (?:list|watchdog|body|agency)|drug plans?|formulary|sickness funds?|"
    r"health technology \w+|Zorginstituut|Ontario|Quebec|Alberta|British Columbia|Pharmac)",
    "DESIG": r"(?:orphan|fast[- ]track|breakthrough(?: therapy)?|RMAT|regenerative medicine|regenerative advanced therapy|PRIME|priority medicines?|"
    r"rare p(?:a?e)diatric(?: disease)?|priority review|qualified infectious disease|QIDP|ILAP|innovation passport|Sakigake|"
    r"innovative licensing|priority voucher|national priority)",
    "GOAL": r"(?:end ?-?points?|goals?|aims?|objectives?|measures?|targets?|marks?|criteri(?:on|a)|outcomes?|hurdle|bar|significance|yardstick)",
    "PRIM": r"(?:co-?primary|primary|main|key|principal|joint|central|chief|lead|efficacy|first|headline)",
    "STOPV": r"(?:stop(?:s|ped)?|halt(?:s|ed)?|end(?:s|ed)?|terminat(?:es|ed)|suspend(?:s|ed)|paus(?:es|ed)|clos(?:es|ed)|shut(?:s)?(?: down)?|"
    r"call(?:s|ed) off|cancel(?:s|led|ed)|discontinu(?:es|ed)|abort(?:s|ed)?|scrap(?:s|ped)|ax(?:es|ed)|wind(?:s)? (?:down|up)|wound (?:down|up)|"
    r"cut(?:s)? short|froze|freezes|frozen|pull(?:s|ed) the plug|interrupt(?:s|ed)|withdraw[sn]?|curtail(?:s|ed))",
    "PROG": r"(?:development|programmes?|programs?|work|research|effort|project|candidate|asset|molecule|compound|indication)",
    "DROP": r"(?:drop(?:s|ped)?|abandon(?:s|ed)?|ax(?:es|ed)?|scrap(?:s|ped)|shelv(?:es|ed)|discontinu(?:es|ed|ing)|terminat(?:es|ed)|end(?:s|ed)?|"
    r"ditch(?:es|ed)|dump(?:s|ed)|gives? up(?: on)?|gave up(?: on)?|giving up(?: on)?|walk(?:s|ed)? away from|cull(?:s|ed)|stop(?:s|ped)?|halt(?:s|ed)|"
    r"deprioriti[sz](?:es|ed)|bows? out|kill(?:s|ed)|bin(?:s|ned)|jettison\w*|retire[sd]?|ceas(?:es|ed)|mothball\w*|calls? time on|pull(?:s|ed) the plug on|"
    r"exits?|closes the book on|wash(?:es|ed) its hands of)",
}


@dataclass(frozen=True, slots=True)
class Rule:
    """One way to tell an event. `unless` is looked for in the sentence, `needs` in the whole item."""

    type: str
    polarity: str
    pattern: re.Pattern[str]
    flags: str = ""
    unless: re.Pattern[str] | None = None
    needs: re.Pattern[str] | None = None
    name: str = ""


def expand(pattern: str) -> str:
    """A pattern with its word groups and gaps filled in; it begins, and goes on after a gap, only where a word begins."""
    while (filled := re.sub(r"<([A-Z]+)>", _group, pattern)) != pattern:
        pattern = filled
    return rf"(?<!\w)(?:{pattern.replace('~ ', '~').replace('~', GAP)})"


def _group(match: re.Match[str]) -> str:
    words = WORDS[match[1]]
    return words if match[1] == "CAPS" else rf"\b{words}\b"


def compiled(pattern: str | None) -> re.Pattern[str] | None:
    """The compiled form of a pattern of this table, blind to case."""
    return re.compile(expand(pattern), re.I) if pattern else None


def table(rows: str) -> tuple[Rule, ...]:
    """Read rows `type | polarity | flags | pattern [| unless | needs]`; `||` inside stands for nothing."""
    rules = []
    for number, line in enumerate(rows.strip().splitlines()):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        cells = [cell.strip() for cell in f"{line.strip()} ".split(" | ")]
        type_, polarity, flags, pattern, *rest = cells
        unless, needs = ([*rest, "", ""])[:2]
        flags = "" if flags == "-" else flags
        made = compiled(pattern)
        assert made is not None
        for one in filter(None, (made, compiled(unless), compiled(needs))):
            assert not one.search(""), f"{type_}.{number}: a pattern matches nothing at all"
        rules.append(Rule(type_, polarity, made, flags, compiled(unless), compiled(needs), f"{type_}.{number}"))
    return tuple(rules)
