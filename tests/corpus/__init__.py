"""Plain Python functions, one construct or idiom each. Importing it fills `CASES`.

Add a function to one of the modules, with `@case(arguments)` above it: that adds its
tests. A new module is found by itself.
"""

from __future__ import annotations

import importlib
import pkgutil

from corpus.registry import CASES, Case

for _module in sorted(m.name for m in pkgutil.iter_modules(__path__)):
    importlib.import_module(f"{__name__}.{_module}")

__all__ = ["CASES", "Case"]
