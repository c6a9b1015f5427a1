"""What is wrong with a pack: validated by the sources it uses before anything runs."""

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import ValidationError

from monitor.settings import PREFIX, Misconfigured
from monitor.vocabulary.keeping import filled
from monitor.vocabulary.pack import Pack, WatchPlan, folded, in_words, parsed
from sources.base import Options, Source
from sources.http.address import without_secrets


def read_pack(path: Path, catalog: Mapping[str, type[Source]]) -> Pack:
    """Read and validate a pack, and fill in what its watches keep by default. Raises Misconfigured as `sound_pack`."""
    return filled(sound_pack(path, catalog), catalog)


def sound_pack(path: Path, catalog: Mapping[str, type[Source]]) -> Pack:
    """Read and validate a pack, as its file says.

    Raises Misconfigured with the file, the key, what was expected and what was found.
    """
    pack = parsed(path)
    faults = [fault for plan in pack.watches for fault in watch_faults(plan, pack, catalog)]
    for number, known in enumerate(pack.known):
        plan = WatchPlan(
            name=f"known.{number}", source=known.source, every="1d", url=known.url, base_url=known.base_url,
            options=known.options,
        )  # fmt: skip
        faults += [fault.removeprefix("watches.") for fault in watch_faults(plan, pack, catalog)]
    faults += [
        f"pack.ambiguous: expected one of the condition and its synonyms, found {term!r}"
        for term in pack.pack.ambiguous
        if term not in (pack.pack.condition, *pack.pack.synonyms)
    ]
    faults += _repeated("watches", [plan.name for plan in pack.watches])
    faults += _repeated("therapies", [therapy.name for therapy in pack.therapies]) or list(_shared_names(pack))
    if faults:
        raise Misconfigured("\n".join(f"{path}: {fault}" for fault in faults))
    return pack


def watch_faults(plan: WatchPlan, pack: Pack, catalog: Mapping[str, type[Source]]) -> list[str]:
    """What is wrong with one watch, each with its place."""
    where = f"watches.{plan.name}"
    kind = catalog.get(plan.source)
    if kind is None:
        return [f"{where}.source: expected one of {', '.join(sorted(catalog))}, found {plan.source!r}"]
    faults = []
    try:
        options = kind.Options.model_validate(plan.options)
        if isinstance(options, Options) and (missing := options.missing()):
            faults.append(f"{where}.options: {missing}")
    except ValidationError as problem:
        faults += [f"{where}.options.{in_words(error)}" for error in problem.errors()]
    if kind.needs_url and not plan.url:
        faults.append(f"{where}.url: the source {plan.source} needs an address, found none")
    for key, address in (("url", plan.url), ("base_url", plan.base_url)):
        bare = without_secrets(address) if address else None
        if address and not _is_web_address(address):
            faults.append(f"{where}.{key}: expected an address that starts with http:// or https://, found {bare!r}")
        elif bare != address:
            faults.append(
                f"{where}.{key}: expected an address without user, password and keys (they belong in "
                f"{PREFIX}SITE_KEYS: host=user:password, host=key or host=?name=key), found one beside {bare}"
            )
    for name in plan.therapies:
        if pack.therapy(name) is None:
            faults.append(f"{where}.therapies: expected a therapy of this pack, found {name!r}")
    return faults


def _is_web_address(address: str) -> bool:
    """Whether it names a host, and a port that there is."""
    try:
        parts = urlsplit(address)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0 and " " not in address
    except ValueError:  # a port of six figures, half an IPv6 address
        return False


def _shared_names(pack: Pack) -> Iterator[str]:
    """Names that two therapies bear: nobody could tell which of them a text means."""
    owner: dict[str, str] = {}
    for therapy in pack.therapies:
        for name in therapy.names:
            first = owner.setdefault(folded(name), therapy.name)
            if first != therapy.name:
                yield f"therapies.{therapy.name}: the name {name!r} is one of {first!r} too"


def _repeated(where: str, names: list[str]) -> list[str]:
    return [f"{where}: the name {name!r} is used twice" for name, times in sorted(Counter(names).items()) if times > 1]
