"""The command line: `symdiff show`, `check`, `trace` and the other commands."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from symdiff.api.stages import STAGES
from symdiff.cli.target import CommandError, Target, find, placed
from symdiff.errors import DifferentiationError
from symdiff.version import __version__

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; its exit code: 0 for success, 1 for a refusal or a wrong
    gradient, 2 for a command that cannot be understood."""
    options = _parser().parse_args(argv)
    try:
        if options.command == "rules":
            return _rules(options)
        target = find(options.target)
        if options.command == "show":
            return _show(target, options)
        if options.command == "check":
            return _check(target, options)
        if options.command == "symbolic":
            return _symbolic(target, options)
        return _trace(target, options)
    except CommandError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except DifferentiationError as error:
        print(f"error: {placed(error)}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # Whoever read the output has gone; nothing is left to say.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="symdiff", description="Differentiate Python functions into Python source."
    )
    parser.add_argument("--version", action="version", version=f"symdiff {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    target = argparse.ArgumentParser(add_help=False)
    target.add_argument(
        "target",
        metavar="FILE:FUNCTION",
        help="such as model.py:loss or package.model:loss",
    )
    target.add_argument(
        "--argnums",
        metavar="NAMES",
        help="the parameters to differentiate by, as names or positions: x,c "
        "(default: all that hold floats)",
    )
    aux = argparse.ArgumentParser(add_help=False)
    aux.add_argument(
        "--has-aux",
        action="store_true",
        help="the function returns a pair: the value to differentiate, and the rest",
    )

    at = argparse.ArgumentParser(add_help=False)
    at.add_argument(
        "--at",
        "--args",
        required=True,
        metavar="ARGUMENTS",
        help='the arguments, as Python with NumPy as np: "1.0, np.linspace(0, 1, 5), n=3"',
    )

    show = commands.add_parser(
        "show", parents=[target, aux], help="print the code of a function's gradient"
    )
    show.add_argument(
        "--types",
        metavar="TYPES",
        default="",
        help='the types of the arguments: "float, float64[:,:]" or "u: float32[:], n: int" '
        "(default: from annotations, defaults and uses)",
    )
    show.add_argument(
        "--at",
        metavar="ARGUMENTS",
        help="arguments whose types are taken, and with --unroll numbers and lengths, too",
    )
    show.add_argument(
        "--unroll", action="store_true", help="write out every loop; needs --at or defaults"
    )
    show.add_argument(
        "--indicators", action="store_true", help="write branches as sums over both sides"
    )
    show.add_argument(
        "--checkpoint",
        metavar="BLOCKS|STATES|MEMORY",
        default="",
        help="cut loops into so many blocks that run again in the reverse sweep, and with "
        '10,10 each block into blocks; or keep no more than "10 states" or "64 MB"',
    )
    show.add_argument(
        "--mode",
        choices=("forward", "reverse"),
        help="the mode of a gradient (default: the one that takes less time)",
    )
    show.add_argument(
        "--target",
        dest="text_for",
        choices=("python", "numba", "c"),
        default="python",
        help="what the code is for (default: python); of c, -o FILE.c writes FILE.h, too",
    )
    what = show.add_mutually_exclusive_group()
    what.add_argument(
        "--value", action="store_true", help="return the value together with the gradient"
    )
    what.add_argument(
        "--jvp",
        action="store_true",
        help="forward mode: the value and its derivative in a direction",
    )
    what.add_argument(
        "--vjp",
        action="store_true",
        help="reverse mode with an adjoint of the result, which may be anything",
    )
    what.add_argument(
        "--jacfwd",
        action="store_true",
        help="the value and all its derivatives by a few numbers, in one forward sweep",
    )
    what.add_argument(
        "--hvp",
        action="store_true",
        help="second derivatives: the gradient and its change in a direction",
    )
    what.add_argument(
        "--jacobian",
        metavar="ORDER",
        choices=("least", "markowitz", "forward", "reverse"),
        help="the Jacobian of a program of numbers by elimination of its values: least "
        "(the cheapest order), markowitz, forward or reverse",
    )
    output = show.add_mutually_exclusive_group()
    output.add_argument(
        "--stage",
        choices=STAGES,
        default="source",
        help="the stage to print (default: source)",
    )
    output.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        help="write a module that runs without symdiff; - is the standard output",
    )

    check = commands.add_parser(
        "check",
        parents=[target, aux, at],
        help="compare a gradient with differences of values",
    )
    check.add_argument("--eps", type=float, help="the step")
    check.add_argument("--rtol", type=float, help="the relative difference that is allowed")
    check.add_argument("--atol", type=float, help="the absolute difference that is allowed")

    run = argparse.ArgumentParser(add_help=False)
    run.add_argument(
        "--depth",
        default="0",
        help="how many levels of calls to write out; `all` for all (default: 0)",
    )
    run.add_argument(
        "--limit",
        type=int,
        default=1_000_000,
        help="how many equations may be executed (default: 1000000)",
    )
    trace = commands.add_parser(
        "trace", parents=[target, at, run], help="print what a function executes"
    )
    trace.add_argument(
        "--gradients", action="store_true", help="and the gradient of each value"
    )
    graph = commands.add_parser(
        "graph",
        parents=[target, at, run],
        help="print that as a graph, in the language of Graphviz",
    )
    graph.add_argument(
        "--targets",
        metavar="NAMES",
        help="draw the gradients by these variables, too: x,z5",
    )
    graph.add_argument("--svg", metavar="FILE", help="write a picture of it instead")
    system = commands.add_parser(
        "system",
        parents=[target, at, run],
        help="print the linear system whose solution is the gradient",
    )
    system.add_argument(
        "--solve",
        choices=("back-substitution", "sparse", "dense", "least-squares-check"),
        default="back-substitution",
        help="how to solve it (default: back-substitution)",
    )
    system.add_argument("--svg", metavar="FILE", help="write a picture of the matrix")
    system.add_argument("--png", metavar="FILE", help="write one as PNG, without text")
    symbolic = commands.add_parser(
        "symbolic",
        parents=[target],
        help="print a function of numbers and its derivatives as formulas",
    )
    form = symbolic.add_mutually_exclusive_group()
    form.add_argument("--latex", action="store_true", help="as LaTeX")
    form.add_argument("--source", action="store_true", help="as Python source")
    form.add_argument(
        "--report",
        action="store_true",
        help="how many operations they have, beside those of the generated code",
    )
    symbolic.add_argument(
        "--simplify", action="store_true", help="simplify each formula first"
    )
    symbolic.add_argument(
        "--given",
        metavar="NAMES",
        default="",
        help="parameters that are numbers, such as the count of a loop: n=3",
    )
    rules = commands.add_parser(
        "rules", help="list the operations that have a derivative of their own"
    )
    rules.add_argument(
        "pattern",
        nargs="?",
        default="*",
        metavar="PATTERN",
        help="those whose name holds this, or is like it: tan, np.linalg.*",
    )
    return parser


def _rules(options: argparse.Namespace) -> int:
    from symdiff.cli import rules

    return rules.run(options)


def _show(target: Target, options: argparse.Namespace) -> int:
    from symdiff.cli import show

    return show.run(target, options)


def _check(target: Target, options: argparse.Namespace) -> int:
    from symdiff.cli import check

    return check.run(target, options)


def _symbolic(target: Target, options: argparse.Namespace) -> int:
    from symdiff.cli import symbolic

    return symbolic.run(target, options)


def _trace(target: Target, options: argparse.Namespace) -> int:
    from symdiff.cli import trace

    commands = {"trace": trace.run, "graph": trace.run_graph, "system": trace.run_system}
    return commands[options.command](target, options)
