"""What speaks for a drug being the one that an act is about, and how much (`subjects.py`)."""

WEIGHTS: dict[str, float] = {
    "followed": 0.30,
    "sure": 1.21,
    "brand": -0.09,
    "guess": -1.53,
    "aside": -1.80,
    "in_clause": 0.10,
    "in_sentence": -0.05,
    "in_title": -0.35,
    "before": 0.05,
    "after": 0.80,
    "between": -1.05,
    "trial": -0.23,
    "called": 1.12,
    "a_drug": 1.13,
    "listed": -0.36,
    "of_title": 0.93,
    "owned": 0.59,
    "two_names": -0.08,
    "mentions": 1.34,
    "first": 0.78,
    "only": 2.28,
    "titled_other": -0.24,
}
"""What each feature adds to the log odds: ranked and scaled on the labelled texts of parts 0, 1 and 2, as
`python -m benchmarks.drugs --fit` prints them; all but `followed`, which is set there by hand."""
BIAS = -1.63
LEAST = 0.3
"""The score below which it is better to name no drug."""
