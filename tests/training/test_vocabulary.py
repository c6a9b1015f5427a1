"""Which words the encoders know: those of the field, the most common ones, and letters for all the others."""

from collections import Counter

from monitor.reading.prose.encoder import FOLDER, tokenizer_at
from training.vocabulary import MARKS, OFTEN, WORDS, kept

LETTERS = [f"{before}{letter}" for letter in "abcdefghijklmnopqrstuvwxyz" for before in ("", "##")]


def theirs(words: list[str]) -> dict[str, int]:
    return {word: n for n, word in enumerate(["[PAD]", "[unused0]", *MARKS[1:], *LETTERS, *words])}


def test_words_of_the_field_go_before_more_common_ones() -> None:
    words = theirs([*(f"common{n}" for n in range(WORDS)), "seldom", "remission", "##ximab", "日"])
    counts = Counter({words["remission"]: OFTEN, words["##ximab"]: OFTEN, words["seldom"]: OFTEN - 1, words["日"]: 1})

    found = kept(words, counts)

    assert len(found) == WORDS == len(set(found))
    assert {"remission", "##ximab", "common0", *MARKS, *LETTERS} <= set(found)
    assert not {"seldom", f"common{WORDS - 1}", "[unused0]", "日"} & set(found)
    assert found == sorted(found, key=words.__getitem__)


def test_a_word_that_is_not_known_is_read_in_pieces() -> None:
    tokenizer = tokenizer_at(FOLDER / "tokenizer.json")

    assert tokenizer.get_vocab_size() == WORDS
    for word in ("zyxwvutamab", "Qxjkvpz-108", "naïve", "remission"):
        pieces = tokenizer.encode(word, add_special_tokens=False).tokens
        assert pieces and "[UNK]" not in pieces
