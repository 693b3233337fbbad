"""Resume a run: read the answers it already has, so that they are not requested again."""

from collections.abc import Iterable
from pathlib import Path

from conformance.cases import Case
from conformance.endpoints.client.live_target import LiveTarget, url_of
from conformance.protocol.exchange import Exchange, Request, Response
from conformance.runs.case_judging import why_incomplete
from conformance.runs.cassette_answers import answers
from conformance.runs.results import Answer
from conformance.traffic.redaction.redact import redact


def answered_before(
    folder: Path, target: LiveTarget, cases: Iterable[Case]
) -> dict[str, list[Answer]]:
    """Return, by case id, the answers in ``folder``/TARGET/CASE.yaml that can be used again.

    Left out are cases without a file, files that cannot be read, answers of which a turn is
    truncated or ended with an error (see ``why_incomplete``), and answers to a different request,
    URL or model.
    """
    usable: dict[str, list[Answer]] = {}
    for case in cases:
        path = folder / target.name / f"{case.id}.yaml"
        turns = list(answers(path)) if path.is_file() else []
        complete = [
            turn for turn in turns if isinstance(turn, Answer) and why_incomplete(turn) is None
        ]
        if complete and len(complete) == len(turns) and _answers(complete[0], case, target):
            usable[case.id] = complete
    return usable


def _answers(answer: Answer, case: Case, target: LiveTarget) -> bool:
    """True if the recorded request is the one that the case sends to this target now.

    Recorded requests are redacted, so projects and secrets are not compared.
    """
    recorded = answer.exchange.request
    request = Request(url=url_of(target.base_url, case.path), body=case.request_for(target.model))
    redacted = redact(Exchange("", request, Response(200))).request
    return recorded.url == redacted.url and recorded.body == redacted.body
