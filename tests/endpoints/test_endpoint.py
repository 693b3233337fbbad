"""A conversation continues as long as the next turn can be built from the last answer."""

from collections.abc import Callable

from conformance.cases import Case, Turn
from conformance.endpoints.endpoint import Unreachable, converse
from conformance.protocol.exchange import Exchange
from tests.judging.conftest import completion, error

CASE = Case(
    "conversation-x",
    "x",
    "x",
    frozenset(),
    "/chat/completions",
    {"model": "m", "messages": []},
    then=(Turn(user="a"), Turn(user="b")),
)


def answering(
    *outcomes: Exchange | Unreachable,
) -> tuple[Callable[[Case], Exchange | Unreachable], list[Case]]:
    asked: list[Case] = []
    coming = iter(outcomes)

    def endpoint(case: Case) -> Exchange | Unreachable:
        asked.append(case)
        return next(coming)

    return endpoint, asked


def test_each_turn_carries_all_that_was_said() -> None:
    endpoint, asked = answering(completion("1"), completion("2"), completion("3"))
    assert list(converse(CASE, endpoint)) == [completion("1"), completion("2"), completion("3")]
    said = [[message["content"] for message in case.body["messages"]] for case in asked]
    assert said == [[], ["1", "a"], ["1", "a", "2", "b"]]


def test_an_error_or_no_answer_is_the_last_turn() -> None:
    for last in (error(400), Unreachable("refused")):
        endpoint, asked = answering(completion("1"), last)
        assert list(converse(CASE, endpoint)) == [completion("1"), last]
        assert len(asked) == 2
