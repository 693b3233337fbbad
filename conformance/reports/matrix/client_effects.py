"""What the answers of a target do to real clients, measured on them or on faults like theirs."""

from collections.abc import Mapping
from dataclasses import dataclass

from conformance.judging.requirements.client_impact import EFFECTS, Effect, measured_impact

_LEAST: Effect = "loses"
"""The weakest effect that is reported: a differing finish reason or usage breaks no client."""


@dataclass(frozen=True, slots=True)
class SdkBreak:
    """One answer that the official SDK does not read: the case, the call, and what it printed."""

    case: str
    call: str
    outcome: str
    what: str


@dataclass(frozen=True, slots=True)
class SdkEffects:
    """What the official SDK did with the answers of one target; ``version`` is that of the SDK.

    ``breaks`` has the first broken call of each answer on which a call raised or lost something.
    """

    version: str
    breaks: tuple[SdkBreak, ...]

    def by_outcome(self) -> dict[str, list[SdkBreak]]:
        """Return the broken answers by outcome, "raised" first, without empty outcomes."""
        listed = {
            outcome: [each for each in self.breaks if each.outcome == outcome]
            for outcome in ("raised", "lost")
        }
        return {outcome: breaks for outcome, breaks in listed.items() if breaks}


@dataclass(frozen=True, slots=True)
class ClientEffect:
    """What a client did with faults that break a requirement which the target breaks too.

    ``cases`` is in how many cases the target breaks it; ``message`` is what the client printed, ""
    if it printed nothing. The fault need not be the one of the target, so the client may do better.
    """

    requirement: str
    client: str
    effect: Effect
    cases: int
    message: str


def client_effects(broken: Mapping[str, int]) -> tuple[ClientEffect, ...]:
    """Return the effects of breaking these requirements, the worst first.

    ``broken`` has the number of cases that break each requirement, by its id.
    """
    measured = measured_impact()
    found = [
        ClientEffect(
            requirement,
            measured.clients[client],
            effect,
            cases,
            measured.of(requirement).messages.get(client, ""),
        )
        for requirement, cases in broken.items()
        for client, effect in measured.of(requirement).effects.items()
        if EFFECTS.index(effect) >= EFFECTS.index(_LEAST)
    ]
    return tuple(
        sorted(found, key=lambda each: (-EFFECTS.index(each.effect), -each.cases, each.client))
    )


def is_sdk(client: str) -> bool:
    """Return whether a client is the official SDK for Python, the one that a run can ask."""
    return client.startswith("openai (Python)")
