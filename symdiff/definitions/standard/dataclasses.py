"""What dataclasses are taken apart into."""

import copy
import dataclasses

__all__ = ["asdict", "astuple", "is_dataclass"]


def is_dataclass(obj):
    return hasattr(obj, "__dataclass_fields__")


def asdict(obj, *, dict_factory=None):
    if is_dataclass(obj):
        named = [
            (field.name, asdict(getattr(obj, field.name), dict_factory=dict_factory))
            for field in dataclasses.fields(obj)
        ]
        return dict(named) if dict_factory is None else dict_factory(named)
    if isinstance(obj, dict):
        return {key: asdict(obj[key], dict_factory=dict_factory) for key in obj}
    if isinstance(obj, tuple) and hasattr(obj, "_fields"):
        return type(obj)(*[asdict(item, dict_factory=dict_factory) for item in obj])
    if isinstance(obj, (list, tuple)):
        return type(obj)([asdict(item, dict_factory=dict_factory) for item in obj])
    return copy.deepcopy(obj)


def astuple(obj, *, tuple_factory=None):
    if is_dataclass(obj):
        values = [
            astuple(getattr(obj, field.name), tuple_factory=tuple_factory)
            for field in dataclasses.fields(obj)
        ]
        return tuple(values) if tuple_factory is None else tuple_factory(values)
    if isinstance(obj, dict):
        return {key: astuple(obj[key], tuple_factory=tuple_factory) for key in obj}
    if isinstance(obj, tuple) and hasattr(obj, "_fields"):
        return type(obj)(*[astuple(item, tuple_factory=tuple_factory) for item in obj])
    if isinstance(obj, (list, tuple)):
        return type(obj)([astuple(item, tuple_factory=tuple_factory) for item in obj])
    return copy.deepcopy(obj)
