"""Texts that announce nothing, told by their kind: calendars, explainers, opinions, quarterly reports, boilerplate."""

import re

TITLES = re.compile(
    r"^(?:can|will|should|is|are|does|why|how|who|when|where|which|if)\b|\bwhat\b|\bvs\b|\b(?:critici\w+|praises?|"
    r"tale|speaks?|facts about|"
    r"years? on|rumou?r\w*)\b|"
    r"\b(?:explain(?:ed|er|s)|what (?:does|do|is|happens|patients|"
    r"families)|how (?:the|do|does|drugs|long)|why (?:do|does|the|trials|shortages)|a guide|guide for|calendar|"
    r"week ahead|dates ahead|catalysts|looking ahead|preview|opinion:|editorial|forum|podcast|quiz|obituary|"
    r"remembering|look(?:ing)? back|timeline|history of|historian|"
    r"years (?:since|of|on)\b|ten years|anniversary|book review|survey|poll of|analysts?|price target|"
    r"market report|drug market|market to grow|short seller|shares? (?:jump|fall|rise|slump)(?!.{0,20} (?:after|"
    r"as|on) )|"
    r"traders|rumou?rs?|webcast|conference call|to (?:show|unveil) |at (?:a )?(?:congress|conference)|fireside|"
    r"to (?:speak|present)|symposium|waits for (?:word|decision|verdict)|diary|new film|"
    r"documentary|under fire|full-year|schedules call|to (?:meet|discuss \S+) (?:with )?(?:the )?(?:FDA|EMA|"
    r"agency|regulators?)\b|seeks (?:money|funds|partner|comments)|names (?:new )?(?:head|chief|director)|"
    r"defends?|asks experts|rank(?:s|ed)?\b|posts (?:review )?documents|office space|opens (?:plant|factory|site)|"
    r"circle|sue[sd]?\b|appoints?|joins (?:as|the board|(?:\S+ )?company|from)|chief (?:executive|medical|"
    r"commercial)|steps down|dividend|"
    r"annual (?:meeting|report)|patents?(?! and data)|lawsuit|sued|court|jury|judge|settles?|petition|correction|"
    r"most read|read next|related|about section|faq|frequently asked|glossary|"
    r"lessons|memoir|interview|reporter's notebook|statistics|yearly report|approvals report|approval process|"
    r"fee rates|user fee|draft guidance|final guidance|guidance for|guidance on|"
    r"reflection paper|consults?|workshop|listening session|agenda|minutes|roster|charter|warning letter|"
    r"import alert|hoax|fake|counterfeit|unapproved|"
    r"hopes? to|aims to|plans? (?:for|to|laid)|intends|to request|on track|preparing|prepares|expected to|"
    r"reminder|the week|weekly calendar|drugs that failed|"
    r"will not administer|real-world study|meta-analysis|observational|letter to shareholders|response to|"
    r"statement on|takes note|expectations|awaits?|awaiting|nears finish|"
    r"could|might|considers|proposes|likely|unlikely(?! to (?:succeed|meet|reach|show|work))|"
    r"potential blockbuster|ones to watch|"
    r"list of|lists of|statistics on|research collaboration|supply contract|distribution partner|"
    r"private placement|public offering|risk factors?|forward-looking|cautionary|safe harbou?r|about the company|"
    r"protesters|campaigners|rall(?:y|ies) for|broker|coin toss|CVMP|debar\w*|paradox)\b",
    re.I,
)
"""Words of a title that tell a kind of text without news."""

STRONG_ANYWAY = re.compile(
    r"\b(?:today|on (?:Mon|Tues|Wednes|Thurs|Fri)day)\b.*\b(?:announced|said|FDA|approved)", re.I
)

TEXTS = re.compile(
    r"\b(?:an explainer|the author argues|a look back|the hosts|posters debate|users guess|the column|a memoir|"
    r"test your knowledge|we hope to file|"
    r"risks? (?:that|include)|forward-looking|these include the risk|you may also like|read next|most read|"
    r"analysts? (?:put|expect|see)|the bank expects)\b",
    re.I,
)

PAGE_CHROME = re.compile(
    r"\b(?:cookies?|about section|about the company|related|read next|most read|you may also|risk factor|"
    r"forward-looking|safe harbou?r|correction|earlier version|timeline|glossary|"
    r"webinar|team page|faq|frequently asked|our (?:medicine|first medicine|trials may)|is a medicine which|"
    r"we are a|we hope|navigation|copyright)\b",
    re.I,
)

BOILERPLATE = re.compile(
    r"(?:^|(?<=[.!?\n]) ?)(?:About (?!\d|half|one|two|three|a (?:third|quarter|half)|\w+ (?:percent|people|"
    r"patients))[A-Z][\w\s'’®™()-]{0,60}[:.\n]|"
    r"Forward[- ]looking statements?|Safe harbou?r|Cautionary (?:note|statement)|"
    r"This (?:press )?release contains forward|Important safety information|Indication and important|"
    r"Contact:|Media contact|Related (?:articles|stories)|Read (?:more|next)|You may also like)",
)
"""Where the text about the company begins (rule 30); the rest is not read."""


def strip_boilerplate(text: str) -> str:
    """The text before its boilerplate."""
    match = BOILERPLATE.search(text)
    return text[: match.start()] if match and match.start() > 0 else text


def is_no_news(title: str, text: str, source_kind: str) -> bool:
    """Whether the kind of text rules out news (rules 1, 3, 25, 29, 30)."""
    if source_kind == "page_diff":
        return bool(PAGE_CHROME.search(f"{title} {text}"))
    return bool((TITLES.search(title) or TEXTS.search(text)) and not STRONG_ANYWAY.search(text))
