"""Command-line options declared once, in the annotations of a dataclass.

A field ``rate: Annotated[float | None, option("--rate", ...)]`` is an option, one with
``argument(...)`` an argument. A field whose type is another such dataclass adds those of that one.
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
    group: str
    settings: dict[str, Any]
    is_argument: bool = False

    def decorator(self, field: str) -> Callable[..., Any]:
        """Return what adds the option or argument to a function, with the name of its field."""
        if self.is_argument:
            return click.argument(field, **self.settings)
        return click.option(
            *self.names, field, cls=_GroupedOption, group=self.group, **self.settings
        )


class _GroupedOption(click.Option):
    """An option that knows under which heading ``--help`` lists it; "" is for no heading."""

    def __init__(self, *args: Any, group: str = "", **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.group = group


class GroupedCommand(click.Command):
    """A command whose ``--help`` lists the options under headings, and then its epilog as it is."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write a section for each heading, in the order of their first options."""
        groups: dict[str, list[tuple[str, str]]] = {}
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx) if isinstance(param, click.Option) else None
            if record:
                groups.setdefault(getattr(param, "group", ""), []).append(record)
        ungrouped = groups.pop("", [])
        for heading, records in (*groups.items(), ("Options", ungrouped)):
            if records:
                with formatter.section(heading):
                    formatter.write_dl(records)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the epilog line by line."""
        if self.epilog:
            formatter.write(f"\n{self.epilog.strip()}\n")


def option(*names: str, live_only: bool = False, group: str = "", **settings: Any) -> _Option:
    """Declare an option by its names, the long one first.

    Args:
        names: The names.
        live_only: Whether the option has no effect unless requests are sent.
        group: The heading under which a ``GroupedCommand`` lists it, "" for none.
        settings: Those of ``click.option``.
    """
    return _Option(names, live_only, group, settings)


def typed_ids(context: click.Context, parameter: click.Parameter, ids: tuple[str, ...]) -> Any:
    """Return the ids of the requirements that a user typed, such as ``sse3``, as they are written.

    This is a callback of ``click.option``.
    """
    from conformance.judging.requirements.typed_ids import id_like

    return tuple(map(id_like, ids))


def argument(**settings: Any) -> _Option:
    """Declare an argument, which is named after its field; ``settings`` are of ``click.argument``.

    An argument is not ``live_only``.
    """
    return _Option((), False, "", settings, is_argument=True)


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
            declared.decorator(field)(call)
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
            unset = (None, False, (), declared.settings.get("default"))
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
