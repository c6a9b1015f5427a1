"""Which therapy of the pack is meant: by name, by trial, by application number, by a whole study record."""

import re
from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass
from itertools import pairwise

from monitor.vocabulary.field_words import FieldWords
from monitor.vocabulary.pack import Pack, Therapy
from sources.records import Content

INACTIVE = re.compile(r"placebo|sham|vehicle|standard of care|usual care|best supportive|background", re.I)
"""Interventions that are no drug under test."""

STUDY_ID = re.compile(r"NCT\d{8}|\b20\d\d-\d{6}-\d\d(?:-\d\d)?\b|jRCT\w?\d+|ISRCTN\d+|ACTRN\d+|ChiCTR\w+", re.I)
COMBINATION = re.compile(r"([a-z][a-z -]{3,}?[a-z])(?: and | ?[/+] ?)([a-z][a-z -]{3,}[a-z])")
"""A name that is no brand and no code, of two substances."""
CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
ACRONYM = re.compile(r"(?=.{4,}$)(?=(?:.*[A-Z]){3})[\w-]+|[A-Z][\w-]{3,} (?:[IVX]{1,4}|\d{1,2})")
"""A registry's acronym that no plain word is taken for: four signs or more, one word, three capitals; or a word with
its number, as in `Lighthouse II`."""
EMA_NUMBER = re.compile(r"(?:EMEA|EMA)/[A-Z]/[A-Z]/0*(\d+)|EU/\d/\d\d/\d+", re.I)


@dataclass(frozen=True, slots=True)
class Mention:
    """A therapy named in a text: the pack's name, the words used, and where they stand."""

    therapy: str
    written: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class RegisteredTrial:
    """A trial as a registry shows it: its number, whose it is (the pack's name), and its short name there."""

    number: str
    therapy: str
    acronym: str | None


_LETTER = r"[^\W\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uff66-\uff9f]"
"""In the midst of what no name stands: letters and figures, but none of a writing without blanks (Japanese, Chinese,
Thai) or with endings behind any name (Korean)."""


class Therapies:
    """The names, trials and numbers of a pack, ready for look-up."""

    def __init__(self, pack: Pack) -> None:
        self._therapies = {therapy.name: therapy for therapy in pack.therapies}
        terms = (pack.pack.condition, *pack.pack.synonyms)
        self._disease = _disease_pattern(terms)
        self._short = [_short_term(term, pack.pack.ambiguous.get(term, ())) for term in terms if _is_short(term)]
        self.field_words = _field_words(pack)
        combined = {(name, therapy.name) for therapy in pack.therapies for name in _combined(therapy.names)}
        self._combined = {_fold(name) for name, _ in combined}
        self._owner = {_fold(name): therapy for name, therapy in sorted(combined)} | _owners(pack.therapies)
        self._names = _alternation({n for t in pack.therapies for n in t.names} | {name for name, _ in combined})
        self._sponsors = {name: _words(therapy.sponsors) for name, therapy in self._therapies.items()}
        self._applications = {
            key: therapy.name
            for therapy in pack.therapies
            for numbers in therapy.applications.values()
            for number in numbers
            if (key := _application_key(number))
        }
        self._index_trials()

    def _index_trials(self) -> None:
        therapies = self._therapies.values()
        self._trials = {t.upper(): th.name for th in therapies for t in (*th.trials, *th.acronyms.values())}
        self._acronyms: dict[str, list[str]] = {}
        for therapy in therapies:
            for acronym in therapy.acronyms:
                self._acronyms.setdefault(acronym, []).append(therapy.name)
        self._acronym = _acronym_pattern(self._acronyms)

    def knowing(self, trials: Iterable[RegisteredTrial]) -> "Therapies":
        """The same with what a registry says of their trials: numbers, and acronyms that the pack does not name."""
        fresh = copy(self)
        fresh._therapies = dict(self._therapies)
        for trial in trials:
            if (therapy := fresh._therapies.get(trial.therapy)) is None:
                continue
            numbers = therapy.trials if trial.number in therapy.trials else [*therapy.trials, trial.number]
            acronyms = dict(therapy.acronyms)
            if trial.acronym and ACRONYM.fullmatch(trial.acronym):
                acronyms.setdefault(trial.acronym, trial.number)
            fresh._therapies[trial.therapy] = therapy.model_copy(update={"trials": numbers, "acronyms": acronyms})
        fresh._index_trials()
        return fresh

    def mentioned(self, text: str) -> list[Mention]:
        """The therapies named in the text, in reading order, longest name first where names overlap.

        Trial acronyms count only beside the drug, its sponsor or a disease term; substances that are also something
        else (`needs_context`) only beside a disease term or the sponsor. A brand or a code is never anything else.
        """
        context = self.context(text)
        mentions: list[Mention] = []
        for match in self._names.finditer(text) if self._names else ():
            owner = self._owner[_fold(match[0])]
            if self._counts(owner, match[0], text, context):
                mentions.append(Mention(owner, match[0], match.start(), match.end()))
        named = {mention.therapy for mention in mentions}
        for match in self._acronym.finditer(text) if self._acronym else ():
            owners = self._acronyms[match[0]]
            near = [name for name in owners if name in named or self._sponsored(name, text)]
            if not near and context and len(owners) == 1:
                near = owners
            mentions += [Mention(name, match[0], match.start(), match.end()) for name in near[:1]]
        return sorted(mentions, key=lambda mention: mention.start)

    def trial_named(self, text: str) -> tuple[str, str] | None:
        """The first trial acronym that counts in this text, with its registry number."""
        for mention in self.mentioned(text):
            if mention.written in self._acronyms:
                return mention.written, self._therapies[mention.therapy].acronyms[mention.written]
        return None

    def acronym_in(self, text: str) -> str | None:
        """A trial acronym of the pack that stands in this text, whatever else it may mean."""
        match = self._acronym.search(text) if self._acronym else None
        return match[0] if match else None

    def named(self, text: str) -> list[Mention]:
        """`mentioned` by a name of the drug: not by the acronym of a trial."""
        mentions = self.mentioned(text)
        return [mention for mention in mentions if mention.written not in self._therapies[mention.therapy].acronyms]

    def of_trial(self, trial: str) -> str | None:
        """The therapy a registry number belongs to."""
        match = STUDY_ID.search(trial)
        return self._trials.get(match[0].upper()) if match else None

    def number_of(self, trial: str | None) -> str | None:
        """The registry number behind a trial's acronym, where a pack knows it; anything else as it is."""
        owners = self._acronyms.get(trial or "", ())
        return self._therapies[owners[0]].acronyms[trial] if trial and owners else trial

    def of_application(self, number: str) -> str | None:
        """The therapy of an application number: `NDA 216660`, `216660`, `EMEA/H/C/001234/II/0002`."""
        return self._applications.get(_application_key(number))

    def resting_on(self, numbers: Iterable[str]) -> list[str]:
        """The therapies that any of these application numbers belongs to, in the order of the pack."""
        owners = {self.of_application(number) for number in numbers}
        return [name for name in self._therapies if name in owners]

    def covered(self, therapy: str, authority: str | None, numbers: Iterable[str]) -> bool:
        """Whether these numbers are all applications that the pack holds of a therapy at an authority (`FDA`)."""
        held = self._therapies[therapy].applications.get((authority or "").lower(), ())
        named = {_application_key(number) for number in numbers}
        return bool(held) and all(_application_key(number) in named for number in held)

    def of_study(self, content: Content, key: str | None = None) -> str | None:
        """The therapy a study tests: by its number, else by an experimental intervention of the therapy's own sponsor.

        An established drug is background or comparator in most trials of its disease: where another active drug is
        listed, a therapy counts only when the title names it.
        """
        if key and (known := self.of_trial(key)):
            return known
        conditions = " ; ".join(content.get("conditions") or ())
        if conditions and not self.context(conditions):
            return None
        who = " ; ".join([content.get("sponsor") or "", *(content.get("collaborators") or ())])
        active = (text for text in content.get("interventions") or () if not INACTIVE.search(text))
        tested = [self._owners_in(text) for text in active]
        own = set().union(*tested)
        candidates = [name for name in self._therapies if name in own and self._sponsored(name, who)]
        if any(owners.isdisjoint(candidates) for owners in tested) or len(candidates) > 1:
            titled = self._owners_in(content.get("title") or "")
            candidates = [name for name in candidates if name in titled]
        return candidates[0] if len(candidates) == 1 else None

    def _owners_in(self, text: str) -> set[str]:
        """The therapies whose names stand in a text, whatever else they may mean there."""
        return {self._owner[_fold(match[0])] for match in self._names.finditer(text)} if self._names else set()

    def context(self, text: str) -> bool:
        """Whether the text speaks of the pack's disease; short words count only in capitals and in no other sense."""
        if self._disease and self._disease.search(text):
            return True
        return any(term.search(text) and not (other and other.search(text)) for term, other in self._short)

    def _counts(self, owner: str, written: str, text: str, context: bool) -> bool:
        """Whether a name of a therapy means it here; one with a digit is a code and means nothing else."""
        therapy = self._therapies[owner]
        if re.search(r"\d", written):
            return True
        if (folded := _fold(written)) in self._combined:
            return not therapy.needs_context or context or self._sponsored(owner, text)
        spaced = " " in written and not any(" " in name for name in therapy.names if _fold(name) == folded)
        if spaced and written not in {CAMEL.sub(" ", name) for name in therapy.names}:
            return False  # "Two Words" may stand for TwoWords, "two words" may not
        plain = therapy.needs_context and folded in {_fold(name) for name in (therapy.name, *therapy.synonyms)}
        return not (spaced or plain) or context or self._sponsored(owner, text)

    def _sponsored(self, name: str, text: str) -> bool:
        pattern = self._sponsors[name]
        return bool(pattern and pattern.search(text))


def _combined(names: Iterable[str]) -> set[str]:
    """How a fixed combination of two substances may be written besides: in either order, and with another sign."""
    pairs = [match.groups() for name in names if (match := COMBINATION.fullmatch(name))]
    ordered = [order for first, other in pairs for order in ((first, other), (other, first))]
    return {sign.join(order) for order in ordered for sign in (" and ", "/", "+")}


def _fold(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).lower()


def _owners(therapies: Iterable[Therapy]) -> dict[str, str]:
    owners: dict[str, str] = {}
    for therapy in therapies:
        for name in therapy.names:
            owners.setdefault(_fold(name), therapy.name)
    return owners


def _alternation(names: Iterable[str]) -> re.Pattern[str] | None:
    """One pattern for all names; blanks and hyphens may come and go between letters and digits and inside CamelCase."""
    parts = []
    for name in sorted(names, key=lambda name: (-len(name), name)):
        pieces = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_]+|[^\w\s-]", name)
        glue = [r"[\s‐‑–-]*" if re.search(r"\w", a + b) else r"\s*" for a, b in pairwise(pieces)]
        parts.append("".join(re.escape(p) + g for p, g in zip(pieces, [*glue, ""], strict=True)))
    return re.compile(rf"(?<!{_LETTER})(?:{'|'.join(parts)})(?!{_LETTER})", re.I) if parts else None


def _acronym_pattern(acronyms: Iterable[str]) -> re.Pattern[str] | None:
    words = sorted(map(re.escape, acronyms), key=len, reverse=True)
    return re.compile(rf"(?<![\w-])(?:{'|'.join(words)})(?!\w)") if words else None


def _words(names: Iterable[str]) -> re.Pattern[str] | None:
    words = [r"\W+".join(map(re.escape, re.findall(r"\w+", name))) for name in names if name.strip()]
    return re.compile(rf"(?<!\w)(?:{'|'.join(sorted(words, key=len, reverse=True))})(?!\w)", re.I) if words else None


def _is_short(term: str) -> bool:
    return term.isupper() and len(term) <= 5


def _short_term(term: str, other: Iterable[str]) -> tuple[re.Pattern[str], re.Pattern[str] | None]:
    """A short disease word, and the beginnings of words beside which it means something else."""
    starts = "|".join(r"[\s‐‑–-]+".join(map(re.escape, re.findall(r"\w+", words))) for words in other)
    return re.compile(rf"(?<!\w){re.escape(term)}(?!\w)"), re.compile(rf"(?<!\w)(?:{starts})", re.I) if starts else None


def _field_words(pack: Pack) -> FieldWords:
    """What the pack adds to the tables of the drug lexicon."""
    disease = pack.pack
    terms = " ".join((disease.condition, *disease.synonyms))
    names = {name for therapy in pack.therapies for name in (therapy.name, *therapy.synonyms)}
    return FieldWords(
        plain=frozenset(word.lower() for word in re.findall(r"\w+", terms) if len(word) > 2),
        makers=frozenset(re.split(r"[\s,]", sponsor)[0].lower() for t in pack.therapies for sponsor in t.sponsors),
        substances=frozenset(name for name in names if name.isalpha() and name.islower()),
        platforms=frozenset(platform.lower() for platform in disease.platforms),
    )


def _disease_pattern(terms: Iterable[str]) -> re.Pattern[str] | None:
    long = [r"\W+".join(map(re.escape, re.findall(r"\w+", term))) for term in terms if not _is_short(term)]
    return re.compile(rf"(?<!\w)(?:{'|'.join(sorted(long, key=len, reverse=True))})(?!\w)", re.I) if long else None


def _application_key(number: str) -> str:
    """One spelling for one number: six digits for the FDA's, the product number for the EMA's. A generic's number is
    never that of an original."""
    compact = re.sub(r"\s+", "", number).upper()
    if generic := re.fullmatch(r"ANDA0*(\d+)", compact):
        return f"ANDA{generic[1].zfill(6)}"
    if match := EMA_NUMBER.search(compact):
        return f"EMEA/{match[1].zfill(6)}" if match[1] else match[0]
    digits = re.sub(r"^\D+", "", compact)
    return digits.zfill(6) if digits.isdigit() else compact
