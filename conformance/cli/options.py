"""Command-line options declared once, in the annotations of a dataclass.

A field ``rate: Annotated[float | None, option("--rate", ...)]`` is an option. A field whose type is
another such dataclass adds the options of that one.
"""

import functools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, is_dataclass
from typing import Any, TypeVar, get_type_hints

import click

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Option:
    names: tuple[str, ...]
    live_only: bool
    settings: dict[str, Any]


def option(*names: str, live_only: bool = False, **settings: Any) -> _Option:
    """Declare an option by its names, the long one first.

    ``settings`` are those of ``click.option``.
    ``live_only`` marks an option that has no effect without --live.
    """
    return _Option(names, live_only, settings)


class Number(click.FloatRange):
    """A number that may be used for waiting: not nan or infinite, and neither tiny nor huge."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Return the number. Raises click.BadParameter."""
        number = float(super().convert(value, param, ctx))
        if not can_wait_for(number):
            self.fail(f"{value} is not a number from {SMALLEST:.6f} to {LARGEST:,.0f}.", param, ctx)
        return number


SMALLEST, LARGEST = 1e-6, 1e6
"""The limits of a number that may be used for waiting, except 0."""


def can_wait_for(number: float) -> bool:
    """Return whether a number may be used for waiting: 0, or from ``SMALLEST`` to ``LARGEST``."""
    return number == 0 or SMALLEST <= number <= LARGEST  # so that nan is refused


def takes_options(kind: type[T]) -> Callable[[Callable[[T], None]], Callable[..., None]]:
    """Give a command the options that ``kind`` declares; it is called with one instance of it."""

    def decorate(command: Callable[[T], None]) -> Callable[..., None]:
        @functools.wraps(command)
        def call(**values: Any) -> None:
            command(_instance(kind, values))

        for field, declared in reversed([*_declared(kind)]):
            click.option(*declared.names, field, **declared.settings)(call)
        return call

    return decorate


def live_only_in_use(options: object) -> list[str]:
    """Return the names of the options that were given and have no effect without --live."""
    names = []
    for field, hint in _hints(type(options)):
        value = getattr(options, field)
        if is_dataclass(hint):
            names += live_only_in_use(value)
        else:
            (declared,) = hint.__metadata__
            unset = (None, False, declared.settings.get("default"))
            names += [declared.names[0]] if declared.live_only and value not in unset else []
    return names


def _hints(kind: Any) -> Iterable[tuple[str, Any]]:
    """Return each field with its annotation, in order."""
    return get_type_hints(kind, include_extras=True).items()


def _declared(kind: Any) -> Iterator[tuple[str, _Option]]:
    """Yield each field that is an option, with its declaration, in order."""
    for field, hint in _hints(kind):
        if is_dataclass(hint):
            yield from _declared(hint)
        else:
            yield field, hint.__metadata__[0]


def _instance(kind: Any, values: dict[str, Any]) -> Any:
    """Return an instance of ``kind``, with nested instances, from the values by field name."""
    arguments: dict[str, Any] = {
        field: _instance(hint, values) if is_dataclass(hint) else values[field]
        for field, hint in _hints(kind)
    }
    return kind(**arguments)
