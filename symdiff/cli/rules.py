"""`symdiff rules`: the operations that have a derivative of their own."""

from __future__ import annotations

import argparse

from symdiff.api.catalogue import primitives, table
from symdiff.cli.target import CommandError

__all__ = ["run"]


def run(options: argparse.Namespace) -> int:
    pattern = options.pattern
    found = primitives(pattern if set("*?[") & set(pattern) else f"*{pattern}*")
    if not found:
        raise CommandError(f"no rule is called like `{pattern}`")
    print("\n".join(table(found)))
    return 0
