"""What breaking a requirement does to real clients, as measured with faults of the catalogue.

``client_impact.jsonl`` has the day, the clients with their versions, and what was not compared in
its first line; each further line is a fault, with the worst that happened in each client.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Literal, TypeAlias, get_args

import orjson

Effect: TypeAlias = Literal["meta", "loses", "raises", "hangs"]
"""What happens to a client: only the finish reason or the usage differs, the result differs without
an error, an exception is raised, or no result comes within 5 seconds."""

EFFECTS: tuple[Effect, ...] = get_args(Effect)
"""All effects, the worst last."""

_FILE = Path(__file__).with_suffix(".jsonl")


@dataclass(frozen=True, slots=True)
class ClientImpact:
    """The worst effect of breaking one requirement, by client; unaffected clients are left out.

    ``messages`` has what a client printed, for clients that raised or hung.
    """

    effects: Mapping[str, Effect] = field(default_factory=lambda: MappingProxyType({}))
    messages: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def by_effect(self) -> dict[Effect, list[str]]:
        """Return the affected clients by effect, the worst effect first."""
        listed: dict[Effect, list[str]] = {
            effect: [client for client, worst in self.effects.items() if worst == effect]
            for effect in reversed(EFFECTS)
        }
        return {effect: clients for effect, clients in listed.items() if clients}

    @property
    def weight(self) -> tuple[int, ...]:
        """A sort key, the higher the worse: the number of clients by effect, the worst first."""
        effects = [*self.effects.values()]
        return tuple(effects.count(effect) for effect in reversed(EFFECTS))


@dataclass(frozen=True, slots=True)
class Measurement:
    """All impacts by requirement, the month in which they were measured, and the clients' names."""

    month: str
    clients: Mapping[str, str]
    by_requirement: Mapping[str, ClientImpact]

    def of(self, requirement: str) -> ClientImpact:
        """Return the impact of a requirement; one without any effect if none was measured."""
        return self.by_requirement.get(requirement, _NO_IMPACT)


_NO_IMPACT = ClientImpact()


@cache
def measured_impact() -> Measurement:
    """Read the shipped measurement."""
    head, *faults = map(orjson.loads, _FILE.read_bytes().splitlines())
    effects: dict[str, dict[str, Effect]] = {}
    messages: dict[str, dict[str, str]] = {}
    for fault in faults:
        worst = effects.setdefault(fault["requirement"], {})
        for client, effect in fault["worst"].items():
            if client not in worst or EFFECTS.index(effect) > EFFECTS.index(worst[client]):
                worst[client] = effect
                if client in fault.get("example", {}):
                    messages.setdefault(fault["requirement"], {})[client] = fault["example"][client]
    return Measurement(
        head["measured"],
        MappingProxyType(head["clients"]),
        MappingProxyType(
            {
                name: ClientImpact(
                    MappingProxyType(worst), MappingProxyType(messages.get(name, {}))
                )
                for name, worst in effects.items()
            }
        ),
    )
