"""The kinds that are inferred for NumPy calls, against what NumPy returns."""

# ruff: noqa: E501
from __future__ import annotations

import operator
from typing import Any

import numpy as np
import pytest
from interpret import kind_of_value

from symdiff.ir.core import Const
from symdiff.ir.extents import add_extents, shift, sliced
from symdiff.ir.infer import infer
from symdiff.ir.kinds import (
    UNKNOWN, Array, Bool, Complex, Float, Int, Kind, Size, Tuple,
)  # fmt: skip

rng = np.random.default_rng(3)


def real(*shape: int, dtype: str = "float64") -> Any:
    return (rng.normal(size=shape) * 9).astype(dtype)


def inferred(name: str, args: tuple[Any, ...], kw: dict[str, Any], exact: bool) -> Kind:
    kinds, atoms = [], []
    for place, value in enumerate((*args, *kw.values())):
        plain = value is None or isinstance(value, (int, float, str))
        # Settings are constants of the program; what is not may have any length.
        kinds.append(kind_of_value(value, f"n{place}", exact or _is_setting(value)))
        atoms.append(Const(value) if plain else f"v{place}")
    return infer(f"numpy.{name}", tuple(kinds), atoms, tuple(kw))


def _is_setting(value: Any) -> bool:
    if isinstance(value, tuple):
        return all(map(_is_setting, value))
    return isinstance(value, int)


def agrees(kind: Kind, value: Any) -> bool:
    if isinstance(kind, Tuple):
        pairs = zip(kind.items, value, strict=True)
        return all(agrees(k, v) for k, v in pairs)
    if isinstance(kind, Array):
        assert isinstance(value, np.ndarray), (kind, type(value))
        assert str(value.dtype) == kind.dtype, (kind, value.dtype)
        assert value.ndim == kind.ndim, (kind, value.shape)
        for length, extent in zip(value.shape, kind.dims, strict=True):
            assert not isinstance(extent, int) or extent == length, (kind, value.shape)
            assert not isinstance(extent, Size) or not extent.not_one or length != 1
        return True
    assert np.ndim(value) == 0, (kind, np.shape(value))
    char = np.asarray(value).dtype.kind
    return char in {Float: "f", Complex: "c", Int: "iu", Bool: "b"}.get(type(kind), "")


def case(name: str, *args: Any, **kw: Any) -> Any:
    shapes = ",".join(str(np.shape(a) if hasattr(a, "shape") else a) for a in args)
    return pytest.param(name, args, kw, id=f"{name}({shapes}{kw or ''})".replace(" ", ""))


A, V, W = real(3, 4), real(4), real(4)
SQUARE = A[:, :3] @ A[:, :3].T + 100 * np.eye(3)

CASES = [
    case("clip", A, None, 1.0), case("clip", A, 0.0, None), case("clip", A, a_min=0.0, a_max=None),
    case("clip", 1.5, 0.0, 1.0), case("clip", real(3, dtype="float32"), 0.0, 1.0),
    case("diag", V), case("diag", V, 1), case("diag", V, k=-2), case("diag", A),
    case("diag", A, 2), case("diag", A, k=-1), case("diag", A, 9), case("diag", SQUARE),
    case("diagonal", A), case("diagonal", A, 1), case("diagonal", real(2, 3, 4)),
    case("diagonal", real(2, 3, 4), axis1=1, axis2=2), case("diagonal", real(2, 3, 4), 1, 2, 0),
    case("tensordot", A, A), case("tensordot", A, A.T, 1), case("tensordot", A, V, axes=1),
    case("tensordot", A, A, axes=((0,), (0,))), case("tensordot", A, A, axes=(0, 0)),
    case("tensordot", A, A, axes=((0, 1), (0, 1))), case("tensordot", V, W, axes=0),
    case("einsum", "ij,jk->ik", A, A.T), case("einsum", "ij,jk", A, A.T),
    case("einsum", "ij,ij->", A, A), case("einsum", "ij->i", A), case("einsum", "i,j->ij", V, W),
    case("einsum", "ij -> j", A), case("einsum", "ij,ij->i", A[:, :1], A),
    case("tile", V, 2), case("tile", A, (2, 3)), case("tile", V, (2, 2)), case("tile", 1.5, 3),
    case("tile", A, (2,)), case("tile", A, reps=(4, 1, 2)),
    case("repeat", V, 2), case("repeat", A, 2), case("repeat", A, 2, axis=1),
    case("repeat", A, 3, -2), case("repeat", V, np.array([1, 2, 0, 3])), case("repeat", 1.5, 3),
    case("column_stack", (V, W)), case("column_stack", (V, real(4, 2), W)),
    case("vstack", (V, A)), case("vstack", (A, V, A)), case("vstack", (V, W)),
    case("vstack", (1.5, 2.5)), case("hstack", (V, 1.5)), case("hstack", (1.5, V)),
    case("hstack", (A, A)), case("hstack", (V, W)), case("stack", (V, W), axis=1),
    case("concatenate", (A, A), axis=None), case("concatenate", (A, A), -1),
    case("concatenate", (V, np.arange(3))), case("concatenate", (real(2, dtype="float32"), V)),
    case("atleast_1d", 1.5), case("atleast_1d", V), case("atleast_2d", 1.5),
    case("atleast_2d", V), case("atleast_2d", A), case("atleast_3d", V), case("atleast_3d", A),
    case("kron", A, A), case("kron", V, A), case("kron", A, V), case("kron", V, 2.5),
    case("cross", real(3), real(3)), case("cross", real(5, 3), real(3)),
    case("interp", 1.5, V, W), case("interp", A, V, W), case("interp", real(3, dtype="float32"), V, W),
    case("linalg.slogdet", SQUARE), case("linalg.cholesky", SQUARE), case("linalg.eigh", SQUARE),
    case("linalg.eigvalsh", SQUARE), case("linalg.inv", SQUARE), case("linalg.det", SQUARE),
    case("linalg.det", np.stack((SQUARE, SQUARE))), case("linalg.slogdet", np.stack((SQUARE, SQUARE))),
    case("linalg.inv", np.array([[2, 1], [1, 3]])), case("linalg.solve", SQUARE, real(3)),
    case("linalg.solve", SQUARE, np.arange(3)), case("linalg.solve", SQUARE, real(3, 2)),
    case("float64", 1.5), case("float32", 1.5), case("float64", 2), case("float32", A),
    case("logaddexp", V, W), case("logaddexp2", V, 1.5), case("logaddexp", 1.0, 2.0),
    case("full", 3, fill_value=1.5), case("full", shape=(2, 3), fill_value=2),
    case("full", (2, 3), 1.5, "float32"), case("full", 3, V[:3]), case("full", 3, True),
    case("full_like", A, 2), case("full_like", A, 2, "int64"), case("zeros_like", A, "float32"),
    case("zeros_like", A, dtype=None), case("ones_like", 1.5), case("zeros_like", A, shape=(2,)),
    case("arange", 5), case("arange", -2), case("arange", 1, 6), case("arange", 1, 9, 3),
    case("arange", 9, 1, -3), case("arange", 0.0, 2.0, 0.3), case("arange", 3.0),
    case("arange", 4, dtype="float64"), case("arange", start=1, stop=4), case("arange", stop=4, start=1),
    case("arange", 2.5, dtype="float32"), case("arange", 1, step=2, stop=8),
    case("linspace", 0.0, 1.0), case("linspace", 0.0, 1.0, 7), case("linspace", 0.0, 1.0, num=7),
    case("linspace", 0, 1, num=7, endpoint=False), case("linspace", V, 1.0, 3),
    case("linspace", start=0.0, stop=2.0, num=4), case("linspace", 0.0, 1.0, 7, dtype="float32"),
    case("eye", 3), case("eye", 3, 4), case("eye", 3, M=2), case("eye", 3, dtype="float32"),
    case("identity", 3), case("identity", 3, "float32"),
    case("modf", V), case("modf", 1.5), case("frexp", A), case("frexp", 1.5),
    case("sum", np.arange(4, dtype="int8")), case("sum", real(4, dtype="uint8"), 0),
    case("cumsum", np.arange(4, dtype="int16")), case("cumsum", A), case("cumsum", A, 0),
    case("cumsum", A > 0, axis=1), case("prod", A > 0, axis=0), case("max", A > 0, axis=0),
    case("sin", np.arange(3, dtype="int8")), case("sqrt", np.arange(3, dtype="uint16")),
    case("divide", np.arange(3, dtype="int8"), np.int64(2)), case("exp", A > 0),
    case("round", A, 2), case("round", np.arange(3), 1), case("nan_to_num", np.arange(3), nan=0.0),
    case("abs", A + 1j), case("abs", real(3, dtype="float32") * np.complex64(1j)),
    case("squeeze", A[:1]), case("squeeze", A[:1], axis=0), case("expand_dims", 1.5, 0),
    case("diff", A), case("diff", A, 2), case("diff", A, n=1, axis=0), case("diff", V, 9),
    case("searchsorted", V, W), case("searchsorted", V, 0.5), case("ravel", 1.5),
    case("tri", 3), case("tri", 3, 4), case("array", V, ndmin=2), case("nanargmax", A),
    case("array_equal", V, W), case("allclose", V, W), case("isposinf", V),
    case("digitize", V, np.arange(3.0)), case("size", A, 1), case("bitwise_and", np.arange(3), 1),
    case("linalg.matrix_rank", A), case("asanyarray", V, dtype="float32"),
    case("where", A > 0, A, 0.0), case("where", A > 0, 1.0, 0.0), case("where", V > 0, A, 0.0),
    case("reshape", A, (2, -1)), case("reshape", A, -1), case("transpose", A),
    case("swapaxes", real(2, 3, 4), 0, -1), case("moveaxis", real(2, 3, 4), 0, -1),
    case("transpose", real(2, 3, 4), axes=(2, 0, 1)), case("matrix_transpose", real(2, 3, 4)),
    case("dot", real(2, 3, 4), V), case("dot", real(2, 3, 4), real(4, 5)), case("dot", V, W),
    case("inner", A, V), case("inner", V, W), case("outer", A, V), case("vdot", A, A),
]  # fmt: skip


@pytest.mark.parametrize("exact", [True, False], ids=["exact", "any"])
@pytest.mark.parametrize("name, args, kw", CASES)
def test_kind_of_call(name: str, args: Any, kw: Any, exact: bool) -> None:
    kind = inferred(name, args, kw, exact)
    assert kind != UNKNOWN
    assert agrees(kind, operator.attrgetter(name)(np)(*args, **kw))


@pytest.mark.parametrize(
    "name, args, kw",
    [
        ("einsum", ("ij->ji", A), {}),  # a view
        ("einsum", ("...i->i", A), {}),
        ("full", (3, object()), {}),
        ("linspace", (0.0, 1.0), {"retstep": True}),
        ("squeeze", (A,), {"axis": "x"}),
    ],
)
def test_what_is_not_known(name: str, args: Any, kw: Any) -> None:
    kinds, atoms = [], []
    for value in (*args, *kw.values()):
        if type(value) is object:
            kinds.append(UNKNOWN)
        else:
            kinds.append(kind_of_value(value))
        atoms.append(Const(value) if isinstance(value, (str, float, int)) else "v")
    assert infer(f"numpy.{name}", tuple(kinds), atoms, tuple(kw)) == UNKNOWN


def test_arange_over_known_lengths() -> None:
    n = Size("u.0", 0, True)

    def arange(*bounds: Any) -> Kind:
        kinds = tuple(Int(b) for b in bounds)
        atoms = [Const(b) if isinstance(b, int) else "n" for b in bounds]
        return infer("numpy.arange", kinds, atoms, None)

    assert arange(n) == Array("int64", (n,))
    assert arange(0, n) == Array("int64", (n,))
    assert arange(1, Size("u.0", 1)) == Array("int64", (Size("u.0"),))
    assert arange(1, n) == Array("int64", (Size("u.0", -1),))
    assert arange(n, Size("u.0", 3)) == Array("int64", (3,))
    assert infer("numpy.diag", (Array("float64", (n, n)),), ["a"], None) == Array(
        "float64", (n,)
    )


def test_symbols_of_lengths_do_not_grow_without_end():
    def turned(extent, last):
        for _ in range(50):
            rest, first = shift(extent, -1), sliced(extent, None, last, None, f":{last}")
            extent = add_extents(rest, first)
        return extent

    extent = turned(Size("n"), 2)
    assert len(extent.symbol) < 250
    assert extent == turned(Size("n"), 2)
    assert extent not in (turned(Size("n"), 3), turned(Size("m"), 2))
