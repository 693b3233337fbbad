"""The order in which cases are sent, so that a run that ends early has tested most features."""

from collections import deque
from collections.abc import Collection, Iterable, Iterator, Sequence

from conformance.cases import Case
from conformance.cases.case_feature import CASE_FEATURES, OTHERS, feature_of
from conformance.cases.twin_cases import twin_cases


def in_asking_order(cases: Iterable[Case], core: Collection[str]) -> list[Case]:
    """Return the cases in the order in which they are sent.

    Core cases come before all others, and among them those whose answers are limited: an answer
    without a limit may take a slow server longer than ten with one. Within each of these parts, a
    round has one case of every feature. A case that has twins, none of which was sent yet, is
    followed by the first of them, whatever it is.

    Args:
        cases: The cases.
        core: The ids of the core cases, in their own order.
    """
    by_id = {case.id: case for case in cases}
    first = [name for name in core if name in by_id]
    limited = [name for name in first if not _is_unlimited(by_id[name])]
    unlimited = [name for name in first if _is_unlimited(by_id[name])]
    others = sorted(by_id.keys() - set(first), key=lambda name: (bool(by_id[name].covers), name))
    twins: dict[str, list[str]] = {}
    for pair in twin_cases(by_id.values()):
        for one, other in (pair, pair[::-1]):
            twins.setdefault(one, []).append(other)
    rank = {name: place for place, name in enumerate((*limited, *unlimited, *others))}
    order: dict[str, None] = {}
    for name in (*_by_rounds(limited), *_by_rounds(unlimited), *_by_rounds(others)):
        if name in order:
            continue
        order[name] = None
        own = twins.get(name, ())
        if own and order.keys().isdisjoint(own):
            order[min(own, key=rank.__getitem__)] = None
    return [by_id[name] for name in order]


def _is_unlimited(case: Case) -> bool:
    """True if the request asks for an answer without a limit on its tokens."""
    limits = {"max_tokens", "max_completion_tokens"}
    return isinstance(case.body, dict) and not case.wants_refusal and not limits & case.body.keys()


def _by_rounds(names: Sequence[str]) -> Iterator[str]:
    """Yield the names in rounds, each with the next case of every feature that has one left.

    The features are in the order of ``CASE_FEATURES``.
    """
    waiting: dict[str, deque[str]] = {feature: deque() for feature in (*CASE_FEATURES, OTHERS)}
    for name in names:
        waiting[feature_of(name)].append(name)
    while any(waiting.values()):
        for left in waiting.values():
            if left:
                yield left.popleft()
