"""The cases that are collected are the core cases and the examples that the target supports."""

from conformance.cases import cases
from conformance.cases.corpus import shipped_corpus
from conformance.endpoints.client.live_target import LiveTarget
from conformance.judging.profiles import profile
from conformance.runs.archive.case_choice import collected_cases, is_example
from conformance.runs.selection import Selection
from tests.cli.test_page_examples import EXAMPLES


def test_the_18_examples_are_recognised_by_their_source() -> None:
    assert {case.id for case in cases() if is_example(case)} == {
        case for case, _ in EXAMPLES.values()
    }


def test_core_cases_and_examples_are_chosen_and_nothing_else() -> None:
    for name, model, examples in (
        ("vertex-gemini", "google/gemini-3.5-flash", 14),
        ("gemini-api", "gemini-3.5-flash", 9),
        ("vertex-vllm", "m", 4),
    ):
        target = LiveTarget("t", "https://aiplatform.googleapis.com/v1", model, name, "KEY")
        chosen = collected_cases(target, Selection(name))
        core = shipped_corpus().core_of(name)
        able = profile(name).capabilities_of(model)
        wanted = {case.id for case in cases() if case.needs <= able}
        assert chosen <= wanted
        assert chosen == wanted & (core.keys() | {case for case, _ in EXAMPLES.values()})
        assert len(chosen & {case for case, _ in EXAMPLES.values()}) >= examples
