"""The words by which a line of a page shows that it speaks of the page, not of a matter: tables, and what reads them.

English, French, German and Spanish. A clause counts as talk of the page only when every word of it does.
"""

import re
from functools import lru_cache

from sources.late_pattern import late


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_MONTHS = (
    "jan(?:uary|vier|uar)?|feb(?:ruary|ruar)?|févr?(?:ier)?|m(?:arch|ars|är[sz]z?|arzo|ar)|apr(?:il)?|avr(?:il)?|"
    "a(?:bril|br)|ma[iy](?:o)?|june?|jun[io]o?|juin|jul[iy]?o?|juillet|aug(?:ust)?|août|ago(?:sto)?|"
    "sept?(?:ember|embre|iembre)?|o[ck]t(?:ober|obre|ubre)?|nov(?:ember|embre|iembre)?|"
    "de[cz](?:ember)?|déc(?:embre)?|dic(?:iembre)?|janv|enero|febrero"
)
_DAYS = (
    "mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:rs(?:day)?)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?|"
    "lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag|"
    "lunes|martes|miércoles|jueves|viernes|sábado|domingo"
)
_DATE = (
    rf"(?:(?:{_DAYS})\.?,?\s+)?(?:(?:le|den|el)\s+)?"
    r"(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}"
    rf"|\d{{1,2}}(?:st|nd|rd|th|er|\.)?\s+(?:de\s+)?(?:{_MONTHS})\.?,?\s+(?:de[l]?\s+)?\d{{4}}"
    rf"|(?:{_MONTHS})\.?\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+\d{{4}}|(?:{_MONTHS})\.?\s+\d{{4}})"
)
_TIME = (
    r"\d{1,2}[:h]\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:\s?[ap]\.?m\b\.?)?(?:\s?(?:uhr|h)\b)?"
    r"(?:\s?(?:utc|gmt|z|ces?t|[ecmp][sd]t|bst)\b)?(?:\s?[+-]\d{2}:?\d{2})?"
)
STAMP = rf"\b(?:{_DATE}(?:(?:,?\s*(?:at|à|um|a\s+las|-|·)?\s*|t){_TIME})?|{_TIME})(?!\w)"
"""A date, a time of day, or both, as one piece of text."""

_WORD_TOKENS = late(rf"{STAMP}|\d+(?:[.,]\d+)*|\w+|\W", re.I)
_STAMP = late(STAMP, re.I)
_COPYRIGHT = late(r"©|\(c\)\s*\d|copyright|copr\.|urheberrecht|droits? (?:réservés|d'auteur)|derechos", re.I)
_DIGIT = late(r"\d")
_YEAR = late(r"\b(?:19|20)\d\d\b")
_HASH = late(
    r"\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{12,}\b|\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", re.I
)
_AGE = late(
    r"\b(?:(?:about|over|almost|less than)\s+)?(?:\d+|an?|one|two|few|a few)\s*"
    r"(?:s|secs?|seconds?|mins?|minutes?|hrs?|hours?|h|d|days?|weeks?|months?|years?)\.?\s+ago\b"
    r"|\b(?:just now|moments? ago|yesterday|today|aujourd'hui|hier|à l'instant|heute|gestern|gerade eben|hoy|ayer)\b"
    r"|\bil y a\s+(?:environ\s+)?(?:\d+|une?|quelques)\s+"
    r"(?:s|secondes?|min|minutes?|h|heures?|jours?|semaines?|mois|ans?)\b"
    r"|\bvor\s+(?:etwa\s+)?(?:\d+|einer|einem|wenigen)\s+"
    r"(?:sekunden?|minuten?|stunden?|tag(?:en)?|wochen?|monat(?:en)?|jahr(?:en)?)\b"
    r"|\bhace\s+(?:unos\s+)?(?:\d+|una?|unos|pocos)\s+(?:segundos?|minutos?|horas?|días?|semanas?|mes(?:es)?|años?)\b",
    re.I,
)
_NOW = late(r"\b(?:today is|as (?:of|at)|nous sommes|heute ist|hoy es|time|heure|hora)\b")
_CONSENT = late(r"\bcookies?\b", re.I)
_CLAUSES = late(r"\s+[|•·–—]\s+|[|•·;()\[\]]|(?<=[^\d\W])\.\s+|(?<=\d)\.\s+(?=[^\W\d])")
_WORD = late(r"[^\W\d_]+", re.I)

OF_THE_PAGE = _words("""
generated rendered served loaded retrieved accessed printed fetched refreshed cached visitor visitors visit visits
visited online view views viewed viewing hits hit pageviews downloads downloaded likes shares session request trace
token nonce ray server node host hostname instance build uptime execution processing clock checked reads readers
généré générée affiché affichée consulté consultée visiteur visiteurs visites vues imprimé imprimée serveur requête
généree chargée chargé téléchargements jeton vérifié
generiert erzeugt geladen abgerufen besucher besuche aufrufe seitenaufrufe zugriffe sitzung gedruckt ausgeliefert
serverzeit anfrage angezeigt downloadzahl geprüft abruf
generado generada cargado cargada consultado consultada visitante visitantes visitas vistas sesión servidor
impreso impresa descargas solicitud comprobado comprobación
""")  # fmt: skip
"""Words for serving, counting and looking at a page."""

OF_ITS_EDITING = _words("""
updated update modified refreshed current edited revised reviewed actualisé actualisée actualisation jour mise mis
modifié modifiée aktualisiert aktualisierung geändert stand bearbeitet erstellt actualizado actualizada actualización
modificado modificada
""")
"""Words for a page's own date. In a table of facts they speak of the record and count."""

AROUND = _words("""
a an and are as at been by content count counter currently data date day for from guest guests has have here hour id
ids in information is it last latest least local minute minutes month ms most my no now number of on or our page pages
people per person persons
rate right s sec second seconds since site so system that the there this time times to today tonight took total us user
users utc gmt was web webpage website week were with within you your am pm µs μs ns app version
à au aujourd ce cette ces date de depuis dernier dernière du en est et fois heure hui il internet la le les ligne
membres nombre nous page par personnes pour secondes seconde site sommes sur une un utilisateurs web total
am an auf aktuell aktuelle aktuellen anzahl bisher das dem den der des die diese dieser dieses ein eine gesamt heute
insgesamt ist letzte letzter letztes mal nutzer online personen seit seite sekunde sekunden sie sind uhr um von vom
webseite website wurde zeit zuletzt zum zur im ip
actual ahora al con cuenta de del desde día el en es esta estas este fecha hora hoy línea la las los momento número
página personas por se segundo segundos ser sido sitio son su total última último un una usuarios veces y ha hasta
""")
"""Words that say nothing on their own, with units of time and kinds of visitor."""

STATUS = late(
    r"\b(?:approv|withdr[ae]w|recruit|terminat|suspend|suspension|refus|opinion|recall|complet|reject|revo[kc]|enrol|"
    r"inscri|authori[sz]|licen[cs]|grant|discontinu|shortage|clinical hold|on hold|halt|stopp|cancel|expir|designat|"
    r"submi|accept|under review|favou?rable|warning|contraindicat|active|available|not yet|inactive|postpon|"
    r"results? posted|resubmi|deni|lapsed|voluntar|adopted|positive|negative|"
    r"autoris|approuv|retir|avis\b|rappel|termin|recrut|rupture|arrêt|abandon|favorable|défavorable|"
    r"zugelassen|zulassung|zurückgezogen|widerruf|ausgesetzt|abgelehnt|rückruf|abgeschlossen|rekrutier|beendet|"
    r"genehmig|abgebrochen|engpass|"
    r"aprobad|aprobaci|retirad|rechazad|autoriza|terminad|reclut|denegad|opini[oó]n|finalizad|desabastec)",
    re.I,
)
"""Words that tell where a drug or study stands: never taken for noise on looks of the past alone."""

DENIES = late(r"\b(?:un|in|non|dis)\w{4,}|\b(?:no|not|none|out|non|pas|nicht|kein\w*|sin)\b", re.I)
"""Words that say that something is not so."""

SUBSTANCE = late(
    r"\b(?:status|patient|participant|subject|site|dose|dosage|phase|trial|study|date|deadline|decision|hearing|"
    r"meeting|posted|verified|application|indication|label|product|statut|essai|étude|décision|studie|entscheid|"
    r"teilnehm|patienten|estado|ensayo|estudio|decisión|pacientes|\w+\s?mg)\w*\b",
    re.I,
)
"""Words of the matter itself: a line with one is not called restless however often it changes."""


LONGEST_SLOGAN = 400  # characters


def tokens(text: str) -> list[str]:
    """A text cut into stamps, numbers, words and what stands between; joined they are the text again."""
    return _WORD_TOKENS.findall(text)


def skeleton(text: str) -> str:
    """The text with stamps and every word that holds a digit masked: what stays of a counter or a token."""
    return re.sub(r"\w*\d[\w.,]*", "#", _STAMP.sub("#", text.lower()))


def names_facts(text: str) -> bool:
    """Whether a line names a status or a number, dates among them, or is too long for a slogan."""
    return len(text) > LONGEST_SLOGAN or bool(_DIGIT.search(text) or STATUS.search(text))


@lru_cache(maxsize=2048)  # the looks at a page show the same lines again and again
def quiet(place: str, text: str) -> str:
    """What a line says once ages, years of copyright and clauses about the page itself are taken out."""
    label = place.rsplit(" > ", 1)[-1]
    named = label[:-1] if label.endswith(":") else ""
    if not named and len(text) < 600 and _CONSENT.search(text):
        return ""
    if _COPYRIGHT.search(text):
        text = _YEAR.sub("#", text)
    text = _HASH.sub("@", text)
    if named:
        return "" if _of_the_page(f"{named} {text}", fact=True) else _AGE.sub("~", text)
    kept = [clause for clause in _clauses(text) if not _of_the_page(clause, fact=False)]
    return " ".join(_AGE.sub("~", clause) for clause in kept)


def _clauses(text: str) -> list[str]:
    """The text cut at stops and separators, stamps left whole ("5. Januar" ends no clause)."""
    stamps: list[str] = []

    def hidden(match: re.Match[str]) -> str:
        stamps.append(match[0])
        return "\x01"

    parts = _CLAUSES.split(_STAMP.sub(hidden, text.replace("\x01", " ")))
    shown = iter(stamps)
    return [re.sub("\x01", lambda _: next(shown), part) for part in parts if part.strip()]


def _of_the_page(clause: str, *, fact: bool) -> bool:
    bare = re.sub(r"\w*\d[\w.,]*", " ", _STAMP.sub(" ", clause.lower()))
    words = set(_WORD.findall(bare))
    if not words:
        return not fact and bool(re.search(r"\d:\d\d:\d\d", clause))  # a bare time to the second is a clock
    telling = OF_THE_PAGE if fact else OF_THE_PAGE | OF_ITS_EDITING
    if words & telling and words <= OF_THE_PAGE | OF_ITS_EDITING | AROUND:
        return True
    return not fact and words <= AROUND and bool(_NOW.search(bare))
