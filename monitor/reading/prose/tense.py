"""Done or planned, news or background: what the words around an act say about it (decision rules 1 and 2)."""

import re
from datetime import date, timedelta

from monitor.vocabulary.dates import ANY_MONTH, NEWS_AGE, month_number

_MONTH = rf"(?:{ANY_MONTH})"

DONE, PLANNED, DENIED, CONDITIONAL, RETOLD, OPINION = "done", "planned", "denied", "conditional", "retold", "opinion"
"""How an act is meant. Only what is done is news; the rest is kept as a feature of the reading."""

HEDGE = re.compile(
    r"\b(?:either|before|until|could|might|"
    r"(?-i:may)(?! (?:now )?(?:go on sale|be (?:sold|marketed|used|taken|placed|given|"
    r"prescribed)|sell|proceed|"
    r"resume|no longer|not (?:proceed|start|begin|resume|be (?:sold|used))|begin|start))|should|"
    r"(?<!it )would(?! not)|(?<=it )would (?=be\b|need|have|then|also)|"
    r"plans? to|planned(?! (?:interim|analysis))|planning|intends?|intend|aims?|aiming|hop(?:es?|ing)|expect(?:s|"
    r"ed|ing)?|anticipat\w+|"
    r"want(?:s)? to|prepar(?:es?|ing)|on track|"
    r"await\w*|pending (?=approval|decision|review|FDA)|ahead of|(?<!on )(?<!sked )whether|why|if|unless|in case|"
    r"likely|unlikely|"
    r"possibl[ye]|potential(?:ly)?|propos\w+|consider(?:s|ing)?|"
    r"promise[sd]?|urge[sd]?|calls? (?:on|for)|petition|must(?! (?:leave|carry|bear|warn|confirm|still|now|prove))|"
    r"yet to|set to|"
    r"ready to|eyes|eyeing|mulls?|weigh(?:s|ing)|looks? to|on course|soon|upcoming|"
    r"racing to|to (?:seek|file for|apply for)|files? for|looking to|"
    r"shot at|closer to|in line for|up for|quest for|push for|bid for|"
    r"reconsider\w*|re-?evaluat\w*|rethink\w*|"
    r"tomorrow|forecast\w*|predict\w*|bets?|betting|rumou?r\w*|believe[sd]?|odds|hints?|seek(?:s|ing)? to|ask(?:s|"
    r"ed)? (?:the )?\w+ to (?:approve|clear|lift)|request(?:s|ed)? (?:that|for)|"
    r"wish\w*|debate|guess\w*|speculat\w*|suppose\w*|would-be|candidate for|hopefuls?|to be (?:approved|submitted|"
    r"filed|published|presented|shown)|due (?:to|by|in|on)|look forward|"
    r"next (?:week|month|year|quarter|spring|summer|autumn|fall|winter)|later this year|lean(?:s|ing)|argu(?:es|"
    r"ed)|warns? that|claims?|stands? ready|sees approval|threatens?)\b",
    re.I,
)
IF = re.compile(r".*\b(?:if|unless|whether|in case|before|until)\b", re.I)
THINK = re.compile(
    r"(?:forecast|predict|bet|rumou?r|believe|odds|likely|unlikely|should|debate|guess|speculat|suppose|argu|claim|lean|wish|"
    r"warn|sees|urge|call|hint)",
    re.I,
)
"""Hedges that set a condition, and those that tell what somebody thinks; the others plan."""
MAY = re.compile(
    r"\b(?:(?-i:may)(?! (?:not|no longer))|could(?! not)|might(?! not)|expected to|plans? to|intends? to)\b", re.I
)
"""Hedges that stand inside words which say no by themselves."""
FUTURE = re.compile(r"\b(?:will|shall|to be|is to|are to|going to|would)\b", re.I)
HEADLINE = re.compile(r"(?:[A-Z][\w'&.-]*,? )+to $")
"""A name and a bare infinitive: how headlines say that somebody will."""
NEGATED = re.compile(
    r"(?:\b(?:not|never|no|without|neither|nor|denies|denied|deny|false|contrary|yet|cannot|hoax|fake)\b|"
    r"n['’]t\b)[^,;]{0,30}$",
    re.I,
)
AFTER_HEDGE = re.compile(
    r"^(?:(?! and |[.;,]).){0,40}?\b(?:is|are|was|were|remains?) (?:still )?(?:expected|likely|unlikely|planned|"
    r"possible|due|anticipated|pending|awaited|hoped|scheduled|uncertain)\b"
    r"|^[^.;,]{0,25}?\bif\b|^ (?:next (?:week|month|year|quarter|spring|summer|autumn)|in the (?:second|first) half)",
    re.I,
)
PAST = re.compile(
    r"\b(?:(?:previously|formerly)(?! (?:(?:known|called|named|referred to)\b|(?-i:[A-Z]{1,6}[- ]?\d)))"
    r"(?<!formerly(?= (?-i:[A-Z])))|in the past|in recent years|"
    r"(?:currently|already|initially) (?:approved|licen[sc]ed|authori[sz]ed)|"
    r"over the (?:past|last)|so far|for (?:years|decades)|"
    r"last (?:year|month|autumn|spring|summer|winter|fall|quarter)(?:['’]s)?|"
    r"years? ago|decades? ago|months ago|"
    rf"since (?:(?:19|20)\d\d|{_MONTH})|originally|remember\w*|recall(?:ed|s) (?:the|how|that)|"
    r"looks? back|a look back|earlier (?:that|in) |"
    r"had (?:already |earlier |once |first )?(?:been|won|got|met|sent|put|set|begun|told|gone|taken|given|\w+ed)|"
    r"(?:in|during|of) the (?:1980s|1990s|2000s|2010s)|back in|years? (?:since|on)\b|(?:year|months|weeks|"
    r"decade) after (?:its |the |their )?(?:\w+ )?(?:approval|launch|decision|licen)|once (?:voted|worked|led|won|"
    r"rejected|approved|refused)|anniversary|history of|noted|again noted|were? first|(?:was|were) once)\b",
    re.I,
)
RELATIVE = re.compile(
    r"(?:, (?:which|who|that|where|when|whose)\b|, (?:first |already |long |now )?(?:approved|licen[sc]ed|"
    r"authori[sz]ed|cleared|sold|marketed|withdrawn|rejected|published|launched|granted)\b|\((?=[^)]*$)|"
    r"\bthat (?:was|were|had|won|has been)\b|"
    r"\bthe (?:maker|developer) of\b|\bwho\b|\bfollowing\b|"
    r"\b(?:years?|months|decades?) after\b|\bafter (?:last|the|an?|its) (?!FDA|EMA|MHRA|agency|"
    r"regulator|Commission|interim|confirm|"
    r"unblind|review|re-?examin|trial|study|safety|inspect|toxic|two|death|report))[^,;]*$",
    re.I,
)
LATELY = re.compile(
    r"\b(?:today|yesterday|(?:earlier |later )?this (?:week|morning|afternoon)|last night|"
    r"(?:on |late |early |last )(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)\b",
    re.I,
)
"""Words by which an aside tells news: "Galafold, which on Wednesday got full approval"."""
ANOTHER = re.compile(
    r" ?(?:(?:an?other|other) (?!has\b|had\b|is\b|was\b|will\b)|"
    r"an? (?:earlier|previous|separate|different|rival|competing|older|second company)\b|"
    r"(?:two|three|four|several|some|many|both) (?:earlier|other|previous|rival|older|competing)\b)"
    r"(?!(?:\w+ )?(?:setback|blow|win|success|victory|step))",
    re.I,
)
"""How a clause begins whose subject is another medicine or company than the one the item is about."""
PERFECT = re.compile(
    r"\b(?:has|have)(?: (?:now|since|also|just|voluntarily|\w+ly))* (?:been |\w+(?:ed|en|wn|nt|un|ut)\b)", re.I
)
WIDELY = re.compile(r"\b(?:countries|markets|jurisdictions|patients worldwide|therapies|medicines|products)\b", re.I)
"""The tense of what was done of late and holds, and words of what has been done in many places or for many things."""
SOME_MONTH = re.compile(rf"\b(?i:in|since|of|on|early|late|mid) (?:early |late |mid-?)?({_MONTH})\b(?!,? ?\d)")
"""A month without day or year, however it is told."""
COMPOUND = re.compile(r"[\w.]+-(?:approved|cleared|licen[sc]ed|authori[sz]ed|rejected|recommended)$", re.I)
HYPHENED = re.compile(r"\b[A-Z][\w.]*-(?:approved|cleared|licen[sc]ed|authori[sz]ed)\b", re.I)
APPROVED_THING = re.compile(
    r"\b(?:FDA|EMA|EU|US|EC)[- ]approved (?:tests?|drugs|medicines|treatments|therapies|products|label|doses?|uses)\b"
)
APPOSED = re.compile(r"[\w)®™\"'](?:,| -| –) (?:first |already |long |now |also |which was |and )?$")
PARTICIPLE = re.compile(
    r"(?:approved|cleared|licen[sc]ed|authori[sz]ed|granted|withdrawn|rejected|sold|marketed)\b", re.I
)
APPOSITION = re.compile(
    r"[\w)®™\"'],(?: first| already| long| now)? (?:approved|cleared|licen[sc]ed|authori[sz]ed)\b[^,;]{0,60}, "
    r"(?:will|is|are|was|has|had)\b"
)
"""An act told as a mark of the medicine: "FDA-approved", "the drug, approved by the FDA in two uses, will be shown"."""
YEAR = re.compile(r"\b(?:in|since|of|on|from|during|by)? ?(?:(?:early|late|mid-?) ?)?((?:19|20)\d\d)\b")
MONTH_YEAR = re.compile(rf"\b(?:(\d{{1,2}}) )?({_MONTH})(?: (\d{{1,2}})(?:st|nd|rd|th)?)?(?:,? ((?:19|20)\d\d))?\b")
ISO_DAY = re.compile(r"\b20\d\d-\d\d-\d\d\b")
IN_MONTH = re.compile(
    rf"(?<!\bdue )(?<!\bexpected )(?<!\bdecision )(?<!\bset )\b"
    rf"(?:in|since) (?:early |late |mid-?)?({_MONTH})\b(?!,? ?\d)"
)
"""A month without day or year."""
BARE_MONTH = re.compile(rf"^[^,;]{{0,30}}\b(?:in|since) (?:early |late |mid-?)?{_MONTH}\b(?! \d)")
"""A month without day or year beside an act of unknown day: more often a story than an announcement."""
_ACTS = (
    r"(?:(?:approv|reject|refus|clear|back|recommend|endors|declin|adopt|grant|lift|halt|suspend|withdraw|turn|fail|miss)"
    r"(?:s|es)|denies)"
)
"""Verbs of headlines, in the present: a participle behind a comma is no clause of its own."""
BOUNDARY = re.compile(
    r"[;:–—]|,? but |, (?:and|while|although|as|because|so)\b | while | whereas | although | though | because |"
    r" so that | since the | and (?=(?:has|was|is|plans|expects|will|it|the|issued|sent) )|"
    rf"(?: and|,) (?={_ACTS}\b)| as (?=(?:(?:the |an? )?[A-Z][\w.'-]* )(?:\w+ ){{0,2}}{_ACTS}\b)|"
    r" on (?:the )?same day(?: that)? |"
    r", (?=(?:[A-Z][\w'’&.-]*|it|the (?:company|sponsor|maker|agency))(?: [A-Z][\w'’&.-]*){0,2} "
    r"has (?:\w+ly )?\w+(?:ed|n|t)\b)|"
    r", (?=(?:[\w'’-]+ ){0,3}(?:decision|verdict|ruling|opinion|review|vote|launch|filing|data|results|readout)s? "
    r"(?:is |are )?(?:due|expected|pending|awaited|to (?:follow|come)|next|later|still|set|planned)\b)"
)
"""Where one clause ends and the next begins, also one that leaves its subject out ("backs X, rejects Y"), or tells what
is to come ("approves X, Japan decision due in June")."""


def clause(text: str, start: int, end: int) -> tuple[int, int]:
    """Where the clause around an act begins and ends."""
    left = max((m.end() for m in BOUNDARY.finditer(text) if m.end() <= start), default=0)
    right = next((m.start() for m in BOUNDARY.finditer(text, end)), len(text))
    return left, right


def modality(
    text: str, start: int, end: int, published: date | None, *, future_counts: bool = False, negative: bool = False
) -> str:
    """How the act between `start` and `end` is meant; `negative`: its own words say no and deny nothing."""
    left, right = clause(text, start, end)
    before, inside, after = text[left:start], text[start:end], text[end:right]
    if not negative and NEGATED.search(before):
        return DENIED
    if hedge := HEDGE.search(before) or (None if negative else HEDGE.search(inside)):
        return CONDITIONAL if IF.match(hedge[0]) else OPINION if THINK.match(hedge[0]) else PLANNED
    if negative and MAY.search(inside):
        return PLANNED
    if late := AFTER_HEDGE.match(after):
        return CONDITIONAL if IF.search(late[0]) else PLANNED
    future = FUTURE.search(before) or HEADLINE.match(before) or (FUTURE.search(inside) and not negative)
    future = future or inside.startswith("to ")
    if future and not future_counts:
        return PLANNED
    if ANOTHER.match(text[left:]) or COMPOUND.match(inside) or (APPOSED.search(before) and PARTICIPLE.match(inside)):
        return RETOLD
    if HYPHENED.search(text, max(0, start - 12), end) or APPROVED_THING.search(text, start, right):
        return RETOLD
    if APPOSITION.search(text, left, right):
        return RETOLD
    return RETOLD if _is_background(text, start, end, published, coming=bool(future)) else DONE


def _is_background(text: str, start: int, end: int, published: date | None, *, coming: bool) -> bool:
    """Whether the act is told as something past: by a date more than 90 days old, or by words. The month of what is
    `coming` is the next one."""
    left, right = clause(text, start, end)
    around = text[left:right]
    if published is None and BARE_MONTH.search(text[end:right]) and not re.search(r"\btoday\b", around):
        return True
    if published and not coming and (month := IN_MONTH.search(around)) and _long_ago(month_number(month[1]), published):
        return True
    aside = RELATIVE.search(text, left, start)
    if not _beside_lately(text, start, end) and (
        PAST.search(around) or (aside and not LATELY.search(text, aside.start(), right))
    ):
        return True
    return any(_is_old(day, published) for day in dates_in(around)) and not _recent(around, published)


def _beside_lately(text: str, start: int, end: int) -> bool:
    """Whether a day of these stands right beside the words of the act: "on Wednesday got approval"."""
    before = max((found.end() for found in LATELY.finditer(text, 0, start)), default=-1)
    after = LATELY.search(text, end)
    gaps = [text[before:start]] if before >= 0 else []
    return any(len(gap.split()) < 2 for gap in [*gaps, *([text[end : after.start()]] if after else [])])


def told_of_late(text: str, start: int, end: int, published: date | None) -> bool:
    """Whether the words of an act say that it was done of late: "has been paused", "in April" where May begins."""
    left, right = clause(text, start, end)
    if PERFECT.search(text, left, end) and not WIDELY.search(text, left, right):
        return True
    months = [month_number(found[1]) for found in SOME_MONTH.finditer(text, left, right)]
    return published is not None and any(not _long_ago(month, published) for month in months)


def _long_ago(month: int, published: date) -> bool:
    """Whether the last such month before this day ended too long ago to be news."""
    year = published.year if month <= published.month else published.year - 1
    return date(year, month, 28) < published - NEWS_AGE


def tells_of_past(text: str, published: date | None) -> bool:
    """Whether a whole sentence looks back."""
    return bool(PAST.search(text)) or any(_is_old(day, published) for day in dates_in(text))


def names_old_day(text: str, published: date | None) -> bool:
    """Whether a sentence names a year or day that was news before; of a text without date nothing is known."""
    return published is not None and any(_is_old(day, published) for day in dates_in(text))


def names_new_day(text: str, published: date | None) -> bool:
    """Whether a sentence names a day that is news."""
    return any(not _is_old(day, published) for day in dates_in(text) if day.count("-") == 2)


def names_new_month(text: str, published: date | None) -> bool:
    """Whether a sentence names the month of publication, or the one before, with its year."""
    if published is None:
        return False
    before = published.replace(day=1) - timedelta(days=1)
    return any(day in (f"{published:%Y-%m}", f"{before:%Y-%m}") for day in dates_in(text))


def _recent(text: str, published: date | None) -> bool:
    return names_new_day(text, published) or bool(re.search(r"\btoday\b", text, re.I))


def _is_old(day: str, published: date | None) -> bool:
    if published is None:
        return day.count("-") < 2  # an exact day belongs to an announcement, a bare year to a story
    parts = [int(part) for part in day.split("-")]
    last = date(parts[0], 12, 31) if len(parts) == 1 else date(parts[0], parts[1], parts[2] if len(parts) == 3 else 28)
    if len(parts) == 1 and parts[0] == published.year:
        return False
    return last < published - NEWS_AGE


def dates_in(text: str) -> list[str]:
    """The dates with a year that a text states, as precise as told: `2024-09-29`, `2024-09`, `2024`."""
    dates, spans = [], []
    for match in MONTH_YEAR.finditer(text):
        if match[4]:
            spans.append(match.span())
            month = month_number(match[2])
            day = int(match[1] or match[3] or 0)
            dates.append(
                f"{match[4]}-{month:02d}-{day:02d}"
                if 1 <= day <= 28 or (day in (29, 30, 31) and month != 2)
                else f"{match[4]}-{month:02d}"
            )
    for match in YEAR.finditer(text):
        if (
            not any(s <= match.start(1) < e for s, e in spans)
            and not re.match(r"[-‐]\d{2,}|\d", text[match.end() :])
            and not text[: match.start(1)].endswith(("-", "/", "FDA-", "$"))
        ):
            dates.append(match[1])
    return dates
