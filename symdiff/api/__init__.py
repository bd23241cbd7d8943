"""The functions that users call.

`import symdiff` comes this far, with what a call needs whose code is in the cache; the
generator is loaded by the first call whose code is not.
"""

from __future__ import annotations

from symdiff.api.declaring import (
    implicit, nondifferentiable, primitives, rule, rule_of,
)  # fmt: skip
from symdiff.api.gradient import Gradient
from symdiff.api.operators import (
    grad, hessian, hvp, jacfwd, jacobian, jacrev, jvp, value_and_grad, vjp,
)  # fmt: skip
from symdiff.api.views import (
    batched, c_code, check_grads, eliminate, graph, source, stage, symbolic, system, trace,
)  # fmt: skip
from symdiff.declared import stop_gradient
from symdiff.checkpoints import checkpoint

__all__ = [
    "Gradient", "batched", "c_code", "check_grads", "checkpoint", "eliminate", "grad",
    "graph",
    "hessian", "hvp", "implicit", "jacfwd", "jacobian", "jacrev", "jvp",
    "nondifferentiable",
    "primitives", "rule", "rule_of", "source", "stage", "stop_gradient", "symbolic",
    "system", "trace", "value_and_grad", "vjp",
]  # fmt: skip
