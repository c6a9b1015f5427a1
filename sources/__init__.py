"""Sources say what the world says: one file an adapter. `load` finds them; nothing registers itself."""

import importlib
import importlib.util
import pkgutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sources.base import Source

TRIALS = "trials"
"""Stands among the places of a source for the trials, which have no place."""


def load(folders: Iterable[Path] = ()) -> "Mapping[str, type[Source]]":
    """Import every module of this package, and of any further folders, and return the catalog by name.

    Raises ValueError when two classes claim one name.
    """
    from sources.base import Source  # noqa: PLC0415 - with all records; what asks how things stand needs TRIALS alone

    modules = [importlib.import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__)]
    modules += [_from_file(file) for folder in folders for file in sorted(Path(folder).glob("*.py"))]
    catalog: dict[str, type[Source]] = {}
    for module in modules:
        for member in vars(module).values():
            if not (isinstance(member, type) and issubclass(member, Source) and member.__module__ == module.__name__):
                continue
            if not getattr(member, "name", ""):
                continue  # an abstract step between Source and an adapter
            if member.name in catalog:
                raise ValueError(f"two sources are named {member.name!r}: {catalog[member.name]} and {member}")
            catalog[member.name] = member
    return catalog


def _from_file(file: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"sources_from_folder_{file.stem}", file)
    if spec is None or spec.loader is None:
        raise ImportError(f"expected a Python module, found {file}")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as problem:  # an operator's own file may raise anything, and is named for it
        raise ImportError(f"{file}: expected a module that can be imported, found {problem!r}") from problem
    return module
