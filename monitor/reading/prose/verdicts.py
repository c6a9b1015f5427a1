"""Which kind of yes or no a regulator gave: the routes of the authorisation family, in order of priority."""

import re

from monitor.reading.prose.patterns import compiled


def _pattern(text: str) -> re.Pattern[str]:
    made = compiled(text)
    assert made is not None
    return made


YES = tuple(
    _pattern(text)
    for text in (
        r"<REG>\b~\b<APPROVE>\b",
        r"(?:gave|gives) ~<YES>|label ~(?:grows|widened|broadened|enlarged)|"
        r"(?:in|on|to|joins) the (?:\w+ )?(?:ARTG|register)\b|"
        r"on (?:the )?(?:Australian|Swiss|Japanese|Chinese) (?:register|list)|(?:switches|switch) ~over-the-counter",
        r"\b<APPROVE>\b ~\b(?:by|in|for|as|on|across|to be (?:sold|marketed)|throughout|under|from the|"
        r"with conditions)\b",
        r"\b(?:is|was|were|are|been|now|be|being) (?:also |now |newly |fully |formally |conditionally |finally |"
        r"provisionally )*(?:approved|authori[sz]ed|licen[sc]ed|cleared|registered)\b",
        r"<GET>\b~\b<YES>\b",
        r"<GIVE>\b~\b<YES>\b",
        r"^(?:\S+ ){0,6}(?:approval|nod|go-ahead|green light|clearance|licen[cs]e|authori[sz]ation|yes|"
        r"yes from)\b ?(?:for|to|of|in|from)?\b(?! (?:application|process|date|decision|letter|"
        r"of the \w+ recalled))",
        r"(?:says?|said|saying) yes to|(?:gives|gave) (?:its |the |their )?(?:consent|blessing|assent|all-clear|"
        r"OK|okay)",
        r"(?:may|can) (?:now )?be (?:sold|marketed|used|taken|prescribed|placed|offered|given|supplied)|"
        r"(?:FDA|MHRA|agency|regulator) (?:now )?(?:allows|allowed|permits|permitted) \S+ (?:as|for|alone|in) |"
        r"label ~now (?:includes|covers)|(?:earns|gets|wins|gains) (?:an? )?(?:\w+ ){1,3}claim\b|"
        r"is a go in|makes? it past (?:the )?(?:FDA|EMA|regulators?)|(?:wins?|won) over (?:the )?(?:FDA|EMA|"
        r"regulators?)|"
        r"(?:FDA|EMA|regulatory|EU|US) (?:win|victory|success)\b|has given \S+ its (?:stamp|seal)|"
        r"(?:permits?|permitted|allows?|allowed) (?:the )?sales? of|(?:may|can) (?:now )?go on sale|"
        r"may (?:now )?(?:also )?(?:sell\b|treat\b)|let onto the market|(?:lets?|allow(?:s|ed)?|permit(?:s|"
        r"ted)?) ~(?:onto|on to|on|"
        r"to) the market|\bmay sell\b|allowed to sell|now sell|(?:lets?|allow(?:s|ed)?) (?:doctors|pharmacies|use|"
        r"the company|emergency|sale)|placed on the (?:EU |US )?market|allowed for (?:emergency )?use|"
        r"(?:allow(?:s|ed)?|permit(?:s|ted)?|authori[sz]\w+|let(?:s)?|prescribe|use[sd]?|supply|clear\w*|"
        r"issue[sd]?|grant\w*) ~(?:\bEUA\b|emergency)",
        r"status:? AP\b|action type: approval|\bNOC/c\b|\bORIG-\d|status:? (?:authori[sz]ed|approved)|"
        r"notice of compliance|submission status: AP|supplement ~approved",
        r"(?:put|added|entered|placed|included) ~(?:on|to|in) (?:its |the )?(?:list of newly authori[sz]ed|"
        r"register of therapeutic)|enters? the register",
        r"becomes? (?:the )?(?:first|second|only|fully approved|newest|latest|third)|first (?:treatment|drug|"
        r"medicine|therapy|pill) ~(?:reaches|for ~ (?:approved|cleared|authori))|reaches (?:the )?\w+ (?:market|"
        r"patients)|has ~(?:green light|approval|licen[cs]e)|clear(?:s|ed)? ~(?:FDA|hurdle|the agency)|"
        r"passes ~(?:hurdle|FDA|regulator)|gets? its (?:long-awaited )?yes|made ~(?:permanent|standard)|"
        r"is conditional\b|\blook-alikes pass",
        r"(?:approved|cleared|authori[sz]ed|licensed|green-?lit|okayed)\b(?: \S+){0,3}$|^<REG>\b ~\bclears?\b|"
        r"^(?:\S+ ){0,4}(?:approved|cleared|authori[sz]ed|licensed)\b (?!by (?!the FDA|regul)|from|rights)|"
        r"(?-i:China|Japan|Britain|UK|Canada|Europe|Korea|Australia|India|Brazil|Switzerland|America|Tokyo|"
        r"Beijing|Ottawa|London|Washington)\b ~<APPROVE>\b|(?:FDA|EMA|US|EU|European|Japanese|UK|British|Canadian|"
        r"Chinese|regulatory|Commission) (?:yes|nod|OK|okay|go-ahead|green light|blessing|clearance|thumbs-up)|"
        r"opens? (?:the )?door (?:for|to)|passes muster|is first to (?:license|approve|clear|authori[sz]e)|"
        r"over the (?:finish |regulatory )?line|through in (?-i:[A-Z]\w+)",
        r"(?:widen\w*|broaden\w*|expand(?:s|ed)|extend(?:s|ed)?|add(?:s|ed)|enlarg\w+|won a wider) ~\b(?:label|"
        r"uses?|indication|licen[cs]e|approval|authori[sz]ation|population|form)\b|(?:second|new|further|third|"
        r"another|additional|wider|broader) (?:use|indication|label)|"
        r"(?:second|third|fourth|fifth|new|another) (?:FDA |US |EU )?(?:approval|use|disease|indication|cancer|"
        r"condition) (?:on|to|"
        r"in) ~label|moves into|(?<!open-)label (?:expansion|"
        r"extension|widened|broadened)|picks up ~use",
        r"(?:turn(?:s|ed)|convert(?:s|ed)|switch(?:es|ed)?|upgrad(?:es|ed)|replac(?:es|ed)|chang(?:es|ed)|"
        r"mov(?:es|ed)|transform\w*|earns|win[s]?|gets?|given|gains|made) ~\b(?:full|regular|traditional|standard|"
        r"permanent|a full one|regular one|unconditional|normal)\b|no longer (?:depends|on probation|conditional|"
        r"needs)|conversion to (?:full|regular)|convert(?:s|ed) ~approval|clearance upgraded|becomes fully approved",
    )
)
"""Ways to tell a positive decision."""

NO = tuple(
    _pattern(text)
    for text in (
        r"(?:FDA|EMA|EU|US|regulatory|Commission) (?:rejection|refusal|snub|rebuff|setback|thumbs-down|"
        r"knock-?back|rebuke)|(?:swats?|swatted) away|stiff-arms|"
        r"rejection letter|complete response(?: letter)?\b(?! rate)|\bCRLs?\b|not approvable|non-approvable|"
        r"notice of (?:non-compliance|deficiency)|\bNO[ND]-W\b|not ready for approval",
        r"<REG>\b~\b(?:reject(?:s|ed)|refus(?:es|ed|ing)|declin(?:es|ed)|turn(?:s|ed) (?:it |them |"
        r"the drug )?(?:down|away)|spurn(?:s|ed)|"
        r"snub(?:s|bed)|rebuff(?:s|ed)|den(?:ies|ied)|knock(?:s|ed) back|says? no|said no|(?:says?|"
        r"said) \S+ (?:is )?not ready|"
        r"(?:shut(?:s)?|slam(?:s|med)) (?:the )?door|pass(?:es|ed) on|cold shoulder|sho(?:o)?t(?:s)? down|"
        r"nix(?:es|ed)|balk(?:s|ed)|block(?:s|ed)|will not approve|"
        r"won['’]t approve|would not approve|did not approve|(?:can|could) ?not approve|unable to approve|"
        r"bar(?:s|red)(?! (?:use\b|him|her|them|\w+ from))|thumbs[- ]down|veto\w*|"
        r"withh\w+ (?:approval|its)|rejection|finds? ~(?:not approvable|insufficient)|says ~(?:falls short|"
        r"not approvable|cannot be approved)|ask(?:s|ed)? (?:\S+ ){0,2}for (?:one |an? )?(?:another|more|"
        r"additional|new) (?:trial|study))\b",
        r"\b(?:was|were|is|been|be|being) (?:not (?:approved|cleared|authori[sz]ed|licen[sc]ed)|rejected|refused|"
        r"turned down|declined|denied|spurned|rebuffed|knocked back)\b|(?:rejected|refused|turned down|denied|"
        r"rebuffed|declined|spurned) (?:by|in|at|for|over|again)\b|fails? to win (?:FDA |EU |US |"
        r"regulatory )?(?:approval|nod)|"
        r"no (?:from|to) (?:the )?(?:FDA|regulator|EU|agency)|(?:cannot|can not|could not) be (?:approved|"
        r"licen[sc]ed|authori[sz]ed)|declin(?:es|ed) to (?:license|approve|clear|"
        r"authori[sz]e)|\b(?:rejected|turned down|refused|spurned|rebuffed|"
        r"knocked back|"
        r"denied)$|(?:hears?|gets?|receives?|receiv\w+|"
        r"says?) (?:a |an )?(?:final )?(?:no\b|rejection|refusal|thumbs[- ]down)|denied (?:approval|a licen[cs]e)|"
        r"not cleared|rejection (?:for|of|letter)|refusal of (?:the )?marketing|formally declined",
    )
)
"""Ways to tell a negative decision."""

ROUTES = tuple(
    (type_, _pattern(text), scope)
    for type_, text, scope in (
        ("emergency_authorization", r"(?<!from )emergency|\bEUA\b", "news"),
        (
            "tentative_generic_approval",
            r"tentative|generic|\bANDA\b|biosimilars?|copy (?:of|in)\b|copycat|copies (?:approved|cleared|get|win|"
            r"allowed|pass)|look-?alikes?|interchangeable|"
            r"knock-?off",
            "news",
        ),
        (
            "full_approval_conversion",
            r"(?:turn(?:s|ed)?|convert\w*|switch\w*|upgrad\w*|replac\w*|conversion|chang(?:es|ed)|"
            r"transform\w*)\b[^|]{0,120}(?:accelerated|conditional|provisional|early|full|regular|traditional|"
            r"standard)|(?:full|regular|traditional|permanent|standard) (?:FDA |EU |US )?(?:approval|licen[cs]e|"
            r"authori[sz]ation|status)|made (?:permanent|standard|regular|full)|no longer (?:depends|on probation|"
            r"conditional)|"
            r"convert\w* (?:\w+ ){0,3}approval|early clearance upgraded|becomes fully approved|fully approved",
            "item",
        ),
        (
            "accelerated_approval",
            r"accelerated|conditional(?:ly)?\b|exceptional circumstances|\bNOC/c\b|with conditions|surrogate|"
            r"(?:fast(?:er)?|quick(?:er)?|speedy|expedited) (?:route|path|pathway|lane|track to market)|"
            r"provisional|narrow first nod|early approval|confirmatory (?:trial|study) (?:is |must|remains)|"
            r"must (?:still )?(?:confirm|prove)|hinges on (?:further|more)|subject to (?:further|confirm)|"
            r"time-limited approval|pending confirm",
            "news",
        ),
        (
            "label_expansion",
            r"(?:second|third|fourth) (?:\w+ )?approval|(?:new|second|third|further|additional|another|extra|"
            r"wider|broader|expanded|"
            r"extended) (?:\w+ )?(?:disease|cancer|condition|use|"
            r"indication|population|label|patients|group|form|dosage|version)|wid(?:er|ens?|ened|ening)|"
            r"broaden\w*|expand(?:s|ed|ing)?\b|extend(?:s|ed|ing)?\b (?:the |its |to |use|label|indication|licen)|"
            r"extension of (?:the )?(?:indication|label|use)|supplement(?:al)?\b|\bs(?:NDA|BLA)\b|type II|"
            r"younger (?:children|patients|ages)|down to (?:the age|\w+ months)|as young as|toddlers|now also for|"
            r"(?:subcutaneous|under-?skin) (?:form|version|formulation|use)|under-?skin form|(?:oral|liquid|"
            r"drinkable|swallowable|inhaled|injectable|new) (?:form|formulation|version|suspension)|(?:(?:long|"
            r"already|also|previously|now also) (?:sold|marketed|approved|used|authori[sz]ed|known|licensed|"
            r"cleared)|(?<!be )(?:(?:sold|marketed|used) (?:for|as|since|there)|known (?:for|since|there))|(?:sold|"
            r"marketed) (?:in \w+ )?since) |also (?:approved|cleared|authori[sz]ed|be )|may now also be prescribed|"
            r"label ~now (?:includes|covers)|monotherapy|claim\b|"
            r"as well\b|(?:disease|use|cancer|condition) on ~label|"
            r"(?:had been|so far|until now|hitherto) (?:limited|restricted|confined|reserved|only)|"
            r"now also|add(?:s|ed) [^|.]{1,60}? to ~(?:label|uses)|"
            r"\w+'s label|moves into|early(?:-stage)? breast|to stand beside|"
            r"first-line|earlier line|new formulation|auto-?injector|label grows|over-the-counter|"
            r"without prescription|on sale (?:for|since)|drinkable|"
            r"once-weekly version|infused",
            "item",
        ),
    )
)
"""After these comes plain `approval`. Rules 6 and 7: special pathway before new use, new use before first approval."""

REFUSED_USE = _pattern(r"supplement|label")

TRIAL_OBJECT = _pattern(
    r"(?:approv\w+|clear\w*|authori[sz]\w+|accept\w*|green[- ]?light\w*|go-?ahead|nod|lets?|allow\w*|"
    r"okay\w*) ~(?:\btrial|\bstudy|\bIND\b|\bCTA\b|clinical trial application|to (?:begin|start|test|dose|enter)|"
    r"investigational|testing)\b|(?:trial|study|IND|CTA|protocol) (?:is |was |has been |were )?(?:cleared|"
    r"approved|authori[sz]ed|accepted|green-?lit)|may proceed|clinical trial application"
)
OTHER_ACTOR = _pattern(
    r"\b(?:hospitals?|ethics|insurers?|court|judges?|jury|shareholders?|stockholders|council|board of directors|"
    r"university|parliament|congress|senat\w+|(?-i:SEC)\b|patent|charity|school|"
    r"Nasdaq|analysts?|bank|mayor|landlord|planning|college|institute without|lawmakers|petition|"
    r"professional society|directors|donor|audit committee|owner|landlord|investors|traders|posters|forum)\b"
)
"""Rule 3: those who approve and reject other things, or nothing at all."""

DEVICE = _pattern(
    r"\bdevices?\b|implants?\b|stimulators?\b|510\(k\)|\bPMA\b|premarket approval|de novo|CE[- ]mark|\bpumps?\b|"
    r"blood test|\btests? for\b|\bassay\b|diagnostic|software|\bapp\b|"
    r"scanner|hearing aid|exoskeleton|prosthe\w+|\bglove\b|catheter|\bstents?\b|heart valve|contact lens|"
    r"ventilator|smartphone|headset|wearable|monitor for|eye-?track\w*"
)
"""Rule 11: devices and tests. A named medicine beside them may still be one."""

NO_MEDICINE = _pattern(
    r"veterinar\w*|\bdogs?\b|\bcats?\b|cattle|canine|feline|horses?|animals only|backlog|livestock|poultry|pets?\b|"
    r"\bpigs?\b|salmon|"
    r"tick tablet|CVMP|\bfood\b(?! and drug)|infant formula|spinach|pesticide|weedkiller|"
    r"wheat|\bcrop|tobacco|nicotine|vape|cosmetic|filler\b|patent|\bstudents?\b|pharmacy licen|liquor|merger|"
    r"settlement|budget|"
    r"ACIP|immuni[sz]ation advi\w+|travellers|booster schedule|radiology|algorithm|\bAI\b|trial protocol|pension"
)
QUALITY = _pattern(
    r"\b(?:plant|factory|sites?|filling line|manufacturing (?:site|plant|process|facility|line)|facility|"
    r"shelf life|storage|fridge|packaging|pack size|cap colour|supplier|"
    r"export certificate|certificate|labell?ing of|proprietary name|brand name(?! (?-i:[A-Z]))|product name|carton|"
    r"months of storage|production line|warehouse)\b"
)
"""Rule 11: devices, animals, food; sites, storage and other quality changes."""

# What stands around a decision

NAMES_AGENCY = _pattern(r"<REG>|(?-i:EC|UK|Japan|China|Canada|Korea|Britain|Europe|Swiss|Australia)")
NOT_YET = re.compile(r"\b(?:not|never|cannot|before|until|unless|neither)\b|n['’]t\b", re.I)
"""Inside a way of YES: the yes was not given."""
DENIED = re.compile(r"\b(?:den(?:y|ies|ied)|untrue|false|rumou?rs?|not (?:yet )?received|not receive)\b", re.I)
PAYS = _pattern(r"<PAYER>")
REGULATOR_WORDS = re.compile(
    r"complete response|\bCRL\b|NO[ND]-W|approvable|non-compliance|licen[cs]|approv|authori[sz]", re.I
)
NOUNS = {6, 10, 12}
"""Ways of YES that rest on a noun or a turn of phrase."""
LABORATORY = re.compile(
    r"\b(?:mice|mouse|monkeys?|rats?|zebrafish|in vitro|cell cultures?|animal (?:stud|model|data))\b", re.I
)
HUMAN_REASON = re.compile(r"\b(?:hold|halt\w*|stop\w*|paus\w*|suspend\w*|warning|label|FDA|EMA)\b", re.I)
"""Animal findings announce nothing, unless they are the reason of an act."""
NO_NEW_APPROVAL = re.compile(
    r"\b(?:withdraw\w*|revok\w*|annul\w*|cancel\w*|laps\w*|expir\w*|disagree\w*|welcom\w*|hail\w*|wants?|"
    r"demand\w*|renew\w*|protest\w*|hopes?|await\w*|"
    r"prospects?|fears?|cheer\w*|"
    r"reacts?|odds|coin|chances?|doubt\w*|"
    r"divid\w*|holders?|after|since|before|without|under (?:their|its|a)|their|critici\w*|praise\w*|"
    r"defend\w*|debate\w*|"
    r"beyond|what|next|seek\w*|"
    r"appl(?:y|ies)|means?|end(?:s|ed)? of|way to|path to|toward)\b",
    re.I,
)
"""Words beside the noun "approval" that speak of another approval than one just given."""
DESCRIBED = re.compile(r"\b(?:was|were|is|are) (?:first |fully )?(?:approved|authori[sz]ed|licen[sc]ed|cleared)\b")
"""On a page, how a medicine is described; news there says "has been", "today" or gives a date."""
ORIGINAL = re.compile(r"\bORIG-?\d|new molecular entity|new active substance", re.I)
"""Words by which a register says that an application is the first one."""
