"""Conforming conversations: two or more for each requirement that conversations show.

They are built here, not recorded.
"""

from dataclasses import replace

from conformance.protocol.exchange import Exchange, Json, Request
from tests.judging.conftest import TOOLS, Object, call, completion, error, stream
from tests.judging.rules.groups import GEMINI, MODEL, SIGNED, Made, fragments, user


def results(*calls: Object) -> list[Object]:
    """The result of each call."""
    return [{"role": "tool", "tool_call_id": each["id"], "content": "Sunny."} for each in calls]


def said(*calls: Object, **more: Json) -> Object:
    """An assistant message, with calls or without."""
    return {
        "role": "assistant",
        "content": None,
        **({"tool_calls": [*calls]} if calls else {}),
        **more,
    }


def conversation(
    name: str,
    *answers: Exchange,
    then: tuple[list[Object], ...],
    profile: str = "openai",
    **request: Json,
) -> Made:
    """A conversation of these answers; ``then`` are the messages that each turn but the first adds
    to those before it."""
    messages = [user("What is the weather in Paris?")]
    turns = []
    for answer, added in zip(answers, ([], *then), strict=True):
        messages = [*messages, *added]
        streams = {"stream": True} if (answer.request.body or {}).get("stream") else {}
        asked = Request(
            url=answer.request.url,
            body={"model": "gpt-4o", **request, **streams, "messages": messages},
        )
        turns.append(replace(answer, request=asked))
    return Made(name, profile, tuple(turns))


def _conversations() -> list[Made]:
    one, two = call(), call("get_weather", '{"city":"Rome"}', "call_2")
    signed = call(extra_content=SIGNED)
    tools: Object = {"tools": [*TOOLS]}
    first, second = completion({"tool_calls": [one]}), completion({"tool_calls": [two]})
    reasoned: Object = {"content": "It is fine.", "reasoning_content": "I look."}
    missing = [
        {
            "error": {
                "code": 400,
                "message": "Function call is missing a thought_signature in functionCall parts.",
                "status": "INVALID_ARGUMENT",
            }
        }
    ]
    return [
        conversation(
            "results", first, completion("Sunny."), then=([said(one), *results(one)],), **tools
        ),
        conversation(
            "results-streamed",
            stream(*fragments('{"city":', '"Paris"}'), finish="tool_calls"),
            stream("Sun", "ny."),
            then=([said(one), *results(one)],),
            **tools,
        ),
        conversation(
            "parallel",
            completion({"tool_calls": [one, two]}),
            completion("Sunny."),
            then=([said(one, two), *results(two, one)],),
            **tools,
        ),
        conversation("calls-twice", first, second, then=([said(one), *results(one)],), **tools),
        conversation(
            "calls-thrice",
            first,
            second,
            completion({"tool_calls": [call(identifier="call_3")]}),
            completion("Sunny."),
            then=(
                [said(one), *results(one)],
                [said(two), *results(two)],
                [said(call(identifier="call_3")), *results(call(identifier="call_3"))],
            ),
            **tools,
        ),
        conversation(
            "calls-of-two-tools",
            completion({"tool_calls": [one, two]}),
            completion({"tool_calls": [call("get_weather", '{"city":"Oslo"}', "call_3")]}),
            then=([said(one, two), *results(one, two)],),
            **tools,
        ),
        conversation(
            "words",
            completion("It is fine."),
            completion("Bye."),
            then=([said(content="It is fine."), user("Thank you.")],),
        ),
        conversation(
            "reasoned",
            completion(reasoned),
            completion("Bye."),
            then=([said(**reasoned), user("Thank you.")],),
        ),
        *(
            conversation(
                f"signed-results{suffix}",
                answer,
                completion("Sunny.", **GEMINI),
                then=([said(signed), *results(signed)],),
                profile="vertex-gemini",
                **MODEL,
                **tools,
            )
            for suffix, answer in (
                ("", completion({"tool_calls": [signed]}, **GEMINI)),
                (
                    "-streamed",
                    stream(
                        *fragments('{"city":"Paris"}', extra_content=SIGNED),
                        finish="tool_calls",
                        **GEMINI,
                    ),
                ),
            )
        ),
        conversation(
            "signature-lost",
            completion({"tool_calls": [signed]}, **GEMINI),
            error(400, missing),
            then=([said(one), *results(one)],),
            profile="vertex-gemini",
            **MODEL,
            **tools,
        ),
    ]


SESSIONS = tuple(_conversations())
