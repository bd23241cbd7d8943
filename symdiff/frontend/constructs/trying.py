"""`try`, `raise`, `assert` and `with`."""

from __future__ import annotations

import ast

from symdiff.frontend.constructs.statements import Statements
from symdiff.frontend.flow.exits import FALSE, TRUE, NOT_AT_HAND, Catcher, Handler
from symdiff.frontend.memory.context import Refusal, Unfinished
from symdiff.frontend.memory.state import Branch
from symdiff.frontend.memory.values import (
    MISSING, ObjectRef, Partial, Poison, Sequence, Static, Value,
)  # fmt: skip
from symdiff.frontend.reading.library import is_context_function
from symdiff.ir.core import Atom, Const, Equation, Var
from symdiff.records import replace

__all__ = ["Trying"]

_CONTEXTS = frozenset(("numpy.errstate", "numpy.printoptions", "warnings.catch_warnings"))


class Trying(Statements):
    """Lowers errors that are raised and caught, and contexts."""

    def stmt_Try(self, node: ast.Try) -> None:
        if node.finalbody and node.handlers:
            # What the handlers raise passes the `finally`, too.
            inner = ast.Try(node.body, node.handlers, node.orelse, [])
            whole = ast.Try([ast.copy_location(inner, node)], [], [], node.finalbody)
            node = ast.copy_location(whole, node)
        handlers = tuple(self._handler(k, node) for k, node in enumerate(node.handlers))
        catcher = Catcher(
            handlers, node.finalbody, self.flag(f"<finished{len(self.levels)}>"),
            len(self.levels), self.frame, list(self.loop_names), len(self.sites),
            len(self.stack), list(self.catchers),
        )  # fmt: skip
        flags = [handler.flag for handler in handlers]
        flags += [catcher.finished] if node.finalbody else []
        for flag in flags:
            self.state.set(flag, FALSE)
        for handler in handlers:
            self.state.set(handler.error, MISSING)
        with self.level():
            self.catchers = [*catcher.outer, catcher]
            try:
                self.block(node.body)
            finally:
                self.catchers = catcher.outer
            if not self.ended and not self.left(node, node.orelse):
                self.block(node.orelse)
        finished = self.state.get(catcher.finished) if node.finalbody else TRUE
        for key in (*flags, *(handler.error for handler in handlers)):
            self.state.set(key, MISSING)
        if finished != TRUE:
            self._finally(node, [finished] if isinstance(finished, Var) else [])
        self.check_raised(node)

    def _handler(self, place: int, node: ast.ExceptHandler) -> Handler:
        number = place + sum(len(catcher.handlers) for catcher in self.catchers)
        flag, error = (self.flag(f"<{w}{number or ''}>") for w in ("failed", "error"))
        return Handler(self._classes(node.type), node.name, node.body, flag, error)

    def _classes(self, node: ast.expr | None) -> tuple[type, ...]:
        """The classes of errors that `except node` catches."""
        if node is None:
            return (BaseException,)
        value = self.expr(node)
        found = value.items if isinstance(value, Sequence) else (value,)
        classes = [v.value for v in found if isinstance(v, Static)]
        if len(classes) != len(found) or not all(map(_is_error, classes)):
            raise Refusal("which errors this catches is not known", node)
        return tuple(classes)

    def _finally(self, node: ast.Try, finished: list[Atom]) -> None:
        for part in node.finalbody:
            for inner in ast.walk(part):
                if isinstance(inner, (ast.Return, ast.Break, ast.Continue)):
                    message = "a `finally` that leaves the function or a loop"
                    raise Refusal(f"{message} is not supported", inner)
        # It runs whichever way control has left, and then that way is gone on.
        flags = [self.flag("<returned>"), *self.flags_to_handlers()]
        if self.loop_names:
            flags += map(self.loop_flag, ("left", "broken", "continued"))
        if self.frame.consumer is not None:
            flags += self.frame.consumer.flags
        held = {flag: self.state.get(flag) for flag in flags}
        on_way = [flag for flag, value in held.items() if value != FALSE]
        for flag in on_way:
            self.state.set(flag, FALSE)
        ended, self.ended = self.ended, False
        self.unless(finished, node, node.finalbody)
        self.ended = ended
        for flag in on_way:
            self.state.set(flag, held[flag])

    # -- with -------------------------------------------------------------------------

    def stmt_With(self, node: ast.With) -> None:
        self._with(node.items, node)

    def _with(self, items: list[ast.withitem], node: ast.With) -> None:
        if not items:
            self.block(node.body)
            return
        item, rest = items[0], items[1:]
        call = item.context_expr
        if isinstance(call, ast.Call) and self._with_library(call, item, rest, node):
            return
        entered = self.expr(call)
        if not isinstance(entered, ObjectRef):
            help = "leave it out, or enter it around the call of the gradient"
            raise Refusal("this context is not supported in `with`", call, help)
        self._with_object(entered, item, rest, node)

    def _with_library(
        self,
        call: ast.Call,
        item: ast.withitem,
        rest: list[ast.withitem],
        node: ast.With,
    ) -> bool:
        """A context of a library; False if it is none that is known."""
        manager = self.expr(call.func)
        whole = manager.function if isinstance(manager, Partial) else manager
        if isinstance(whole, Static) and is_context_function(whole.value):
            function = self.attribute(whole, "__wrapped__", call, "t")
            if isinstance(manager, Partial):
                function = replace(manager, function=function)
            self._with_generator(function, item, rest, node)
            return True
        name = _dotted(manager.value) if isinstance(manager, Static) else ""
        if name == "contextlib.suppress":
            self._suppress(call, rest, node)
            return True
        if name == "contextlib.nullcontext":
            value = self.expr(call.args[0]) if call.args else Const(None)
            if item.optional_vars is not None:
                self.assign(item.optional_vars, value)
        elif name in _CONTEXTS and item.optional_vars is None:
            self._enter_context(name, call)
        else:
            return False
        self._with(rest, node)
        return True

    def _with_generator(
        self,
        function: Value,
        item: ast.withitem,
        rest: list[ast.withitem],
        node: ast.With,
    ) -> None:
        """A generator function under `contextmanager`: what follows its `yield` is done
        whichever way control leaves the statement."""
        call = item.context_expr
        assert isinstance(call, ast.Call)
        if self.catching:
            message = "a generator's context that an error leaves before it is caught"
            raise Refusal(f"{message} is not supported", call, "put the `try` inside it")
        args, keywords = self.arguments(call)
        made = self.apply(function, args, keywords, call, "t")
        body = node.body
        if rest:
            body = [ast.copy_location(ast.With(rest, body), node)]
        target = item.optional_vars or ast.Name("<entered>", ast.Store())
        self.enter(made, ast.copy_location(target, call), body, node)

    def enter(
        self, made: Value, target: ast.expr, body: list[ast.stmt], node: ast.With
    ) -> None:
        """Run the body where the generator of a context yields."""
        raise NotImplementedError

    def _with_object(
        self,
        entered: ObjectRef,
        item: ast.withitem,
        rest: list[ast.withitem],
        node: ast.With,
    ) -> None:
        """An object of the user's: its two methods are called."""
        call = item.context_expr
        value = self.special_method("__enter__", [entered], call, "t")
        if value is None:
            raise Refusal("objects of this class are no contexts", call)
        if item.optional_vars is not None:
            self.assign(item.optional_vars, value)
        hides = self._hides_errors(entered, call)
        if self.catching and hides is None:
            message = "a context that an error leaves before it is caught"
            raise Refusal(f"{message} is not supported", call, "put the `try` inside it")
        if hides or self.catching:
            self._with_errors(entered, bool(hides), rest, node)
            return
        self._with(rest, node)
        nothing: list[Value] = [Const(None)] * 3
        hidden = self.special_method("__exit__", [entered, *nothing], call, "t")
        if hidden is not None and self.truth(hidden) is not False:
            message = "a context that hides some errors is not supported"
            raise Refusal(message, call, "write a `try` with a handler")

    def _hides_errors(self, entered: ObjectRef, call: ast.AST) -> bool | None:
        """Whether a context hides the errors that leave it; None if it asks which."""
        asked: list[Value] = [NOT_AT_HAND] * 3
        problems = len(self.problems)
        with self.path(Branch()):
            try:
                value = self.special_method("__exit__", [entered, *asked], call, "t")
                hides = value is not None and self.truth(value)
            except Refusal:
                hides = None
        if len(self.problems) > problems:
            del self.problems[problems:]
            return None
        return hides

    def _with_errors(
        self, entered: ObjectRef, hides: bool, rest: list[ast.withitem], node: ast.With
    ) -> None:
        """A context that errors leave, too: `__exit__` is a `finally`."""
        name = f"<context{len(self.levels)}>"
        body: list[ast.stmt] = [ast.With(rest, node.body)] if rest else node.body
        if hides:
            body = [ast.Try(body, [ast.ExceptHandler(None, None, [ast.Pass()])], [], [])]
        leave = ast.Attribute(ast.Name(name, ast.Load()), "__exit__", ast.Load())
        nothing: list[ast.expr] = [ast.Constant(None) for _ in range(3)]
        whole = ast.Try(body, [], [], [ast.Expr(ast.Call(leave, nothing, []))])
        for part in ast.walk(whole):
            if not hasattr(part, "lineno"):
                ast.copy_location(part, node)
        with self.scope(ast.Name(name, ast.Store())):
            self.state.set((self.frame.number, name), entered)
            self.stmt_Try(whole)

    def _suppress(self, call: ast.Call, rest: list[ast.withitem], node: ast.With) -> None:
        """`with suppress(E)` is a `try` with a handler that does nothing."""
        classes = ast.copy_location(ast.Tuple(call.args, ast.Load()), call)
        nothing: list[ast.stmt] = [ast.copy_location(ast.Pass(), call)]
        handler = ast.copy_location(ast.ExceptHandler(classes, None, nothing), call)
        body: list[ast.stmt] = node.body
        if rest:
            body = [ast.copy_location(ast.With(rest, node.body), node)]
        self.stmt_Try(ast.copy_location(ast.Try(body, [handler], [], []), node))

    def _enter_context(self, op: str, call: ast.Call) -> None:
        """A context that touches no values: the whole of the generated code runs in it,
        since the reverse sweep divides and takes logarithms too."""
        keywords = {k.arg: self.expr(k.value) for k in call.keywords if k.arg}
        values = tuple(v for v in keywords.values() if isinstance(v, Const))
        known = len(values) == len(call.keywords) and not call.args
        if not known or any(v.value in ("raise", "call") for v in values):
            raise Refusal(f"these arguments of `{op}` are not supported", call)
        self.remember_module(op)
        made = Equation(self.names.fresh("t"), op, values, tuple(keywords) or None)
        if all(
            (made.op, made.args, made.params) != (c.op, c.args, c.params)
            for c in self.contexts
        ):
            self.contexts.append(made)

    # -- raise and assert -------------------------------------------------------------

    def stmt_Raise(self, node: ast.Raise) -> None:
        if node.exc is None or self._is_handled(node.exc):
            self._raise_again(node)
            return
        if self.frame.site is not None:
            self._not_defined(node.exc, node)
        if self.catching:
            cls = self._class_raised(node.exc)
            found = self.catcher_of(cls)
            if found is not None:
                self.raise_now(cls, node, self._error_for(found[1], cls, node.exc))
        self._raise(self.atom(self._error(node.exc), node.exc), node)

    def _not_defined(self, error: ast.expr, node: ast.Raise) -> None:
        """Refuse what the definition of a library function leaves out."""
        if isinstance(error, ast.Call) and isinstance(error.args[0], ast.Constant):
            if isinstance(error.func, ast.Name) and error.func.id == "NotImplementedError":
                raise Refusal(f"{error.args[0].value!s} is not supported", node)

    def _raise(self, error: Atom, node: ast.Raise) -> None:
        """Raise what nobody catches."""
        self.clean_up()
        if not self.ended:
            self.build.span = self.span(node)
            self.build.define("raise", error)
            self.ended = True

    def _error(self, node: ast.expr) -> Value:
        """The error that is raised: a call of its class, which itself raises nothing."""
        with self.raising_nothing():
            try:
                return self.expr(node)
            except Unfinished:
                raise
            except Refusal:
                if not isinstance(node, ast.Call):
                    raise
                return self._shown_as_written(node)

    def _shown_as_written(self, node: ast.Call) -> Value:
        """An error whose text would show a dict or object: it shows how that is written."""
        shown: list[ast.expr] = [ast.Constant(ast.unparse(arg)) for arg in node.args]
        made = ast.copy_location(ast.Call(node.func, shown, []), node)
        for part in shown:
            ast.copy_location(part, node)
        return self.expr(made)

    def _error_for(self, handler: Handler, cls: type, node: ast.expr) -> Value:
        """The error as its handler sees it: with its parts, if these are read there."""
        if handler.name is None:
            return NOT_AT_HAND
        used = [n for part in handler.body for n in ast.walk(part)]
        parts = sum(_reads_part_of(handler.name, part) for part in used)
        if not parts:
            return self._error(node)
        names = sum(isinstance(n, ast.Name) and n.id == handler.name for n in used)
        shown = names > parts or any(isinstance(n, ast.Raise) and not n.exc for n in used)
        call = node if isinstance(node, ast.Call) else ast.Call(node, [], [])
        call = ast.copy_location(call, node)
        with self.raising_nothing():
            args, kw = self.arguments(call)
            raised: Value = NOT_AT_HAND
            if shown:
                raised = self.apply(self.expr(call.func), args, kw, call, "t")
            return self.error_with_parts(cls, raised, args, kw, call)

    def _is_handled(self, error: ast.expr) -> bool:
        """Whether this names the error that the handler around it has caught."""
        if not self.handling or not isinstance(error, ast.Name):
            return False
        handler, caught = self.handling[-1]
        key = (self.frame.number, error.id)
        return error.id == handler.name and self.state.get(key) == caught

    def _raise_again(self, node: ast.Raise) -> None:
        help = "raise one of your own"
        handler, error = self.handling[-1] if self.handling else (None, NOT_AT_HAND)
        if handler is not None:
            if self.may_be_caught(handler.classes):
                message = "whether an error that is raised again is caught is not known"
                raise Refusal(message, node, help)
            self.raise_one_of(handler.classes, node, error)
        if isinstance(error, Poison):
            message = "raising an error again that an operation raised"
            raise Refusal(f"{message} is not supported", node, help)
        self._raise(self.atom(error, node), node)

    def _class_raised(self, node: ast.expr) -> type:
        made = self.expr(node.func if isinstance(node, ast.Call) else node)
        if isinstance(made, Static) and _is_error(made.value):
            cls: type = made.value
            return cls
        raise Refusal("which error this raises is not known", node)

    def stmt_Assert(self, node: ast.Assert) -> None:
        cond = self.tested(node.test)
        if self.truth(cond) is True:
            return
        if self.catcher_of(AssertionError) is not None:
            self.raise_where(self.negated(cond, node, "t"), AssertionError, node)
            return
        atoms = [self.atom(cond, node.test)]
        if node.msg is not None:
            atoms.append(self.value_atom(node.msg))
        self.build.span = self.span(node)
        self.build.define("assert", *atoms)


def _dotted(value: object) -> str:
    return f"{getattr(value, '__module__', '')}.{getattr(value, '__name__', '')}"


def _reads_part_of(name: str, node: ast.AST) -> bool:
    of = node.value if isinstance(node, ast.Attribute) else None
    return isinstance(of, ast.Name) and of.id == name


def _is_error(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, BaseException)
