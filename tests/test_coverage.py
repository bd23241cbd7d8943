"""docs/coverage.md says what the rules say, and what it calls done is tested."""

from __future__ import annotations

import ast
import importlib.util
from pathlib import Path

import pytest
from test_calls import groups

# Whose rows are gone through one by one: test_rules_scalar, test_distributions.
ELSEWHERE = ("math", "scipy.stats")
DOCS = Path(__file__).parent.parent / "docs"


@pytest.fixture(scope="module")
def coverage():
    spec = importlib.util.spec_from_file_location("coverage_page", DOCS / "coverage.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_that_of_the_rules(coverage):
    text = (DOCS / "coverage.md").read_text("utf-8")
    assert text == coverage.page(), "write it anew: python docs/coverage.py"


def test_what_has_a_derivative_is_called_in_the_tests(coverage):
    called = {(module, name) for module, name, _ in groups()}
    ops = {
        coverage.op_of(module, name)
        for module, name in called
        if module not in ("numpy.ndarray", "operators")
    }
    missing = [
        f"{module}.{name}"
        for module, names in coverage.surface().items()
        for name in names
        if module not in ELSEWHERE
        and coverage.state_of(module, name) in ("rule", "followed")
        and (module, name) not in called
        and (module == "numpy.ndarray" or coverage.op_of(module, name) not in ops)
    ]
    assert missing == []


# Of expressions and statements: what is refused, and what is older than Python 3.8.
REFUSED = "Await AsyncFor AsyncFunctionDef AsyncWith TryStar TypeAlias"
OLD = "Num Str Bytes NameConstant Ellipsis Index ExtSlice Suite AugLoad AugStore Param"


def nodes(cls):
    """The names of the classes of nodes that have no classes of their own."""
    below = [each for each in cls.__subclasses__() if each.__module__ == "ast"]
    return set().union(*map(nodes, below)) if below else {cls.__name__}


def used_in(text):
    return {type(node).__name__ for node in ast.walk(ast.parse(text))}


def test_each_operator_and_statement_of_python_has_a_program():
    calls = [call for module, _, some in groups() if module == "operators" for call in some]
    programs = (Path(__file__).parent / "corpus" / "statements.py").read_text("utf-8")
    used = used_in(programs).union(*map(used_in, calls))
    kinds = ast.operator, ast.unaryop, ast.boolop, ast.cmpop, ast.expr, ast.stmt
    missing = set().union(*map(nodes, kinds)) - used
    assert missing - {*REFUSED.split(), *OLD.split()} == set()
