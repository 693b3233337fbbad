"""Fixed digests of requests, and what a digest does not depend on."""

from dataclasses import replace

import pytest

from conformance.cases import Case, Turn
from conformance.cases.digest import canonical, digest, digest_of_all
from conformance.protocol.exchange import Json

GOLDEN = [
    (
        {"model": "{model}", "messages": []},
        '{"auth":"right","body":{"messages":[]},"path":"/chat/completions"}',
        "a2a5b7d5ee0a065dccb684692c77245c48bdfad87715d3d28c772ee9922dd83d",
    ),
    (
        {"messages": []},
        '{"auth":"right","body":{"messages":[],"model":null},"path":"/chat/completions"}',
        "ab2ef0501c9d32038c55bf97ca400ff33a0d6d46b15b9b7633b5a7b61741f7bc",
    ),
    (
        {"model": "no-such-model"},
        '{"auth":"right","body":{"model":"no-such-model"},"path":"/chat/completions"}',
        "06e107b709db6c9e128cb81e9d85773c0ecc9480b4411f41a56eee597b4da39a",
    ),
    (
        {
            "model": "{model}",
            "top_p": 1.0,
            "n": 1e0,
            "temperature": -0.0,
            "seed": 12345678901234567890,
            "frequency_penalty": 0.1,
            "presence_penalty": 1e-7,
        },
        (
            '{"auth":"right","body":{"frequency_penalty":0.1,"n":1,"presence_penalty":1e-07,"seed":12345678901234567890,"temperature":0,"top_p":1},'
            '"path":"/chat/completions"}'
        ),
        "24be7928fc6a971aa89d097edbec851c0af52de4ad0427edd774e0b96d0c9d36",
    ),
    (
        {
            "model": "{model}",
            "z": True,
            "é": "e\u0301 é",
            "e\u0301": None,
            "\uffff": "👩\u200d👧",
            "😀": '\0\u2028"\\/',
        },
        (
            '{"auth":"right","body":{"e\u0301":null,"z":true,"é":"e\u0301'
            ' é","\uffff":"👩\u200d👧","😀":"\\u0000\u2028\\"\\\\/"},"path":"/chat/completions"}'
        ),
        "906cf898437291ab1444229e39d373ad8fc89c960eb76ee640eafd5dc4a59b23",
    ),
    (
        '{"model": ',
        '{"auth":"right","body":"{\\"model\\": ","path":"/chat/completions"}',
        "11f04fd1338d43192f8eab09ae04dc91de30607c43ea0f9467eb91b32a51fd17",
    ),
]


def case(body: Json) -> Case:
    return Case("id", "feature", "source", frozenset(), "/chat/completions", body)


@pytest.mark.parametrize(("body", "text", "expected"), GOLDEN)
def test_golden_vectors(body: Json, text: str, expected: str) -> None:
    assert canonical(case(body)) == text
    assert digest(case(body)) == expected


def test_what_is_asked_is_seen() -> None:
    one = case({"model": "{model}"})
    others = [
        replace(one, auth="none"),
        replace(one, path="/models"),
        replace(one, then=(Turn(user="Why?"),)),
        case({"model": "{model}", "n": True}),
    ]
    assert len({digest(each) for each in (one, *others)}) == len(others) + 1


def test_what_a_row_says_beside_its_request_is_not_seen() -> None:
    one = case({"model": "{model}"})
    other = replace(
        one,
        id="other",
        feature="other",
        source="other",
        needs=frozenset({"n"}),
        probes=("ERR-013",),
        room=1,
        tests_limit=True,
        covers=("a+b",),
    )
    assert digest(one) == digest(other)


def test_a_number_is_no_boolean_and_no_text() -> None:
    assert len({digest(case({"n": value})) for value in (1, True, "1", None, [1])}) == 5
    assert digest(case({"n": [1, {"m": 2.0}]})) == digest(case({"n": [1.0, {"m": 2}]}))


def test_the_digest_of_all_sees_what_is_asked_and_under_which_name() -> None:
    case = Case("one", "feature", "source", frozenset(), "/chat/completions", {"model": "{model}"})
    whole = digest_of_all([case])
    assert len(whole) == 16
    assert (
        digest_of_all([replace(case, feature="told better", needs=frozenset({"tools"}))]) == whole
    )
    others = [
        [replace(case, id="two")],
        [replace(case, auth="none")],
        [],
        [case, replace(case, id="two")],
    ]
    assert len({whole, *map(digest_of_all, others)}) == 5
