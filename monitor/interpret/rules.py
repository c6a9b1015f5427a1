"""The rules of prose, read from the table `prose.rules` beside this file."""

from importlib.resources import files

from monitor.interpret.lexicon import table

RULES = table(files("monitor.interpret").joinpath("prose.rules").read_text(encoding="utf-8"))
