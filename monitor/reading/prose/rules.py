"""The rules of prose, read from the table `prose.rules` beside this file."""

from monitor.reading.prose.patterns import rows_of, table

RULES = table(rows_of("prose.rules"))
