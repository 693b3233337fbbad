"""The metrics of a comparison, and the numbers of one sample.

Margins: 2 points for a requirement of the protocol, 5 points for behaviour, 10 % for tokens and
time. Tokens and times do not gate: they depend on the load and on what a model has to say, so that
they are shown with their verdict, and the reader decides.

The share of a metric that gates counts all requests that asked for it. A refusal, an empty answer
and a cut answer do not have what was asked for. Otherwise a model that refuses the hard questions
would look better. Rate limits, failures of the server and lost connections say nothing about a
model: they have metrics of their own and no value in any other.
"""

from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType

from conformance.comparison.measures import errors, finish, parameters, text, tools, usage
from conformance.comparison.measures.answer import AskedAnswer, is_usable
from conformance.comparison.metric import Metric, Unit
from conformance.comparison.sample import Measured, Sample
from conformance.judging.judge import Judge
from conformance.judging.requirements import Requirement
from conformance.protocol.chat.facts import fold

_PROTOCOL, _BEHAVIOUR, _AMOUNT = 0.02, 0.05, 0.10


def _good(name: str, title: str) -> Metric:
    return Metric(name, title, "share", "less", _BEHAVIOUR, gates=True)


def _bad(name: str, title: str, *, gates: bool = True) -> Metric:
    return Metric(name, title, "share", "more", _BEHAVIOUR, gates=gates)


def _amount(name: str, title: str, unit: Unit) -> Metric:
    return Metric(name, title, unit, "more", _AMOUNT, gates=False)


METRICS: Mapping[str, Metric] = MappingProxyType(
    {
        metric.name: metric
        for metric in (
            _good("right-tool", "answers with the tool call that the question needs"),
            _good("any-tool", "answers with a tool call, where tools are offered"),
            _good("arguments-valid", "tool calls with arguments valid by the tool's schema"),
            _good("schema-valid", "answers that are JSON valid by the schema asked for"),
            _good("text-right", "answers with the right content"),
            _bad("refused", "answers that refuse"),
            _bad("empty", "answers that say nothing"),
            _bad("reasoning-only", "answers with thoughts and nothing else"),
            _bad("finish-length", "answers cut at the token limit"),
            _bad("finish-content-filter", "answers ended by a filter"),
            Metric(
                "finish-tool-calls",
                "answers that end with a tool call",
                "share",
                "neither",
                _BEHAVIOUR,
                gates=False,
            ),
            _good("stop-honoured", "answers that end before the stop string"),
            _good("limit-honoured", "answers within the token limit"),
            _good("choices-honoured", "answers with as many choices as asked for"),
            _bad("error-4xx", "requests refused with a status of 400 to 499"),
            _bad("error-429", "requests refused by a rate limit", gates=False),
            _bad("error-5xx", "requests that failed in the server", gates=False),
            _bad("no-answer", "requests without a whole answer", gates=False),
            _amount("tokens-in", "tokens of the prompt", "tokens"),
            _amount("tokens-out", "tokens of the answer", "tokens"),
            _amount("first-byte", "time to the first byte", "milliseconds"),
            _amount("longest-gap", "longest gap in a stream", "milliseconds"),
            _amount("total-time", "time to the last byte", "milliseconds"),
        )
    }
)
"""The metrics by name, without the requirements; see ``requirement_metric``."""


def requirement_metric(entry: Requirement) -> Metric:
    """Return the metric of a requirement: the share of answers that break it.

    It gates if it is about the protocol and a must for some kind of target.
    """
    gates = entry.about == "protocol" and "must" in entry.levels.values()
    return Metric(
        entry.id, entry.sentence, "share", "more", _PROTOCOL, gates=gates, is_requirement=True
    )


def measure(sample: Sample, judge: Judge) -> Measured:
    """Return the numbers of a sample; ``judge`` judges the requirements."""
    infrastructure = errors.infrastructure(sample)
    if sample.exchange is None or any(infrastructure.values()):
        return Measured(sample, infrastructure)
    asked = AskedAnswer(sample, fold(sample.exchange))
    refused = asked.facts.status >= HTTPStatus.BAD_REQUEST
    values = infrastructure | {"error-4xx": float(refused)}
    wanted = tools.measures(asked) | text.measures(asked)
    values |= wanted
    if not refused:
        values |= finish.measures(asked) | parameters.measures(asked) | usage.measures(asked)
    answered = wanted if is_usable(asked.facts) else {}
    return Measured(sample, values | _requirements(sample, judge), answered)


def _requirements(sample: Sample, judge: Judge) -> dict[str, float]:
    """Return 1.0 for each requirement that the answer breaks, 0.0 for each that it keeps.

    A known deviation counts as broken: a profile may excuse it, but it is a change all the same.
    """
    values = {"fail": 1.0, "known": 1.0, "pass": 0.0, "stale": 0.0}
    assert sample.exchange is not None
    return {
        verdict.requirement: values[verdict.outcome]
        for verdict in judge.verdicts(sample.exchange)
        if verdict.outcome in values and verdict.level != "may"
    }
