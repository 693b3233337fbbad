"""The rules over conversations: which turns they judge, and what they find."""

import pytest

from conformance.judging.finding_group import JudgedFinding
from conformance.judging.group_judge import verdicts_of_session
from conformance.judging.profiles import profile
from conformance.judging.suite import shipped_suite
from conformance.protocol.exchange import Exchange, Finding, Json
from tests.judging.conftest import (
    TOOLS,
    Object,
    call,
    chunks,
    completion,
    error,
    stream,
    streamed,
    told,
)
from tests.judging.rules.groups import (
    GEMINI,
    IMAGE,
    MODEL,
    SIGNED,
    Made,
    asking,
    found_in,
    fragments,
    user,
)
from tests.judging.rules.turns import conversation, results, said

ONE, TWO = call(), call("get_weather", '{"city":"Rome"}', "call_2")
FIRST = completion({"tool_calls": [ONE]})
REFUSED = error(400, "Invalid value for 'messages[1]'.")
TOOL: dict[str, Json] = {"tools": [*TOOLS]}


def outcomes(made: Made, name: str = "openai") -> dict[str, str]:
    return {
        verdict.requirement: verdict.outcome
        for verdict in verdicts_of_session(profile(name), shipped_suite(), made.exchanges)
    }


def findings(made: Made, name: str = "openai") -> dict[str, Finding]:
    found = found_in(verdicts_of_session(profile(name), shipped_suite(), made.exchanges))
    return {
        each.finding.requirement: told(each.finding)
        for each in found
        if isinstance(each, JudgedFinding)
    }


def answering(answer: Exchange, *then: Object, first: Exchange = FIRST, **request: Json) -> Made:
    """A call and the answer to what is sent then: the call and its result, where nothing else is
    said."""
    return conversation(
        "made", first, answer, then=([*(then or (said(ONE), *results(ONE)))],), **TOOL | request
    )


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (completion("Sunny."), "pass"),
        (completion({"tool_calls": [TWO]}), "pass"),
        (completion({"refusal": "No."}), "pass"),
        (completion("", finish="length"), "pass"),
        (completion("", finish="content_filter"), "pass"),
        (completion(""), "fail"),
        (stream("Sun", "ny."), "pass"),
        (stream(""), "fail"),
        (stream("", done=False, finish=..., truncated=True), "pass"),
        (
            streamed([*chunks(finish=...), '{"error":{"message":"Overloaded."}}'], done=False),
            "pass",
        ),
        (REFUSED, "fail"),
        (error(422, "Tool results are not supported."), "fail"),
        (error(500, "Internal error in the template."), "fail"),
        (error(500, "The server is overloaded."), "not exercised"),
        (error(429, "Slow down."), "not exercised"),
        (error(401, "No such key."), "not exercised"),
        (error(400, "This model's maximum context length is 10 tokens."), "not exercised"),
        (
            error(
                400,
                {
                    "error": {
                        "message": "No.",
                        "type": "x",
                        "param": "messages",
                        "code": "context_length_exceeded",
                    }
                },
            ),
            "not exercised",
        ),
        (
            error(400, "The prompt was filtered by Azure's content management policy."),
            "not exercised",
        ),
    ],
)
def test_the_results_of_tools_are_answered(answer: Exchange, outcome: str) -> None:
    assert outcomes(answering(answer))["TOOL-017"] == outcome


@pytest.mark.parametrize(
    ("what", "then"),
    [
        ("no result", [said(ONE), user("And?")]),
        ("the result of another call", [said(ONE), *results(TWO)]),
        ("a result too many", [said(ONE), *results(ONE, TWO)]),
        ("another call than the one that came", [said(TWO), *results(TWO)]),
        ("an image after the result", [said(ONE), *results(ONE), user([IMAGE])]),
        ("words after the result", [said(ONE), *results(ONE), user("And?")]),
        ("another message of the assistant", [said(ONE), *results(ONE), said(content="Hm.")]),
        (
            "a part that is no object",
            [said(ONE), {"role": "tool", "tool_call_id": "call_1", "content": ["Sunny."]}],
        ),
        ("a result without content", [said(ONE), {"role": "tool", "tool_call_id": "call_1"}]),
        ("a message that is no object", [said(ONE), *results(ONE), "Hello"]),
    ],
)
def test_a_refusal_may_be_about_something_else(what: str, then: list[Object]) -> None:
    assert outcomes(answering(REFUSED, *then))["TOOL-017"] == "not exercised", what


def test_a_refusal_of_other_settings_is_none_of_the_message() -> None:
    first, second = answering(REFUSED).exchanges
    other = conversation(
        "made", first, second, then=([said(ONE), *results(ONE)],), **TOOL
    ).exchanges
    changed = {**other[1].request.body, "temperature": 0.5}
    made = Made("made", "openai", (other[0], asking(other[1], **changed)))
    assert outcomes(made)["TOOL-017"] == outcomes(made)["THK-020"] == "not exercised"


def test_the_finding_says_in_which_turn_it_stands() -> None:
    found = findings(answering(REFUSED))["TOOL-017"]
    assert found.message == "turn 2: a request with tool results is rejected"
    assert found.actual == "status 400: Invalid value for 'messages[1]'."


@pytest.mark.parametrize(
    ("again", "outcome"),
    [
        (call(identifier="call_1"), "fail"),
        (call(identifier="call_2"), "pass"),
        (call(identifier=""), "not exercised"),
    ],
)
def test_ids_are_unique_over_the_turns(again: Object, outcome: str) -> None:
    assert outcomes(answering(completion({"tool_calls": [again]})))["TOOL-029"] == outcome


def test_ids_are_compared_with_all_turns_before() -> None:
    third = completion({"tool_calls": [call(identifier="call_1")]})
    middle = completion({"tool_calls": [TWO]})
    made = conversation(
        "made",
        FIRST,
        middle,
        third,
        then=([said(ONE), *results(ONE)], [said(TWO), *results(TWO)]),
        **TOOL,
    )
    assert findings(made)["TOOL-029"].actual == "call_1"
    words = conversation(
        "made",
        FIRST,
        completion("Sunny."),
        third,
        then=([said(ONE), *results(ONE)], [said(content="Sunny."), user("Now?")]),
        **TOOL,
    )
    assert findings(words)["TOOL-029"].message.startswith("turn 3: ")


def test_ids_of_one_turn_are_no_ids_of_several() -> None:
    made = conversation(
        "made",
        completion("Hi."),
        FIRST,
        then=([said(content="Hi."), user("And in Paris?")],),
        **TOOL,
    )
    assert outcomes(made)["TOOL-029"] == "not exercised"


def test_the_same_turn_asked_twice_is_no_conversation() -> None:
    assert outcomes(Made("made", "openai", (FIRST, FIRST)))["TOOL-029"] == "not exercised"


def test_counted_ids_are_known_of_tgi() -> None:
    zero = call(identifier="0")
    made = conversation(
        "made",
        completion({"tool_calls": [zero]}),
        completion({"tool_calls": [zero]}),
        then=([said(zero), *results(zero)],),
        **TOOL,
    )
    assert outcomes(made, "vertex-tgi")["TOOL-029"] == "known"


def test_an_id_may_come_back_from_further_than_the_turn_before() -> None:
    again = completion({"tool_calls": [ONE]})
    then = ([said(ONE), *results(ONE)], [said(TWO), *results(TWO)])
    made = conversation("made", FIRST, completion({"tool_calls": [TWO]}), again, then=then, **TOOL)
    assert findings(made)["TOOL-029"].actual == "call_1"
    nearer = conversation(
        "made",
        FIRST,
        completion({"tool_calls": [TWO]}),
        completion({"tool_calls": [TWO]}),
        then=then,
        **TOOL,
    )
    assert findings(nearer)["TOOL-029"].actual == "call_2"


def test_a_result_may_come_in_parts() -> None:
    result = {
        "role": "tool",
        "tool_call_id": "call_1",
        "content": [{"type": "text", "text": "Sunny."}],
    }
    assert set(findings(answering(REFUSED, said(ONE), result))) == {"TOOL-017", "THK-020"}


def test_the_finding_says_that_nothing_was_said() -> None:
    found = findings(answering(completion("")))["TOOL-017"]
    assert (found.message, found.expected, found.actual) == (
        "turn 2: the answer to the tool results is empty",
        "a text, or another call",
        "",
    )


SIGNED_CALL = call(extra_content=SIGNED)
LOST = [
    {
        "error": {
            "code": 400,
            "message": "Function call is missing a thought_signature in functionCall parts.",
            "status": "INVALID_ARGUMENT",
        }
    }
]
OTHER_SIGNATURE: Json = {"google": {"thought_signature": "b3RoZXI="}}
DUMMY: Json = {"google": {"thought_signature": "skip_thought_signature_validator"}}


def gemini(
    answer: Exchange, sent: Object, *, model: str = MODEL["model"], first: Exchange | None = None
) -> Made:
    made = first or completion({"tool_calls": [SIGNED_CALL]}, **GEMINI)
    return answering(answer, said(sent), *results(sent), first=made, model=model)


@pytest.mark.parametrize(
    ("what", "made", "outcome"),
    [
        ("taken with its signature", gemini(completion("Sunny.", **GEMINI), SIGNED_CALL), "pass"),
        ("refused with its signature", gemini(error(400, LOST), SIGNED_CALL), "fail"),
        ("refused without it", gemini(error(400, LOST), ONE), "pass"),
        (
            "refused without it in camel case",
            gemini(error(400, [{"error": {"code": 400, "message": "no thoughtSignature"}}]), ONE),
            "pass",
        ),
        ("taken without it", gemini(completion("Sunny.", **GEMINI), ONE), "fail"),
        (
            "refused without it, and not told why",
            gemini(error(400, "Request contains an invalid argument."), ONE),
            "fail",
        ),
        ("failed without it", gemini(error(500, "Internal error encountered."), ONE), "fail"),
        (
            "another signature",
            gemini(error(400, LOST), call(extra_content=OTHER_SIGNATURE)),
            "not exercised",
        ),
        (
            "a dummy",
            gemini(completion("Sunny.", **GEMINI), call(extra_content=DUMMY)),
            "not exercised",
        ),
        ("never signed", gemini(completion("Sunny."), ONE, first=FIRST), "not exercised"),
        (
            "an older model",
            gemini(
                completion("Sunny."),
                ONE,
                model="google/gemini-2.5-pro",
                first=completion({"tool_calls": [SIGNED_CALL]}),
            ),
            "not exercised",
        ),
        ("refused without it, by another status", gemini(error(500, LOST), ONE), "fail"),
        ("another call than the one that came", gemini(error(400, LOST), TWO), "not exercised"),
        ("put off", gemini(error(429, "Quota."), SIGNED_CALL), "not exercised"),
    ],
)
def test_a_signature_is_demanded_back(what: str, made: Made, outcome: str) -> None:
    assert outcomes(made, "vertex-gemini")["THK-012"] == outcome, what


def test_the_finding_says_what_a_lost_signature_is_to_give() -> None:
    found = findings(gemini(completion("Sunny.", **GEMINI), ONE), "vertex-gemini")["THK-012"]
    assert (found.expected, found.actual) == (
        "status 400 and a message that names thought_signature",
        "status 200",
    )
    refused = findings(gemini(error(400, LOST), SIGNED_CALL), "vertex-gemini")["THK-012"]
    assert (refused.expected, str(refused.actual)[:12]) == (
        "status 200 and an answer",
        "status 400: ",
    )


def test_a_signed_turn_with_more_than_its_results_is_not_judged() -> None:
    first, with_it = gemini(error(400, LOST), SIGNED_CALL).exchanges
    asked = asking(with_it, messages=[*with_it.request.body["messages"], user("And?")])
    assert (
        outcomes(Made("made", "vertex-gemini", (first, asked)), "vertex-gemini")["THK-012"]
        == "not exercised"
    )


def test_a_turn_that_is_refused_with_its_signature_is_refused_with_its_results() -> None:
    assert outcomes(gemini(error(400, LOST), SIGNED_CALL), "vertex-gemini")["TOOL-017"] == "fail"


def test_a_turn_that_lost_its_signature_may_be_refused() -> None:
    made = gemini(error(400, LOST), ONE)
    assert (
        outcomes(made, "vertex-gemini")["TOOL-017"]
        == outcomes(made, "vertex-gemini")["THK-020"]
        == "not exercised"
    )


def test_both_replays_may_stand_in_one_session() -> None:
    first, with_it = gemini(completion("Sunny.", **GEMINI), SIGNED_CALL).exchanges
    _, without_it = gemini(error(400, LOST), ONE).exchanges
    assert (
        outcomes(Made("made", "vertex-gemini", (first, with_it, without_it)), "vertex-gemini")[
            "THK-012"
        ]
        == "pass"
    )
    _, taken = gemini(completion("Sunny.", **GEMINI), ONE).exchanges
    assert findings(Made("made", "vertex-gemini", (first, with_it, taken)), "vertex-gemini")[
        "THK-012"
    ].message.startswith("turn 3: ")


REASONED: Object = {"content": "391", "reasoning_content": "I multiply."}


@pytest.mark.parametrize(
    ("answer", "sent", "outcome"),
    [
        (completion("391"), said(content="391"), "fail"),
        (completion(REASONED), said(**REASONED), "fail"),
        (
            stream({"reasoning_content": "I mul"}, {"reasoning_content": "tiply."}, "391"),
            said(**REASONED),
            "fail",
        ),
        (completion(REASONED), said(content="391"), "not exercised"),
        (completion("391"), said(content="392"), "not exercised"),
        (completion({"tool_calls": [ONE]}), said(call(arguments="{}")), "not exercised"),
        (error(400, "No."), said(content="391"), "not exercised"),
    ],
)
def test_what_the_server_said_itself_is_accepted(
    answer: Exchange, sent: Object, outcome: str
) -> None:
    made = conversation("made", answer, REFUSED, then=([sent, user("And 18 times 23?")],))
    assert outcomes(made)["THK-020"] == outcome


def test_a_streamed_call_is_sent_back_as_it_was_put_together() -> None:
    made = answering(REFUSED, first=stream(*fragments('{"city":', '"Paris"}'), finish="tool_calls"))
    assert set(findings(made)) == {"TOOL-017", "THK-020"}


def test_a_refusal_about_a_new_audio_says_nothing_of_the_message() -> None:
    """As OpenAI refused a sound that a tool had brought, in words about another message than the
    one sent back."""
    sound = {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "mp3"}}
    refusal = error(
        400,
        "Invalid 'messages[3]'. Content blocks are expected to be either text or image_url type.",
    )
    assert findings(answering(refusal, said(ONE), *results(ONE), user([sound]))) == {}


def test_an_illegal_request_may_be_refused_and_may_be_answered() -> None:
    illegal: list[Object] = [said(content="Hi."), {"role": "tool", "content": "Sunny."}]
    for answer, outcome in ((REFUSED, "not exercised"), (completion(), "pass")):
        assert (
            outcomes(conversation("made", completion("Hi."), answer, then=(illegal,)))["THK-020"]
            == outcome
        )


def test_a_message_without_calls_has_no_results() -> None:
    made = conversation("made", completion("It is"), REFUSED, then=([said(content="It is")],))
    assert (outcomes(made)["TOOL-017"], outcomes(made)["THK-020"]) == ("not exercised", "fail")


def test_one_exchange_is_no_conversation() -> None:
    assert set(outcomes(Made("made", "openai", (FIRST,))).values()) == {"not exercised"}
    assert findings(Made("made", "openai", ())) == {}
