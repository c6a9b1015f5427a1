"""Words by which an act that no rule has read goes for the patient, against him, or neither way. Pure."""

import re

from monitor.reading.prose.patterns import expand

VERDICTS = frozenset({"adcomm_outcome", "chmp_opinion", "reimbursement"})
WAYS = VERDICTS | {"expanded_access", "shortage"}
AGAINST = re.compile(
    r"\b(?:against|reject\w*|declin\w+|refus\w+|turn(?:s|ed)? down|vot\w+ (?:it )?down|negative|unfavou?rable|"
    r"not (?:be )?(?:recommend\w*|cover\w*|support\w*|back\w*)|won't|no to|ends?|clos\w+|in short supply|shortages?|"
    r"withdraw\w*|revok\w+|snub\w*|spurn\w*|rebuff\w*|torpedo\w*|scuttl\w*|nix\w*|vetoe?\w*|yank\w*|balk\w*|"
    r"sinks?|sank|sunk|ax(?:es|ed)|knock\w* back|sho(?:ots?|t) down|slam\w* (?:the )?(?:door|brakes)|thumbs[- ]down|"
    r"pull\w* the plug|den(?:y|ies|ied)|block(?:s|ed)|warns?|warned|limits|challeng\w+|unconvinced|"
    r"no added benefit|not cost[- ]effective|too (?:costly|expensive))\b",
    re.I,
)
FOR = re.compile(
    r"\b(?:approv|back|bless|recommend|endors|clear|support|grant|favou?r|positive|adopt|nod|yes\b|cover|reimburs|fund|"
    r"list|pay|access|avail|agree|deal|thumbs[- ]up|green|okay|OK\b|unanim|wins?\b|gains?\b|secur|accept|includ|"
    r"effective|benefit|outweigh|free\b|offer|subsid|roll|open)\w*",
    re.I,
)
"""Types whose acts go either way, words by which they go against the patient, and by which they may go for him."""
UNWARNED = re.compile(expand("<UNWARN>"), re.I)
SPLIT = re.compile(r"\b(?:mixed|evenly split|ties?|tied)\b", re.I)


def says_which_way(sentence: str) -> bool:
    """Whether a verdict's sentence has any word for a yes, a no or neither."""
    return any(words.search(sentence) for words in (AGAINST, FOR, SPLIT))
