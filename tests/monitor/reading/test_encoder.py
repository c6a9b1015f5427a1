"""Reader two by its interface: a row for the title and one for each sentence, the same figures every time."""

import subprocess
import sys

import numpy as np
import pytest

from monitor.reading.prose.encoder import FOLDER, WINDOW, encoder, tokenizer_at, windows
from monitor.vocabulary.event_types import TYPES

TITLE = "Varexin maker shares news"
NEWS = "The FDA today approved Varexin, the first treatment for the disease, the company said."
PLAIN = "The company was founded by two chemists and employs sixty people."


def test_one_row_for_the_title_and_each_sentence() -> None:
    found = encoder().read(TITLE, [NEWS, PLAIN]).values

    assert found.shape == (3, len(TYPES)) and found.dtype == np.float32
    assert encoder().types == tuple(TYPES)
    assert ((found >= 0) & (found <= 1)).all()


def test_a_title_alone_is_enough() -> None:
    found = encoder().read("Varexin fails to meet primary endpoint in phase 3 trial", []).values

    assert found.shape == (1, len(TYPES))
    assert encoder().types[int(found[0].argmax())] == "readout_not_met"


def test_the_sentence_that_says_it_has_the_highest_value() -> None:
    found = encoder().read(TITLE, [PLAIN, NEWS]).values[:, encoder().types.index("approval")]

    assert found.argmax() == 2 and found[2] > 0.5


def test_the_words_that_name_the_medicine_are_heard() -> None:
    names = (
        encoder()
        .read("Orsa's rival to Humira wins approval", ["The FDA cleared Orsa's new drug velnidro today."])
        .names
    )

    assert max(names, key=names.__getitem__) == "velnidro", "a name that nobody has seen, in small letters"
    assert names["velnidro"] > 0.5 > names["fda"], names
    assert {"orsa", "rival", "today"} <= names.keys(), "of each word, without the s of whose"


@pytest.mark.parametrize("title", ["", "☃", "word " * 400])
def test_odd_titles_are_read(title: str) -> None:
    assert np.isfinite(encoder().read(title, ["", NEWS, "word " * 400]).values).all()


def test_the_same_text_gives_the_same_figures() -> None:
    text = [NEWS, PLAIN] * 12

    one, other = encoder().read(TITLE, text), encoder().read(TITLE, text)

    assert (one.values == other.values).all() and one.names == other.names


def test_a_long_text_is_read_in_windows_that_each_have_the_title() -> None:
    tokenizer = tokenizer_at(FOLDER / "tokenizer.json")
    found = list(windows(tokenizer, TITLE, [PLAIN] * 40))

    assert len(found) > 1
    assert max(len(window.ids) for window in found) <= WINDOW
    assert {window.spans[0] for window in found} == {found[0].spans[0]}
    assert [row for window in found for row, _, _ in window.spans[1:]] == list(range(1, 41))


def test_a_sentence_that_was_cut_is_nothing() -> None:
    found = encoder().read(TITLE, [PLAIN, "", NEWS]).values

    assert found.shape == (4, len(TYPES)) and not found[2].any()
    assert (found[[0, 1, 3]] == encoder().read(TITLE, [PLAIN, NEWS]).values).all()


def test_what_ships_stays_small() -> None:
    assert sum(file.stat().st_size for file in FOLDER.iterdir()) <= 25_000_000


@pytest.mark.parametrize(
    "module", ["monitor.cli", "monitor.commands.status", "monitor.standing.status", "monitor.web", "monitor.path.clock"]
)
def test_only_where_prose_is_read_its_rules_its_lexicon_and_a_network_are_imported(module: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", f"import sys, {module}; print(*sys.modules)"], capture_output=True, text=True, check=True
    )

    rooms = ("onnxruntime", "numpy", "monitor.reading.prose", "monitor.vocabulary.drug_words")
    assert [name for name in ran.stdout.split() if name.startswith(rooms)] == []
