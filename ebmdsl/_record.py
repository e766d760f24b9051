"""Frozen, slotted dataclasses that cost a tenth to declare: their methods are shared."""

from __future__ import annotations

from dataclasses import MISSING, Field, FrozenInstanceError, dataclass, field, fields
from typing import Any, NamedTuple, TypeVar, dataclass_transform, final

Kind = TypeVar("Kind")


@final
class Layout(NamedTuple):
    """What the shared methods must know of one class."""

    positional: tuple[str, ...]
    named: frozenset[str]
    optional: tuple[Field[Any], ...]
    compared: tuple[str, ...]
    shown: tuple[str, ...]


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def record(cls: type[Kind]) -> type[Kind]:
    """Make a class a frozen, slotted dataclass.

    `dataclass` writes and compiles six methods for every class, and a cold `ebmc check`
    declares more than a hundred classes.

    >>> @record
    ... class Point:
    ...     x: int
    ...     y: int = 0
    >>> Point(1), Point(1, y=2) == Point(1, 2)
    (Point(x=1, y=0), True)
    """
    made: Any = dataclass(init=False, repr=False, eq=False, slots=True)(cls)
    made.__record__ = _layout(fields(made))
    for name, method in _SHARED.items():
        if name not in vars(cls):
            setattr(made, name, method)
    return made


def _layout(found: tuple[Field[Any], ...]) -> Layout:
    settable = [each for each in found if each.init]
    return Layout(
        positional=tuple(each.name for each in settable if not each.kw_only),
        named=frozenset(each.name for each in settable),
        optional=tuple(each for each in found if _is_optional(each)),
        compared=tuple(each.name for each in found if each.compare),
        shown=tuple(each.name for each in found if each.repr),
    )


def _is_optional(each: Field[Any]) -> bool:
    return each.default is not MISSING or each.default_factory is not MISSING


def _default(each: Field[Any]) -> Any:
    factory: Any = each.default_factory
    return factory() if each.default is MISSING else each.default


def _values(thing: Any, names: tuple[str, ...]) -> tuple[Any, ...]:
    return tuple([getattr(thing, name) for name in names])


@final
class _Shared:
    """The methods that all records have in common."""

    __record__: Layout

    def __init__(self, *args: Any, **given: Any) -> None:
        layout = self.__record__
        values = dict(zip(layout.positional, args, strict=False))
        if len(args) > len(layout.positional) or not values.keys().isdisjoint(given):
            raise TypeError(f"{type(self).__name__}: an argument too many, or given twice")
        values.update(given)
        if not values.keys() <= layout.named:
            unknown = ", ".join(sorted(values.keys() - layout.named))
            raise TypeError(f"{type(self).__name__} has no field {unknown}")
        for each in layout.optional:
            if each.name not in values:
                values[each.name] = _default(each)
        missing = layout.named - values.keys()
        if missing:
            raise TypeError(f"{type(self).__name__} needs {', '.join(sorted(missing))}")
        self.__setstate__(values)
        check = getattr(self, "__post_init__", None)
        if check is not None:
            check()

    def __repr__(self) -> str:
        shown = (f"{name}={getattr(self, name)!r}" for name in self.__record__.shown)
        return f"{type(self).__qualname__}({', '.join(shown)})"

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other):
            return NotImplemented
        names = self.__record__.compared
        return _values(self, names) == _values(other, names)

    def __hash__(self) -> int:
        return hash(_values(self, self.__record__.compared))

    def __setattr__(self, name: str, value: object) -> None:
        raise FrozenInstanceError(f"cannot assign to {name!r} of {type(self).__name__}")

    def __delattr__(self, name: str) -> None:
        raise FrozenInstanceError(f"cannot delete {name!r} of {type(self).__name__}")

    def __getstate__(self) -> dict[str, Any]:
        itself: Any = self
        return {each.name: getattr(self, each.name) for each in fields(itself)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        put = object.__setattr__
        for name, value in state.items():
            put(self, name, value)


_SHARED = {name: method for name, method in vars(_Shared).items() if callable(method)}
