"""The rules of prose, read from the table `prose.rules` beside this file."""

from importlib.resources import files

from monitor.reading.prose.patterns import table

RULES = table(files("monitor.reading.prose").joinpath("prose.rules").read_text(encoding="utf-8"))
