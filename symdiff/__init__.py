"""Gradients of plain Python functions, as plain Python source.

>>> import math, symdiff
>>> def f(x, y):
...     return 1 + x + math.exp(math.sin(x * y))
>>> symdiff.grad(f, argnums=(0, 1))(0.0, 1.0)
(2.0, 0.0)
"""

from symdiff.api import (
    Gradient, batched, c_code, check_grads, checkpoint, eliminate, grad, graph, hessian,
    hvp,
    implicit, jacfwd, jacobian, jacrev, jvp, nondifferentiable, primitives, rule, rule_of,
    source, stage, stop_gradient, symbolic, system, trace, value_and_grad, vjp,
)  # fmt: skip
from symdiff.errors import DifferentiationError
from symdiff.version import __version__

__all__ = [
    "DifferentiationError", "Gradient", "__version__", "batched", "c_code", "check_grads",
    "checkpoint", "eliminate", "grad", "graph", "hessian", "hvp", "implicit", "jacfwd",
    "jacobian", "jacrev", "jvp", "nondifferentiable", "primitives", "rule", "rule_of",
    "source", "stage", "stop_gradient", "symbolic", "system", "trace", "value_and_grad",
    "vjp",
]  # fmt: skip
