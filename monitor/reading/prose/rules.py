"""The rules of prose, read from the table `prose.rules` beside this file, and which of them a sentence may meet."""

from monitor.reading.prose.patterns import rows_of, table
from monitor.reading.prose.triggers import Triggers
from monitor.reading.prose.verdicts import TURNS

RULES = table(rows_of("prose.rules"))
PATTERNS = [one.pattern for one in (*(rule.pattern for rule in RULES), *(turn.pattern for turn in TURNS))]
"""Of the rules first, then of the turns in which decisions are told."""
TRIGGERS = Triggers(PATTERNS)
"""Their numbers. `python -m benchmarks.triggers --write` keeps the words beside the rules."""
