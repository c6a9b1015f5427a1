"""Signs within words that readers do not see as such: hints where a word may be parted, letters printed as one, hyphens
at which no line may break. A name written with them is the same name.
"""

UNSEEN = "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
LETTERS = {
    "\ufb00": "ff",
    "\ufb01": "fi",
    "\ufb02": "fl",
    "\ufb03": "ffi",
    "\ufb04": "ffl",
    "\ufb05": "st",
    "\ufb06": "st",
}
HYPHENS = "\u2010\u2011"
SIGNS: dict[int, str | None] = {
    **dict.fromkeys(map(ord, UNSEEN)),
    **{ord(sign): letters for sign, letters in LETTERS.items()},
    **dict.fromkeys(map(ord, HYPHENS), "-"),
}


def plain_signs(text: str) -> str:
    """The text without the signs that nobody sees, its letters apart, with plain hyphens."""
    return text if text.isascii() else text.translate(SIGNS)
