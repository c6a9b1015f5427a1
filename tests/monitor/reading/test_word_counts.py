"""Which words a text has: the same whatever the medicine and the figures, and of a page its title not at all."""

from monitor.reading.prose.clean import cleaned
from monitor.reading.prose.two_readers import both_readers, views_of
from monitor.reading.prose.word_counts import ANY, Counts, counts_of, words
from monitor.vocabulary.texts import PAGE


def counted(title: str, text: str = "") -> Counts:
    views = views_of(cleaned(title, text), None, values=None)
    return counts_of(views.units, views.drugs)


def test_medicines_and_figures_are_blanked() -> None:
    one = counted("FDA approves Qalsody for ALS", "It slowed the illness by 30% in 108 patients.")

    assert one == counted("FDA approves Relyvrio for ALS", "It slowed the illness by 45% in 972 patients.")


def test_news_of_a_medicine_has_other_words_than_a_study_of_habits() -> None:
    told, quiet = (
        both_readers(cleaned(title, ""), None)
        for title in ("FDA approves Qalsody for ALS", "Coffee drinkers have fewer strokes, a study of habits finds")
    )

    assert told is not None and quiet is not None
    assert told.counted[ANY] > 1 > -1 > quiet.counted[ANY]
    assert max(told.counted, key=lambda name: (name != ANY, told.counted[name])) == "approval"


def test_of_a_page_the_title_is_not_counted() -> None:
    seen = both_readers(cleaned("FDA approves Qalsody for ALS", "Read our notices about Qalsody."), None, kind=PAGE)
    bare = both_readers(cleaned("Qalsody", "Read our notices about Qalsody."), None, kind=PAGE)

    assert seen is not None and bare is not None
    assert seen.counted == bare.counted == words().odds(["", *bare.units[1:]], bare.drugs)
