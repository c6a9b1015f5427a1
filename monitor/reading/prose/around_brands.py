"""What stands around and in the words in capitals that may be brands: patterns alone, weighed in `brands.py`."""

import re

from monitor.vocabulary.therapies import STUDY_ID

SUFFIX = re.compile(
    r"^(?:'s)?\s+(?:Inc|Ltd|Pharma\w*|Therapeutics|Biosciences?|Biotech\w*|Genomics|Genetics|Medic\w+|Sciences|"
    r"Holdings|Corp\w*|Cancer Cent\w+|Cent(?:er|re)\b|Park\b|"
    r"plc|AG|SA|NV|Group|Labs|Laborator\w+|Bio\b|Oncology|Neuro\w*|Health\b|University|Institute|College|Hospital|"
    r"Foundation|Association)|^(?:,? (?:and|&) |/)[A-Z][\w-]+(?:['’]s|s['’]) "
)
LISTED_FIRM = re.compile(
    r"^ \([A-Z]{3,5}\) (?:has |have |today )?(?:receive[sd]?|said|says|was|is|shares|stock|rose|fell|jumped|"
    r"announce[sd]?|report(?:s|ed)?|will|plans|gets?|got|wins?|won|gain(?:s|ed)?)\b"
)
"""What stands behind a firm with its sign at the exchange."""
COMPANY_SAYS = re.compile(
    r"^(?:,? ?and \w+)?\s+(?:said|says|told|will|plans?|expects?|announce[sd]?|reports?|reported|submit\w*|"
    r"file[sd]?|files|complete[sd]?|"
    r"withdr[ae]ws?|pulls?|pulled|drops?|dropped|ends?|ended|gives? up|buys?|bought|acquire[sd]?|licen[sc]es|"
    r"sells?|sold|learns?|treats?|"
    r"doses?|halts?|stops?|stopped|scraps?|shelves|shelved|abandons?|hands?|seeks?|sees|asks?|recalls?|takes?|"
    r"took|walks?|obtains?|"
    r"can|may resume|decides?|decided|begins?|starts?|started|launch\w*|lost|exercised|suspends?|pauses?|"
    r"discontinue[sd]?|hears?|notified|"
    r"has (?:been told|begun|started|stopped|decided|submitted|filed|completed|recruited|enrolled|withdrawn|randomi)|"
    r"closes?|enrol\w*|comments|responds|returns?|resubmit\w*|licensed|presents?|did not say|holds|won|wins|"
    r"issued|issues)\b"
)
BODY_DOES = re.compile(
    r"^(?: \([^)]*\))?\s+(?:again |now |finally |provisionally |unanimously )?"
    r"(?:approves|rejects|refuses|recommends|backs|endorses|okays|authori[sz]es|spurns|snubs|urges|advises|concludes|warns|"
    r"votes|finds|greenlights|turns down|balks|has (?:again |now |finally )?(?:approved|rejected|refused|recommended|"
    r"backed|endorsed|authori[sz]ed|concluded|warned|voted|found|turned down))\b"
)
"""What an authority, a payer or a committee does, and no product."""
PRODUCT_DOES = re.compile(
    r"^(?: \([^)]*\))?(?:, (?:from|by|made by|the|an?) [^,]{2,40})?,?\s+(?:first |now |also )?"
    r"(?:must(?: not)? be|to (?:leave|exit|vanish|disappear|go)|upgraded|clears|earns|nabs|bags|lands|snags|"
    r"scores|flunks|falters|"
    r"fizzles|bombs|tops|trumps|tanks)\b|"
    r"^(?: \([^)]*\))?(?:, (?:from|by|made by|the|an?) [^,]{2,40})?,?\s+(?:first |now |also )?"
    r"(?:(?:is|was|were|are|has been|have been|may be|may now be|can now be|will be|to be|"
    r"becomes?|became|now|also|no longer)\b"
    r"|approved|cleared|authori[sz]ed|licensed|recommended|rejected|refused|wins?|won|gets?|got|gains?|gained|"
    r"earns?|loses?|lost|moves?|"
    r"joins?|secures?|receives?|received|slows?|misse[sd]|missed|fails?|failed|meets?|met|beats?|falls?|fell|"
    r"hits?|reache[sd]|reaches|"
    r"succeeds?|delivers?|disappoints?|flops?|stumbles?|passes|picks? up|enters?|carries|removed|recalled|named|"
    r"turned|reduces?|reduced|plus|alone|monotherapy|in combination with|"
    r"improves?|improved|shows?|showed|lands?|leaves?|scores?|backed|advances?|returns?|helps?|pulled|withdrawn|"
    r"allowed|in (?:short|Phase)|(?:batches|file|filing|label|licen[cs]e|shortage|recall|approval|tablets|"
    r"capsules|injection|lots)\b)"
)
BEFORE_PRODUCT = re.compile(
    r"(?:approv\w+|clear\w*|licen\w+|authori[sz]\w+|reject\w*|refus\w+|declin\w+|back(?:s|ed|ing)|endors\w+|for|"
    r"of|to|on|recommend\w*|drops?|"
    r"pull\w*|recall\w*|remov\w+|called|brand|as|sells?|give up|copy of|with|against|warning|withdr\w+|offer\w*|"
    r"lists?|cover\w*|"
    r"expands?|widen\w*|discontinu\w+|spurn\w*|turn\w* down|denied|denies|scraps|halts|stops|launch\w*|adds?|"
    r"through|treatment|therapy|"
    r"drug|pill|shot|antibody|medicine|injection|vaccine|tablet|inhaler|generic|biosimilar|revok\w+|suspend\w*|"
    r"evaluating|testing|studying|investigating|and|or|whether|'s|’s|s['’])\s+$",
    re.I,
)
MAKER = re.compile(
    r"(?:[Pp]harma(?:ceuticals?|ceutics)?|[Bb]iotech(?:nology)?|[a-z]B(?:io|IO)|[a-z]{3}bio|[Tt]herapeutics|[Bb]iosciences|[Bb]iologics|"
    r"[Gg]enomics|[Gg]enetics|Medix|[Bb]iopharma|[a-z]Gen|[A-Za-z]Kidney)$"
)
"""How the names of makers end that are one word."""
YEAR = re.compile(r"(?:19|20)\d\d$")
"""What a congress's short name ends with: Tau2024."""
GENE_OR_STUDY = re.compile(rf"[A-Z]{{2,6}}\d$|{STUDY_ID.pattern}")
NEAR_TRIAL = re.compile(
    r"\b(?:trial|study|studies|phase|arm|regimen|extension|endpoint|goal|platform|randomi[sz]ed|patients|dosed|"
    r"enrol)",
    re.I,
)
MARK = re.compile(r"®|™|\((?:R|TM|®|™)\)")
AILMENT = re.compile(
    r"\s+(?:virus|disease|syndrome|storage|cancer|deficiency|infection|patients|shares|stock|inhibitor|agonist|antagonist)\b"
)
"""What stands behind the name of an ailment, a target or a firm, not of a product."""
SMALL = re.compile(r"[a-z]{1,2}(?:[A-Z][a-z]{4,}|[A-Z]{4,})$")
"""A product's name that begins with a small letter: mFlusiva."""
TICKER = re.compile(r"[A-Z]{2,5}\d{0,3}$")
AFTER_EXCHANGE = re.compile(r"\([A-Za-z ]{2,20}: ?[A-Z0-9.,; ]*$")
"""What stands before a further share of a firm: "(Nasdaq: ABCD; "."""
IN_BRACKETS = re.compile(
    r"\s*(?:®|™)?\s*(?:[(,]\s*[a-z][\w -]{4,}|"
    r"\([A-Z][a-z]{5,}(?: [A-Z][a-z]+){2,}\))"
)
SOLD_AS = re.compile(
    r"\w{4,}[\w ]*\($|(?:sold as|called|brand name|marketed as|known as|to be sold as|branded(?: as)?|"
    r"(?:market|sell) it as) [\"“'‘]?$"
)
STUDIED = re.compile(
    r"\b(?:(?:[Tt]rial|[Ss]tudy) (?:[Oo]f|[Ee]valuating|[Tt]esting)|[Ee]valuating|[Ii]nvestigating|[Dd]osed [Ww]ith|"
    r"(?:Application|Letter|Clearance|Approval|Designation|BLA|NDA|IND) [Ff]or) $"
)
"""What stands in a headline before a medicine."""
BRAND_OF = re.compile(r"(?:®|™)? brand(?:ed|-name)? (?:of )?[a-z]{6,}")
"""What stands behind the name of a product that is told by its substance: "Zolby brand relatinib"."""
FORM_AFTER = re.compile(
    r"(?:®|™)? (?:tablets?|capsules?|caplets?|syrup|suspension|linctus|elixir|pills|"
    r"lozenges|pessar\w+|suppositor\w+|"
    r"(?:eye|ear|nasal|oral|nose) (?:drops?|spray|solution|gel)|ointment|cream|sachets|mouth ?(?:wash|rinse)|"
    r"\d[\d.,]* ?(?:mg|mcg|ml))(?![\w-])",
    re.I,
)
"""The form or strength in which a product is sold."""
NAMED_STUDY = re.compile(
    r"\b(?:trials?|study|studies|program(?:me)?) (?:is |was |are )?(?:called|named|dubbed|known as|"
    r"titled|designated) (?:the )?$"
)
"""What stands before the name of a trial."""
QUOTED = (re.compile(r"[\"“]$"), re.compile(r"^[\"”]"))
"""What stands around a name that is quoted."""
OF_A_FIRM = re.compile(
    r"\b(?:drug ?makers?|company|firm|manufacturer|wholesaler|distributor|supplier|subsidiary|licensee|competitor) $"
)
"""What stands before the name of a firm."""
BEHIND_FIRM = re.compile(r"\b(?:Inc|Corp|Ltd|SA|AG|plc|PLC)\.? \([A-Z][\w:. ]{2,14}\) $")
"""What stands before the product in a line of a table: the firm with its share or country."""
TOWN = re.compile(
    r" City\b|, (?:(?:Md|Mass|Calif|Pa|N\.J|N\.Y|N\.C|Conn|Ill|Minn|Fla|Colo|Mich|Wis|Ariz|Ont|Que|B\.C)\.|"
    r"(?:Texas|A[BKLRZ]|BC|C[AOT]|D[CE]|FL|GA|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[BCDEHJMSVY]|O[HKNR]|PA|QC|RI|S[CDK]|"
    r"T[NX]|UT|V[AT]|W[AIVY])(?=[,.)]|$| [-–—]))"
)
IN_TOWN = re.compile(r"\b(?:Inc|Corp|Co|Ltd|LLC|\w*[Ss]ciences|Therapeutics|Pharma\w*|Biotech\w*)\.?,? (?:of |\()$")
"""What stands behind a town; what stands before one, of which a firm is."""
LISTED_SHARE = re.compile(r":\d+|\.[A-Z]{1,2}\b(?!\.)|\)? \$?\d+\.\d\d\b|,? [-+−]\d+(?:\.\d+)?%|:[A-Z]{2}\b")
"""What stands behind the short name of a share: its exchange, its price, what it gained; the number of a study."""
OUTLET = re.compile(r"(?:News\w*|[a-zA-Z][Oo]nline|Wire|Breaks|Alerts?|Today|[A-Z]Week)$|[A-Z]{2,4}s$|^[A-Z]{0,3}\d{4}")
"""How one-word names of papers end, short names of several things, and numbers of batches."""
FIRM_LETTER = re.compile(r" (?:receives?|received|gets?|got) (?:an? )?(?:[\w-]+ ){0,3}letter\b")
"""What a firm gets, and no product."""
OWNS = re.compile(
    r"\s+(?:risks|benefits|success|failure|fail|setback|win|sales|launch|price|label|licen[cs]e|approval|use|early|accelerated|conditional|authori|clearance|review|EU|US)"
)
"""What a product has."""
ENGLISH = re.compile(
    r"(?:tions?|sions?|olog(?:y|ies|ist|ists|ical)|ments?|ings?|ness|ity|ities|ally|ances?|ences?|isms?|ical|able|ible|ous|"
    r"ists?|i[sz]ed?|i[sz]es|ated?|ates|ishes|ounces|ves|ers?|ors?|ants?|ents|ful|less|ward|ship|hood|ages?|ures?|ised|cted|"
    r"ssed|ered|ned|led|ited|ived|osed|fted|rted|ting|ics|ians?|ies|omas?|ines? in)$"
)
"""How words of English end that stand in capitals in a headline, and names of medicines do not."""
COMPANY = re.compile(
    r"([A-Z][\w&'-]+)(?:®|™)?(?: ([A-Z][\w&'-]+))?(?:®|™)?,? (?:Inc\b|Ltd|Limited|LLC|Corp|"
    r"plc|PLC|AG\b|SA\b|SE\b|NV\b|N\.V|S\.A|AB\b|"
    r"A/S|ApS|GmbH|KGaA|(?<![®™] )BV\b|Co\b|Holdings?|Group|Pharma\b|Pharmaceuticals?|Therapeutics|"
    r"Biologics(?! Licen)|Biosciences?|BioSciences|"
    r"Biopharma\w*|BioPharma\w*|Biotech\w*|Biotherapeutics|Theranostics|Oncology|Medical|Medicines?|Immuno\w+|Genetics|"
    r"Genomics|Sciences|Laborator\w+|Labs|Bio\b|Health|Vaccines?,? Inc|University|Hospital|Institute)|"
    r"([A-Z][\w&'-]+)(?:®|™)?(?: [A-Z][\w&'.-]+){0,3},? \((?:\{?\$|NASDAQ|Nasdaq|NYSE|OTC\w*|TSX|ASX|Euronext|LSE|SIX|"
    r"Oslo|TASE|A(?:MEX|mex)|HKEX|SSE|SZSE|TSE|AIM|[A-Z]{2,5}\.[A-Z]{1,2})\b"
)
"""A maker's name as its release writes it once in full, or with its ticker."""
LONG_COMPANY = re.compile(
    r"((?:[A-Z][\w&'-]+ ){2,5})"
    r"(?:(?:Holdings|Enterprises?|International|Industries) (?:Limited|Ltd|Inc|PLC|plc)|Co\.?,? Ltd)\b"
)
"""One of more words."""
SHORTENED = re.compile(
    r"\b(?:Committee|Limited|Ltd|LTD|Inc|Corp|Corporation|Company|Co|PLC|plc|LLC|AG|Agency|Administration|Authority|"
    r"Association|Council|Board|Institute|Conference|Society|Department|Ministry|Group|Network|Foundation|"
    r"Pharmaceuticals?|Laboratories|Center|Centre|University|Hospital|Programme|Program|Fund|Bureau|Office|Service)"
    r"\.?,? \((?:the )?[\"“'‘]?([A-Z][\w-]+)[\"”'’]?\)"
)
"""The short name of a firm or body, in brackets behind its full one."""
PERSON = re.compile(r"\b(?:Dr|Mr|Ms|Prof|Mount|Saint|Judge|Professor) $")
CAMEL = re.compile(r"[A-Z][a-z]+[A-Z]")
BEFORE_TRIAL = re.compile(r"(?<!approval )\b(?:in|from|the|of|study|trial)\s$")
TRIAL_AFTER = re.compile(r"[\w -]{0,12}\b(?:trial|study|studies|trials)\b")
WORD_BEFORE = re.compile(r"(?:^| )([\w-]+(?:'s)?) $")
