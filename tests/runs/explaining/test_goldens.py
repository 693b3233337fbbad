"""Goldens ship with the package, and can serve as answers to probes."""

from conformance.cases import DOCUMENTED, read_cases
from conformance.protocol.chat.facts import fold
from conformance.protocol.exchange import Exchange
from conformance.runs.explaining.goldens import FOLDER, as_probes, goldens, in_small_deltas


def _golden(identifier: str) -> Exchange:
    return next(each for each in goldens() if each.id == identifier)


def test_the_goldens_are_in_the_package_and_count_as_bytes() -> None:
    assert FOLDER.parts[-3:] == ("conformance", "faults", "golden")
    assert len(goldens()) > 100
    assert all("bytes" in each.evidence for each in goldens())


def test_a_golden_answers_each_case_that_probes_the_requirement() -> None:
    cases = list(read_cases(DOCUMENTED))
    probing = [case for case in cases if "ERR-021" in case.probes]
    asked = list(as_probes("ERR-021", [_golden("openai/plain")], cases))
    assert len(asked) == len(probing) > 0
    assert all(each.meta["probes"] == ("ERR-021",) for each in asked)
    assert asked[0].request.body["model"] != "gpt-4.1"


def test_without_such_a_case_the_golden_itself_is_the_probe() -> None:
    golden = _golden("openai/plain")
    assert [each.request for each in as_probes("ERR-021", [golden], [])] == [golden.request]


def test_small_deltas_say_the_same() -> None:
    golden = _golden("openai/stream-image")
    split = in_small_deltas(golden)
    before, after = fold(golden), fold(split)
    assert [choice.text for choice in after.choices] == [choice.text for choice in before.choices]
    assert len(after.events) > len(before.events)
