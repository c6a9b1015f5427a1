"""Yes and no of a regulator: how they are told, to which type a yes goes, and what around them speaks against it."""

import re
from dataclasses import dataclass

from monitor.reading.prose.patterns import compiled, rows_of


def _pattern(text: str) -> re.Pattern[str]:
    made = compiled(text)
    assert made is not None
    return made


@dataclass(frozen=True, slots=True)
class Turn:
    """One way to tell a decision (`says` yes or no), by name. `weak`: a noun; `loose`: less sure than a sentence."""

    says: str
    name: str
    pattern: re.Pattern[str]
    weak: bool = False
    loose: bool = False


@dataclass(frozen=True, slots=True)
class Route:
    """To which type a yes goes where the pattern fits: in the whole `item`, or in its `news` alone."""

    type: str
    scope: str
    pattern: re.Pattern[str]


_ROWS = list(rows_of("decisions.rules"))


def _turns(side: str) -> tuple[Turn, ...]:
    return tuple(
        Turn(side.rstrip("."), id_.removeprefix(side), _pattern(text), weak="w" in flags, loose="l" in flags)
        for id_, flags, text in _ROWS
        if id_.startswith(side)
    )


YES, NO = _turns("yes."), _turns("no.")
"""Ways to tell a positive and a negative decision."""
TURNS = (*YES, *NO)
ROUTES = tuple(Route(id_, scope, _pattern(text)) for id_, scope, text in _ROWS if "." not in id_)
"""Where a yes goes; after these comes plain `approval`."""


OTHER_OBJECT = _pattern(
    r"(?:approv\w+|clear\w*|authori[sz]\w+|accept\w*|green[- ]?light\w*|go-?ahead|nod|lets?|allow\w*|"
    r"okay\w*) ~(?:\btrial|\bstudy|\bIND\b|\bCTA\b|\bprotocol|investigational new drug|"
    r"to (?:import|supply|buy|acquire|merge)|clinical trial application|to (?:begin|start|test|dose|enter)|"
    r"(?:supply|imports?|importation|shipments?|release|sale) of (?:an? )?"
    r"(?:unlicensed|unregistered|unapproved|foreign|overseas|stocks?|lots?|batch|\w+ in foreign packs)|"
    r"(?:temporary|exceptional|emergency|parallel) (?:imports?|importation|supply)|"
    r"investigational|testing)\b|"
    r"(?:trial|study|IND|CTA|protocol) (?:is |was |has been |were )?(?:cleared|"
    r"approved|authori[sz]ed|accepted|green-?lit)|may proceed|clinical trial application"
)
"""What an authority allows that is no medicine: a trial, or a foreign pack while one's own is short."""
BEFORE_THING = (
    r" (?:(?:an?|the|its|their|to) )?(?:(?!(?:after|amid|and|as|but|by|despite|following|for|in|of|on|or|over|to|while|"
    r"with)\b)(?-i:[a-z][\w-]*) ){0,3}"
)
"""What may stand between a decision and the thing that it is about, and names no medicine."""
OTHER_THING = _pattern(
    rf"(?:approv\w+|clear\w*|authori[sz]\w+|accept\w*|green[- ]?light\w*|okay\w*|grant\w*){BEFORE_THING}"
    r"(?:plan (?:for|to)|takeover|merger|change of (?:sponsor|name)|name change|shelf[- ]life|"
    r"(?:plant|site|facility) (?:for|of)|(?:leaflet|suffix|training|survey|guideline|petition|complaint|documents?) "
    r"(?:about|on|for|of)|fee (?:waiver|reduction)|"
    r"(?:(?:label|labell?ing) changes?|changes (?:to|in) (?:the |its )?(?:\w+ )?label\w*)"
    r"(?!.{0,80}\b(?:add|includ|expand|extend|wid|broad|new (?:use|indication))))"
)
REFUSED_OTHER = _pattern(
    rf"(?:reject\w*|refus\w+|den(?:y|ies|ied)|declin\w+|turn\w* down){BEFORE_THING}"
    r"(?:complaint|petition|fee|waiver|document|disclos\w+|request for (?:information|comment)|claim)s?\b"
)
"""Things besides medicines that an authority allows, and that it turns down."""
OTHER_ACTOR = _pattern(
    r"\b(?:hospitals?|ethics|insurers?|court|judges?|jury|shareholders?|stockholders|council|board of directors|"
    r"university|parliament|congress|senat\w+|(?-i:SEC)\b|patent|charity|school|"
    r"Nasdaq|analysts?|bank|mayor|landlord|planning|college|institute without|lawmakers|petition|"
    r"professional society|directors|donor|audit committee|owner|landlord|investors|traders|posters|forum)\b"
)
"""Rule 3: those who approve and reject other things, or nothing at all."""

DEVICE = _pattern(
    r"(?<!and medical )\bdevices?\b|implants?\b|stimulators?\b|510\(k\)|\bPMA\b|premarket approval|de novo|"
    r"CE[- ]mark|\bpumps?\b|"
    r"blood test|\btests? for\b|\bassay\b|diagnostic|software|\bapp\b|"
    r"scanner|hearing aid|exoskeleton|prosthe\w+|\bglove\b|catheter|\bstents?\b|heart valve|contact lens|"
    r"reservoirs?\b|bionic|robot\w*|mammogra\w+|(?<!immune )(?<!nervous )(?<!delivery )\bsystem\b|reagents?|\btool\b|"
    r"morcellat\w+|laser|"
    r"ultrasound|telescope|balloon|tissue (?:valve|matrix)|\bsensors?\b|respiratory panel|mini panel|"
    r"skin tighten\w+|drug import\w*|"
    r"import(?:ation|s)\b|(?:antibody|genetic|rapid|home|DNA|PCR|covid-19) tests?\b|"
    r"ventilators?\b|smartphone|headset|wearable|monitor for|eye[- ]?track\w*"
)
"""Rule 11: devices and tests. A named medicine beside them may still be one. Not the "and Medical Devices" in the names
of agencies."""

NO_MEDICINE = _pattern(
    r"(?<!human and )veterinar\w*|\bdogs?\b|\bcats?\b|cattle|canine|feline|horses?|animals only|backlog|"
    r"livestock|poultry|pets?\b|"
    r"\bpigs?\b|salmon|zoetis|elanco|acupuncture|tai chi|yoga|sunscreens?|sunlamps?|tanning|"
    r"tick tablet|CVMP|\bfood\b(?! and drug)|infant formula|baby formula|spinach|"
    r"(?:(?:pest|herb|insect|fung|rodent)i|bio)cides?\b|glyphosate|weedkiller|"
    r"wheat|\bcrop|tobacco|"
    r"nicotine\b(?! (?:patch|gum|lozenge|inhal|replacement|oral|mouth|nasal|spray))|"
    r"vape|cosmetic|filler\b|patent|\bstudents?\b|pharmacy licen|liquor|merger|"
    r"settlement|budget|"
    r"ACIP|immuni[sz]ation advi\w+|travellers|booster schedule|radiology|algorithm|\bAI\b|trial protocol|pension"
)
QUALITY = _pattern(
    r"\b(?:plant|factory|contract manufacturer|sites?|filling line|manufacturing (?:site|plant|process|facility|line)|"
    r"facility|shelf life|storage|fridge|packaging|pack size|cap colour|supplier|"
    r"export certificate|certificate|labell?ing of|proprietary name|brand name(?! (?-i:[A-Z]))|product name|carton|"
    r"months of storage|production line|warehouse)\b"
)
"""Rule 11: devices, animals, food; sites, storage and other quality changes."""

# What stands around a decision

NAMES_AGENCY = _pattern(r"<REG>|(?-i:EC|UK|Japan|China|Canada|Korea|Britain|Europe|Swiss|Australia)")
NAMES_DECISION = re.compile(
    r"\b(?:approv(?:es?|ed|al)|approvals|authori[sz](?:es?|ed|ations?)|licen[cs](?:es?|ed|ing)|registered|registrations?|clears?|"
    r"cleared|grants?|granted|notices? of compliance|decisions?|opinions?|refus\w+|reject\w*|revo[ck]\w*|withdraw\w*|"
    r"recalls?|recalled|shortages?|alerts?|warnings?|holds?|round-?ups?)\b",
    re.I,
)
"""How a regulator heads the rows of its lists of decisions."""
NOT_YET = re.compile(r"\b(?:not|never|cannot|before|until|unless|neither)\b|n['’]t\b", re.I)
"""Inside a way of YES: the yes was not given."""
LICENSED_OUT = re.compile(r"\blicen[sc](?:es|ed|ing)\b (?:\S+ ){0,6}(?:from|to|for up to)\b", re.I)
"""A licence between companies."""
DENIES = re.compile(r"\b(?:den(?:y|ies|ied)|untrue|false|rumou?rs?|not (?:yet )?received|not receive)\b", re.I)
NOT_REFUSED = re.compile(
    r"(?:\b(?:not|never|nor|neither)|n['’]t)(?: (?:yet|ever|been|be|being|so far|in fact|have|has|had|\w+ly))* "
    r"(?:reject\w*|refus\w*|declin\w*|turn\w* (?:it |them |the drug )?(?:down|away)|spurn\w*|snub\w*|rebuff\w*|"
    r"den(?:y|ied)|knock\w* back|block\w*|veto\w*|nix\w*)",
    re.I,
)
"""A no that was not said: "had not rejected", "never refused"."""
PAYS = _pattern(r"<PAYER>")
REGULATOR_WORDS = re.compile(
    r"complete response|\bCRL\b|NO[ND]-W|approvable|non-compliance|licen[cs]|approv|authori[sz]|drug application", re.I
)
LABORATORY = re.compile(
    r"\b(?:mice|mouse|monkeys?|rats?|zebrafish|in vitro|cell cultures?|animal (?:stud|model|data))\b", re.I
)
HUMAN_REASON = re.compile(r"\b(?:hold|halt\w*|stop\w*|paus\w*|suspend\w*|warning|label|FDA|EMA)\b", re.I)
"""Animal findings announce nothing, unless they are the reason of an act."""
NO_NEW_APPROVAL = _pattern(
    r"\b(?:<TAKE>|withdraw\w*|revok\w*|annul\w*|cancel\w*|laps\w*|expir\w*|disagree\w*|welcom\w*|hail\w*|wants?|"
    r"demand\w*|renew\w*|protest\w*|hopes?|await\w*|"
    r"prospects?|fears?|cheer\w*|"
    r"reacts?|odds|coin|chances?|doubt\w*|"
    r"divid\w*|holders?|after|since|before|without|under (?:their|its|a)|their|critici\w*|praise\w*|"
    r"defend\w*|debate\w*|"
    r"beyond|what|next|seek\w*|"
    r"up for|pending|unlikely|recommend\w*|panels?|advis\w+|challeng\w*|question\w*|crucial|closer|bid|"
    r"appl(?:y|ies)|means?|end(?:s|ed)? of|way to|path to|toward)\b"
)
"""Words beside the noun "approval" that speak of another approval than one just given."""
DESCRIBED = re.compile(r"\b(?:was|were|is|are) (?:first |fully )?(?:approved|authori[sz]ed|licen[sc]ed|cleared)\b")
"""On a page, how a medicine is described; news there says "has been", "today" or gives a date."""
ORIGINAL = re.compile(r"\bORIG-?\d|new molecular entity|new active substance", re.I)
"""Words by which a register says that an application is the first one."""
PLANS = re.compile(
    r"\b(?:plan(?:s|ned|ning)?|intends?|expect(?:s|ed)?|aims?|hopes?|prepar(?:es?|ing)|set|due|seeks?|on track|wants?)"
    r" to \w+|\bwill (?:\w+ )?(?:submit|file|seek|start|begin|initiate|launch|apply|present|decide|vote|review)\b|"
    r"\b(?:if|once|until|before|ahead of) (?:\w+ )?(?:approv|authori[sz])\w*|"
    r"\bawait\w*|\blikely to\b|\btrial plan\b|\bmay (?:be|soon)\b",
    re.I,
)
UNDECIDED = re.compile(r"\b(?:lean(?:s|ed|ing)? (?:towards?|against)|mull(?:s|ed|ing)?|no intention (?:to|of))\b", re.I)
"""Words of who has not made up his mind, or has it against an act."""
COMING = re.compile(
    r"\b(?:selected|accepted) (?:for|as)\b|\b(?:to|will) (?:be )?(?:\w+ )?(?:present(?:ed)?|featured?|highlight(?:ed)?|"
    r"shared?)\b|late-breaking abstract|data cleaning|IND-enabling|\bpre-?clinical\b",
    re.I,
)
OUTCOME = re.compile(
    r"\b(?:show(?:s|ed|n|ing)?|(?:demonstrat|improv|reduc|increas|well[- ]tolerat|favou?rabl|promis|significan|"
    r"achiev|encourag|sustain|benefi|respon|posit|negat)\w+|safe|supports?|met|miss(?:es|ed)|fail(?:s|ed)|durable)\b",
    re.I,
)
"""Words that data will be shown, and words that say what they are."""

UNLICENSED = re.compile(
    r"\b(?:not|never|nor) (?:yet |been |currently )*(?:approved|authori[sz]ed|licen[sc]ed|cleared) "
    r"(?:for (?:use|sale|marketing) |for any \w+ )?(?:in|by|anywhere|for)\b(?! the (?:FDA|EMA|MHRA))|"
    r"\b(?:safety|efficacy) (?:and \w+ )?(?:has|have) not been (?:established|evaluated)",
    re.I,
)
"""Words that say of a medicine what it is, and of nobody that he refused it."""
ADVICE = re.compile(r"\b(?:recommend\w*|advis\w+|opinion|votes?|voted|backs?|backed|endors\w+|urges?|urged)\b", re.I)
FAVOURS = re.compile(r"\b(?:approv|back|recommend|endors|clear|support|grant|favou?r)\w*", re.I)
"""Words by which advice is given, and words by which it goes for a medicine (`which_way.AGAINST`: against it)."""
DIGEST = re.compile(
    r"\b(?:meeting highlights|highlights from|minutes of|outcomes? of (?:the )?(?:\w+ ){0,3}meeting|round-?up|"
    r"(?:weekly|monthly|daily) (?:summary|update|digest)|new approvals|latest decisions)\b",
    re.I,
)
"""How a regulator heads a text that tells everything it has done at a meeting or in a week."""

# Words around readouts and studies

LATE = re.compile(
    r"\b(?:phase (?:3|III|2/3|2b/3|IIb)|late[- ]stage|pivotal|registrational|confirmatory|phase-?3)\b", re.I
)
EARLY = re.compile(
    r"\b(?:phase (?:1|I|1b|Ib|1/2|I/II|2a|IIa)\b|early[- ](?:stage|phase)|first[- ]in[- ]human|mid-?stage|"
    r"phase (?:2|II)\b|open[- ]label|extension|long[- ]term|interim|preliminary|pilot)",
    re.I,
)
"""Words for how far a trial is."""
GOAL = re.compile(r"\b(?:primary|main|co-?primary) (?:\w+ )?(?:endpoint|goal|outcome|objective|aim)", re.I)
OBSERVED = re.compile(
    r"\b(?:study (?:finds|shows|suggests|says|confirms)|(?:linked|tied) to|associated with|"
    r"may (?:\w+ )?(?:help|boost|reduce|cut|raise|lower|improve|prevent|protect|slow)\w*|could (?:\w+ )?\w+|"
    r"researchers?|scientists?|survey|records|database|cohort|population|review of|mice|"
    r"meta-analysis|health officials)\b",
    re.I,
)
"""Words of studies that try no medicine on anybody."""
SHARES = re.compile(r"\b(?:shares?|stocks?|analysts?|investors?|IPO|sales|earnings|revenue|market|\$\d+)\b", re.I)
SPOKEN = re.compile(r"[\"“”].*\b(?:said|says|told)\b|\b(?:said|says|according to)\b", re.I)
JOURNAL = re.compile(r"\b(?:journal|lancet|nejm|jama|published|nature medicine)\b", re.I)
