"""Notifiers speak: one file a channel. `load` finds them; nothing registers itself."""

import importlib
import importlib.util
import pkgutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from notifiers.base import Notifier


def load(folders: Iterable[Path] = ()) -> "Mapping[str, type[Notifier]]":
    """Import every module of this package, and of any further folders, and return the catalog by name.

    Raises ValueError when two classes claim one name.
    """
    from notifiers.base import Notifier  # noqa: PLC0415 - who checks an address alone needs no channel

    modules = [importlib.import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__)]
    modules += [_from_file(file) for folder in folders for file in sorted(Path(folder).glob("*.py"))]
    catalog: dict[str, type[Notifier]] = {}
    for module in modules:
        for member in vars(module).values():
            if not (isinstance(member, type) and issubclass(member, Notifier) and member.__module__ == module.__name__):
                continue
            if not getattr(member, "name", ""):
                continue
            if member.name in catalog:
                raise ValueError(f"two notifiers are named {member.name!r}: {catalog[member.name]} and {member}")
            catalog[member.name] = member
    return catalog


def _from_file(file: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"notifiers_from_folder_{file.stem}", file)
    if spec is None or spec.loader is None:
        raise ImportError(f"expected a Python module, found {file}")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as problem:  # an operator's own file may raise anything, and is named for it
        raise ImportError(f"{file}: expected a module that can be imported, found {problem!r}") from problem
    return module
