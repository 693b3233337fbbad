"""The metrics of a comparison, and the numbers of one sample.

Denominators. The share of a metric that gates counts all requests that asked for it. A refusal, an
empty answer and a cut answer do not have what was asked for; otherwise a model that refuses the
hard questions would look better. A finish reason ``length`` counts as cut even if the text is
whole, as clients raise an error for it. A request that the server refuses (400 to 499) does not
have what it asked for either, and has no value where an answer is described: refused, empty,
thoughts only, finish reasons, tokens and times. Rate limits, failures of the server, time-outs and
lost connections have metrics of their own and no value in any other. A case that must be refused
has values of requirements only.

What is asked. The case says it in its check. Without one, the request does: ``response_format``
asks for JSON, ``tool_choice`` may require a call. Tools that are only offered do not have to be
called, but the questions are the same on both sides, and an application that was built on OLD's
calls breaks without them: so any call counts, and fewer are worse. The share of the finish reason
``tool_calls`` shows the same without a direction: only this one may also rise unnoticed.

What gates, by default:

    share of broken must requirements    2 points
    behaviour                            5 points
    refused requests, failures, losses   5 points; a bad minute does not count, as "worse" must
                                         survive leaving out any tenth of the run
    rate limits                          never: they depend on the quota and on how fast one asks
    tokens and times                     never: more of them breaks nothing, and times depend on the
                                         load; margin 10 %

What does not gate is judged all the same: 40 tokens or 150 ms more on every question are shown as
"worse" among the first lines, and the comparison does not fail because of them.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from types import MappingProxyType

from conformance.comparison.measures import (
    amounts,
    errors,
    finish,
    parameters,
    text,
    tools,
)
from conformance.comparison.measures.answer import AskedAnswer
from conformance.comparison.measures.errors import INFRASTRUCTURE
from conformance.comparison.metric import Metric, Unit
from conformance.comparison.sample import Measured, Sample
from conformance.judging.judge import Judge
from conformance.judging.requirements import Level, Requirement
from conformance.protocol.chat.facts import fold
from conformance.protocol.exchange import Exchange

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
            _good("max-tokens-honoured", "answers within the token limit"),
            _good("n-honoured", "answers with as many choices as asked for"),
            _bad("error-4xx", "requests that the server refused"),
            _bad("error-429", "requests over a rate limit", gates=False),
            _bad("error-5xx", "requests that failed in the server"),
            _bad("no-response", "requests without a whole response"),
            _amount("tokens-in", "tokens of the prompt", "tokens"),
            _amount("tokens-out", "tokens of the answer", "tokens"),
            _amount("first-byte", "time to the first byte", "milliseconds"),
            _amount("longest-gap", "longest gap in a stream", "milliseconds"),
            _amount("total-time", "time to the last byte", "milliseconds"),
        )
    }
)
"""The metrics by name, without the requirements; see ``requirement_metric``."""


def requirement_metric(entry: Requirement, levels: Collection[Level] = ()) -> Metric:
    """Return the metric of a requirement: the share of answers that break it.

    It gates if it is about the protocol and a must. ``levels`` are those that the profiles of the
    two sides give it; without them, a must for any kind of target counts.
    """
    gates = entry.about == "protocol" and "must" in (levels or entry.levels.values())
    return Metric(
        entry.id, entry.sentence, "share", "more", _PROTOCOL, gates=gates, is_requirement=True
    )


def measure(sample: Sample, judge: Judge) -> Measured:
    """Return the numbers of a sample; ``judge`` judges the requirements.

    A sample has no number at all if its recording lacks the body or a part of it.
    """
    if sample.exchange is not None and not errors.is_recorded(sample.exchange):
        return Measured(sample)
    error = errors.error_class(sample)
    infrastructure: dict[str, float] = {name: float(error == name) for name in INFRASTRUCTURE}
    if sample.exchange is None or error in INFRASTRUCTURE:
        return Measured(sample, infrastructure)
    values = infrastructure | _requirements(sample, sample.exchange, judge)
    if sample.asked is not None and sample.asked.wants_refusal:
        return Measured(sample, values)
    asked = AskedAnswer(sample, fold(sample.exchange))
    wanted = tools.measures(asked) | text.measures(asked)
    values |= wanted | parameters.measures(asked) | {"error-4xx": float(error is not None)}
    if error is None:
        values |= finish.measures(asked) | amounts.measures(asked)
    elif errors.is_filtered(asked.facts):
        values["refused"] = 1.0
    return Measured(sample, values, wanted if asked.is_usable else {})


def _requirements(sample: Sample, exchange: Exchange, judge: Judge) -> dict[str, float]:
    """Return 1.0 for each requirement that the answer breaks, 0.0 for each that it keeps.

    A known deviation counts as broken: a profile may excuse it, but it is a change all the same.
    """
    values = {"fail": 1.0, "known": 1.0, "pass": 0.0, "stale": 0.0}
    if sample.asked is not None:
        exchange = replace(exchange, meta={**exchange.meta, "probes": sample.asked.probes})
    return {
        verdict.requirement: values[verdict.outcome]
        for verdict in judge.verdicts(exchange)
        if verdict.outcome in values and verdict.level != "may"
    }
