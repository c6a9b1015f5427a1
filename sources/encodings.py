"""Bytes to text by the labels of the Encoding Standard, as browsers read them: the one decoder of pages and feeds."""

import codecs
import re
import threading
from dataclasses import dataclass

LABELS_OF = {
    "utf-8": "unicode-1-1-utf-8 unicode11utf8 unicode20utf8 utf-8 utf8 x-unicode20utf8",
    "cp866": "866 cp866 csibm866 ibm866",
    "iso8859-2": "csisolatin2 iso-8859-2 iso-ir-101 iso8859-2 iso88592 iso_8859-2 iso_8859-2:1987 l2 latin2",
    "iso8859-3": "csisolatin3 iso-8859-3 iso-ir-109 iso8859-3 iso88593 iso_8859-3 iso_8859-3:1988 l3 latin3",
    "iso8859-4": "csisolatin4 iso-8859-4 iso-ir-110 iso8859-4 iso88594 iso_8859-4 iso_8859-4:1988 l4 latin4",
    "iso8859-5": "csisolatincyrillic cyrillic iso-8859-5 iso-ir-144 iso8859-5 iso88595 iso_8859-5 iso_8859-5:1988",
    "iso8859-6": (
        "arabic asmo-708 csiso88596e csiso88596i csisolatinarabic ecma-114 iso-8859-6 iso-8859-6-e "
        "iso-8859-6-i iso-ir-127 iso8859-6 iso88596 iso_8859-6 iso_8859-6:1987"
    ),
    "iso8859-7": (
        "csisolatingreek ecma-118 elot_928 greek greek8 iso-8859-7 iso-ir-126 iso8859-7 iso88597 iso_8859-7 "
        "iso_8859-7:1987 sun_eu_greek"
    ),
    "iso8859-8": (
        "csiso88598e csisolatinhebrew hebrew iso-8859-8 iso-8859-8-e iso-ir-138 iso8859-8 iso88598 iso_8859-8 "
        "iso_8859-8:1988 visual csiso88598i iso-8859-8-i logical"
    ),
    "iso8859-10": "csisolatin6 iso-8859-10 iso-ir-157 iso8859-10 iso885910 l6 latin6",
    "iso8859-13": "iso-8859-13 iso8859-13 iso885913",
    "iso8859-14": "iso-8859-14 iso8859-14 iso885914",
    "iso8859-15": "csisolatin9 iso-8859-15 iso8859-15 iso885915 iso_8859-15 l9",
    "iso8859-16": "iso-8859-16",
    "koi8-r": "cskoi8r koi koi8 koi8-r koi8_r",
    "koi8-u": "koi8-ru koi8-u",
    "mac-roman": "csmacintosh mac macintosh x-mac-roman",
    "cp874": "dos-874 iso-8859-11 iso8859-11 iso885911 tis-620 windows-874",
    "cp1250": "cp1250 windows-1250 x-cp1250",
    "cp1251": "cp1251 windows-1251 x-cp1251",
    "cp1252": (
        "ansi_x3.4-1968 ascii cp1252 cp819 csisolatin1 ibm819 iso-8859-1 iso-ir-100 iso8859-1 iso88591 "
        "iso_8859-1 iso_8859-1:1987 l1 latin1 us-ascii windows-1252 x-cp1252"
    ),
    "cp1253": "cp1253 windows-1253 x-cp1253",
    "cp1254": (
        "cp1254 csisolatin5 iso-8859-9 iso-ir-148 iso8859-9 iso88599 iso_8859-9 iso_8859-9:1989 l5 latin5 "
        "windows-1254 x-cp1254"
    ),
    "cp1255": "cp1255 windows-1255 x-cp1255",
    "cp1256": "cp1256 windows-1256 x-cp1256",
    "cp1257": "cp1257 windows-1257 x-cp1257",
    "cp1258": "cp1258 windows-1258 x-cp1258",
    "mac-cyrillic": "x-mac-cyrillic x-mac-ukrainian",
    "gb18030": "chinese csgb2312 csiso58gb231280 gb18030 gb2312 gb_2312 gb_2312-80 gbk iso-ir-58 x-gbk",
    "big5hkscs": "big5 big5-hkscs cn-big5 csbig5 x-x-big5",
    "euc-jp": "cseucpkdfmtjapanese euc-jp x-euc-jp",
    "iso2022-jp-ext": "csiso2022jp iso-2022-jp",
    "cp932": "csshiftjis ms932 ms_kanji shift-jis shift_jis sjis windows-31j x-sjis",
    "cp949": (
        "cseuckr csksc56011987 euc-kr iso-ir-149 korean ks_c_5601-1987 ks_c_5601-1989 ksc5601 ksc_5601 windows-949"
    ),
    "": "csiso2022kr hz-gb-2312 iso-2022-cn iso-2022-cn-ext iso-2022-kr replacement",
    "utf-16-be": "unicodefffe utf-16be",
    "utf-16-le": "csunicode iso-10646-ucs-2 ucs-2 unicode unicodefeff utf-16 utf-16le",
    "x-user-defined": "x-user-defined",
}
"""Python's codec, and the labels that mean it (encoding.spec.whatwg.org, "Names and labels"). The codecs are those that
hold what browsers read under a label: `euc-kr` is cp949, `shift_jis` cp932, `gb2312` gb18030, `latin1` cp1252."""

CODECS = {label: codec for codec, labels in LABELS_OF.items() for label in labels.split()}
REPLACEMENT = ""  # labels under which browsers show nothing, because the encoding hides markup
OWN_BYTES = "x-user-defined"
MARKS = (
    (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_BE, "utf-16-be"), (codecs.BOM_UTF16_LE, "utf-16-le"),
)  # fmt: skip
BEGINNINGS = ((b"<\0\0\0", "utf-32-le"), (b"\0\0\0<", "utf-32-be"), (b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"))
"""How markup begins in wide characters where no mark says so; a label inside cannot be read before that is known."""
HEADER = re.compile(r"charset\s*=\s*[\"']?([^\s\"';,]+)", re.I)
META = re.compile(rb"<meta[^>]{0,400}?charset\s*=\s*[\"']?([^\s\"'/>;]+)", re.I)
DECLARATION = re.compile(rb"\s*<\?xml[^>]{1,200}?encoding\s*=\s*[\"']([\w.:-]+)", re.I)
PRESCAN = 4096  # bytes in which a page may name its encoding
GUESSED_UTF8 = 0.1  # share of characters beyond ASCII that may be broken in UTF-8 that nobody declared


@dataclass(frozen=True)
class Decoded:
    """The text, how many of its characters were lost, and the codec; `declared` is False when it was guessed."""

    text: str
    lost: int
    codec: str
    declared: bool


def codec_of(label: str) -> str | None:
    """Python's codec for a label; None for a label that the Encoding Standard does not know."""
    return CODECS.get(label.strip(" \t\n\f\r").lower())


def decoded(body: bytes, content_type: str = "") -> Decoded:
    """The text of a page or feed. The first of these decides: a byte order mark, the label of the header, the one the
    document gives itself; else UTF-8, and where that fails windows-1252."""
    for mark, codec in MARKS:
        if body.startswith(mark):
            return _by(codec, body[len(mark) :], declared=True)
    for beginning, codec in BEGINNINGS:
        if body.startswith(beginning):
            return _by(codec, body, declared=False)
    if (named := _declared(body, content_type)) is not None:
        return _by(named, body, declared=True)
    try:
        return Decoded(body.decode(), 0, "utf-8", declared=False)
    except UnicodeDecodeError:
        loose = _by("utf-8", body, declared=False)
    beyond = len(loose.text) - len(loose.text.encode("ascii", "ignore"))
    return loose if loose.lost < GUESSED_UTF8 * beyond else _by("cp1252", body, declared=False)


def _declared(body: bytes, content_type: str) -> str | None:
    named = HEADER.search(content_type)
    if named and (codec := codec_of(named[1])) is not None:
        return codec
    inside = DECLARATION.match(body[:PRESCAN]) or META.search(body[:PRESCAN])
    if inside is None or (codec := codec_of(inside[1].decode("ascii", "replace"))) is None:
        return None
    return "utf-8" if codec.startswith("utf-16") else codec  # it was read as ASCII, so it is not UTF-16


def _by(codec: str, body: bytes, *, declared: bool) -> Decoded:
    if codec == REPLACEMENT:
        return Decoded("\ufffd", 1, codec, declared)
    if codec == OWN_BYTES:
        text = "".join(chr(byte) if byte < 128 else chr(0xF700 + byte) for byte in body)
        return Decoded(text, 0, codec, declared)
    text = _text(codec, body)
    if codec in JAPANESE:
        text = text.translate(WIDE)
    written = text.count("\ufffd")
    if written and codec == "utf-8":
        written -= body.count(b"\xef\xbf\xbd")  # stood there before: lost by somebody else
    return Decoded(text, max(0, written), codec, declared)


THREE_BYTES = 0x8F  # begins a letter of JIS X 0212
JAPANESE = {"euc-jp": 0xA0, "iso2022-jp-ext": 0x20}
"""Codecs of JIS X 0208, and what lies below its first row in their bytes."""
WIDE = {0x301C: "\uff5e", 0x2016: "\u2225", 0x2212: "\uff0d"}
"""Three signs of JIS X 0208 that Python reads differently from browsers."""


class _Counted(threading.local):
    """How often Python's codec has given up in the text that a thread decodes."""

    times = 0


_given_up = _Counted()
MOST_GIVEN_UP = 50_000
"""More is no text of anybody's, and costs time."""


def _text(codec: str, body: bytes) -> str:
    _given_up.times = 0
    try:
        return body.decode(codec, "as browsers do")
    except UnicodeDecodeError:
        return body.decode(codec, "replace")


def _as_browsers_do(problem: UnicodeError) -> tuple[str, int]:
    """What browsers read where Python's codec gives up: bytes that a code page of Windows leaves open are control
    characters; 0x80 in GBK is the sign of the euro; the vendors' rows of Japanese (①, ㈱, 髙) are those of cp932."""
    assert isinstance(problem, UnicodeDecodeError), problem
    _given_up.times += 1
    if _given_up.times > MOST_GIVEN_UP:
        raise problem
    codec, start = CANONICAL.get(problem.encoding, problem.encoding), problem.start
    rest = problem.object[start : start + 3]
    if codec.startswith("cp125") and rest[0] < 0xA0:
        return chr(rest[0]), start + 1
    if codec == "gb18030" and rest[0] == 0x80:
        return "\u20ac", start + 1
    if codec in JAPANESE and (letter := _vendors(rest[:2], JAPANESE[codec])):
        return letter, start + 2
    if codec == "euc-jp" and rest[0] == THREE_BYTES and len(rest) > 2 and min(rest[1], rest[2]) > JAPANESE[codec]:
        return "\ufffd", start + 3
    return "\ufffd", max(problem.end, start + 1)


CANONICAL = {"euc_jp": "euc-jp", "iso2022_jp_ext": "iso2022-jp-ext", "charmap": "cp1252"}


def _vendors(pair: bytes, below: int) -> str:
    """A letter by its row and cell, as cp932 has them; empty where there is none."""
    if len(pair) < 2 or not all(1 <= byte - below <= 94 for byte in pair):
        return ""
    row, cell = (byte - below for byte in pair)
    lead = (row - 1) // 2 + (0x81 if row <= 62 else 0xC1)
    trail = cell + 0x9E if row % 2 == 0 else cell + 0x3F + (cell >= 64)
    return bytes((lead, trail)).decode("cp932", "ignore")


codecs.register_error("as browsers do", _as_browsers_do)
