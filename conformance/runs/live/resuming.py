"""Going on with a run: what was answered already is read, not asked again."""

from collections.abc import Iterable
from pathlib import Path

from conformance.cases import Case
from conformance.endpoints.client.live_target import LiveTarget, url_of
from conformance.runs.cassette_answers import answers
from conformance.runs.results import Answer


def answered_before(
    folder: Path, target: LiveTarget, cases: Iterable[Case]
) -> dict[str, list[Answer]]:
    """By case, the answers that ``folder``/target/case.yaml holds to just this case, of just this
    target and model; none that is broken, cut or differs."""
    found: dict[str, list[Answer]] = {}
    for case in cases:
        path = folder / target.name / f"{case.id}.yaml"
        turns = list(answers(path)) if path.is_file() else []
        kept = [
            turn
            for turn in turns
            if isinstance(turn, Answer) and not turn.exchange.response.truncated
        ]
        if kept and len(kept) == len(turns) and _is_of(kept[0], case, target):
            found[case.id] = kept
    return found


def _is_of(answer: Answer, case: Case, target: LiveTarget) -> bool:
    request = answer.exchange.request
    return request.url == url_of(target.base_url, case.path) and request.body == case.request_for(
        target.model
    )
