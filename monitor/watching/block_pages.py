"""What pages say that are shown in another's place: block pages, errors, planned work, sign-in, redirects. Tables only.

Patterns are matched against short texts: a title, a part of one, a main heading, a piece of a short page.
"""

import re

from sources.late_pattern import late


def _any_of(*patterns: str) -> re.Pattern[str]:
    return late("|".join(patterns), re.IGNORECASE)


BLOCK_TITLES = _any_of(
    r"just a moment",
    r"attention required!?( \| cloudflare)?",
    r"access (to this page has been )?denied",
    r"(error )?(403|429|500|502|503|504)( (-|–|error|forbidden|internal|bad|service|gateway|too many).{0,40})?",
    r"(\d{3} )?(forbidden|service (temporarily )?unavailable)",
    r"bad gateway|gateway time-?out|too many requests|request rejected|pardon our interruption",
    r"(are you a )?robot( check)?|(verify you are |verification:? )?human( verification)?|security check",
    r"ddos-guard|captcha|incapsula",
    r".{0,40}request rate threshold exceeded",
    r".{0,40}your request originates from an undeclared automated tool",
)
"""Titles that are nothing but this, whatever the length of the page; punctuation around them is taken off first."""

_SORRY = r"((we'?re |i'm |we are )?(very )?sorry|oops|whoops|uh-?oh|hmm+)"
_PAGE = r"(the |this |that |requested |your )*(page|document|resource|file|content|url)"
_SITE = r"((the|this|our|site|website|system|service|page|database|is|currently|down|closed|offline|for|under) )*"

NOT_THE_PAGE = _any_of(
    r"(error|http|http error|fehler|erreur|status)\W{0,2}(400|401|403|404|410|500|502|503|504)(\W{1,3}.{0,60})?",
    r"(400|401|403|404|410|500|502|503|504)\W{1,3}(error|not found|page|forbidden|unauthori|bad|gone|internal|service"
    r"|gateway|server|file|object|sorry|seite|introuvable).{0,50}|40[34]|50[0234]",
    rf"({_SORRY}\W{{1,3}}(but )?)?(we )?(cannot|can't|could not|couldn't) (find|locate) (the|this|that) page.{{0,40}}",
    rf"({_SORRY}\W{{1,3}}(but )?)?{_PAGE} (you .{{0,30}} )?(was |is |has |could |can)?(not|n't|no longer) (been )?"
    r"(be )?(found|available|exist|here).{0,40}",
    rf"({_SORRY}\W{{1,3}}(but )?)?{_PAGE} (cannot be found|can't be found|couldn't be found|does not exist"
    r"|doesn't exist|isn't available|is gone|no longer exists).{0,40}",
    rf"({_SORRY}\W{{1,3}})?nothing (was )?found( here| at this (location|address))?|(oops|whoops|uh-?oh)",
    r"(this |the )?(page|document|object) (has )?(been )?(moved|removed|expired).{0,40}",
    r"not found|page missing|no such page|moved (permanently|temporarily)",
    r"(an? |application |server |internal server |runtime |unexpected )?error( (has )?occurr?ed.{0,40})?",
    r"something went wrong.{0,20}|(we are )?experiencing technical difficulties",
    rf"{_SITE}((planned|scheduled|routine) )?maintenance( mode| work| in progress| page)?",
    rf"{_SITE}(planned|scheduled) (work|works|outage|downtime)|(temporarily )?offline",
    r"(we'll |we will )?be (right )?back (soon|shortly)|under construction|coming soon",
    r"(please )?(sign|log)[ -]?(in|on|out|ged out)( .{0,40})?|login( page)?",
    r"(your )?session (has )?(expired|timed out).{0,20}",
    r"redirect(ing|ion|ed)?( .{0,40})?|loading|please wait|javascript (is )?(required|disabled)",
    r"before you continue.{0,40}|we value your privacy|cookie consent",
    r"page (introuvable|non trouvée|inexistante).{0,20}|erreur",
    r"(site )?en (cours de )?maintenance|(maintenance|travaux) (en cours|planifiée?s?)",
    r"(die )?(angeforderte )?seite (wurde )?nicht (gefunden|verfügbar|vorhanden)|fehler(seite)?|anmelden",
    r"wartung(sarbeiten|smodus)?|geplante wartung.{0,20}",
    r"página (no encontrada|no disponible|não encontrada|não disponível)|iniciar sesión",
    r"(sitio )?en mantenimiento|em manutenção|(sito )?in manutenzione|onderhoud",
    r"pagina (non trovata|niet gevonden)|siden? (blev )?(ikke|inte) (fundet|funnet)",
    r"sidan (kunde inte hittas|hittades inte)",
    r".{0,20}ページが?(は)?(見つかりません|存在しません).{0,10}|.{0,10}メンテナンス.{0,10}",
    r".{0,10}페이지를? ?찾을 수 없습니다.{0,5}|.{0,10}(점검 중|시스템 점검).{0,10}",
    r".{0,10}(页面|網頁|网页|頁面)(不存在|未找到|找不到|无法访问).{0,10}|.{0,10}找不到.{0,6}(页面|頁面|网页|網頁)",
    r".{0,10}(系统|系統|网站|網站)(维护|維護|升级).{0,10}",
)
"""What pages call themselves that are shown in another's place: a whole title, a part of one, or a main heading."""

BLOCK_TEXTS = _any_of(
    r"access denied|reference #|just a moment|request unsuccessful|(?<!\w)captcha|are you a robot|not a robot",
    r"verify (?:that )?you are|checking your browser|enable javascript|unusual traffic|request rate threshold",
    r"undeclared automated tool|planned work",
    r"(?:scheduled|planned|under|for|routine) maintenance\b"
    r"(?! (?:dos|therap|treat|every|phase|infus|inject|immuno|with))",  # of a drug, not of a site
    r"service (?:is )?(?:temporarily )?unavailable|temporarily unavailable",
    r"(?:site|page|website|server) is (?:temporarily |currently )?unavailable",
    r"request rejected|pardon our interruption|too many requests|bad gateway|the requested url was rejected",
    r"page (?:was |could )?not (?:be )?found|page has moved",
)
"""Words of block pages. They count only where they are most of a short page."""

NOTICE = _any_of(r"protected by|geschützt durch|protégé par|protegido por")
"""Words that make a mention of captchas a notice under a form."""

BLOCK_MARKS = (b"cf-chl", b"_incapsula_resource", b"/cdn-cgi/challenge-platform/h/", b"px-captcha", b"awswafcookie")
"""Marks in the source of a page that says next to nothing."""
