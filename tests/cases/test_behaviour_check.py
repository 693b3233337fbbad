"""No question about behaviour is asked twice, and what checks that can fail."""

from dataclasses import replace

import pytest

from conformance.cases import Case
from conformance.cases.behaviour import behaviour_cases
from conformance.cases.behaviour_check import (
    MOST_ALIKE,
    MOST_LETTERS_ALIKE,
    alike,
    letters_alike,
    meaning,
    question_of,
)
from conformance.cases.behaviour_check import problems as problems_of_all
from conformance.protocol.chat.answer_check import AnswerCheck, problems
from tests.protocol.chat.test_answer_check import choice


def by_id(name: str) -> Case:
    return next(case for case in behaviour_cases() if case.id == name)


def asking(question: str, of: str = "ask-text-capital-australia") -> Case:
    """Return a question of the corpus with another text and id."""
    case = by_id(of)
    messages = [{"role": "user", "content": question}]
    return replace(case, id="ask-text-zzz", body={**case.body, "messages": messages})


def test_the_shipped_questions_have_no_problem() -> None:
    assert list(problems_of_all(behaviour_cases())) == []


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("What is the capital of France?", "What is the capital of Peru?"),
        ("What is the capital of France?", "Name the capital city of France, please."),
        ("Multiply 23 by 19.", "What do you get when you multiply 7 by 12?"),
        ("Convert 37 miles to kilometres.", "How many kilometres are 12 miles? Convert."),
        ("Book a table for two at Da Enzo.", "Please book a table at Luigi for four."),
    ],
)
def test_a_filled_template_and_a_paraphrase_are_alike(first: str, second: str) -> None:
    assert alike(first, second) > MOST_ALIKE
    problems = list(problems_of_all([asking(first), replace(asking(second), id="ask-text-zzzz")]))
    assert "ask-text-zzzz: asks the same as ask-text-zzz in other words" in problems


def test_different_questions_are_not_alike() -> None:
    one, other = "Which gas do plants take in?", "How old is Mina?"
    assert alike(one, other) < MOST_ALIKE
    assert letters_alike(one, other) < MOST_LETTERS_ALIKE
    assert list(problems_of_all([*behaviour_cases(), asking("Why do cats purr?")])) == []


def test_a_filled_template_is_found_in_a_language_without_spaces() -> None:
    first, second = asking("北京是哪个国家的首都"), asking("东京是哪个国家的首都")
    second = replace(second, id="ask-text-zzzz")
    assert alike(question_of(first), question_of(second)) == 0
    assert "ask-text-zzzz: asks the same as ask-text-zzz in other words" in list(
        problems_of_all([first, second])
    )


def test_an_answer_that_many_questions_share_is_named() -> None:
    asked = [
        replace(asking(text), id=f"ask-text-zzz-{at}", check=AnswerCheck({"value": "yes"}))
        for at, text in enumerate(["Do owls fly?", "Is snow cold?", "Has Bern bears?", "Can I?"])
    ]
    assert [each for each in problems_of_all([*behaviour_cases(), *asked]) if "5 questions" in each]
    assert list(problems_of_all([*behaviour_cases(), *asked[:3]])) == []


def test_numbers_and_names_count_as_one_word_each() -> None:
    assert meaning("Does Anna owe Ben 12.50?") == {"A", "0", "owe"}


def test_the_same_answer_and_a_word_in_common_is_a_repetition() -> None:
    again = asking("Canberra or Sydney, where does the Australian capital lie, mate?")
    problems = list(problems_of_all([*behaviour_cases(), again]))
    assert problems == ["ask-text-zzz: asks the same as ask-text-capital-australia in other words"]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"body": {"max_tokens": 64}}, "a limit of 64 tokens, below 1,024"),
        ({"body": {"tool_choice": "required"}}, "the choice of a tool is not free"),
        ({"body": {"messages": "Hi"}}, "the request is not valid"),
        ({"check": None}, "no check"),
        ({"check": AnswerCheck({"tool": "fly"})}, "the tool fly is not declared"),
        (
            {
                "check": AnswerCheck(
                    {"tool": "set_timer", "arguments": {"properties": {"hours": {"const": 1}}}}
                )
            },
            "the tool has no parameter hours",
        ),
        (
            {
                "check": AnswerCheck(
                    {"tool": "set_timer", "arguments": {"properties": {"minutes": {"const": "7"}}}}
                )
            },
            "the tool does not take the value '7'",
        ),
    ],
)
def test_what_makes_a_question_unfit_is_named(change: dict[str, object], problem: str) -> None:
    case = by_id("ask-tool-eggs")
    body = change.pop("body", None)
    if isinstance(body, dict):
        change["body"] = {**case.body, **body}
    changed = replace(case, **change)  # type: ignore[arg-type]
    rest = [each for each in behaviour_cases() if each.id != case.id]
    assert f"{case.id}: {problem}" in list(problems_of_all([*rest, changed]))


def test_a_check_of_another_schema_than_the_one_asked_for_is_named() -> None:
    case = replace(by_id("ask-json-ages"), check=AnswerCheck({"json_schema": {"type": "object"}}))
    rest = [each for each in behaviour_cases() if each.id != case.id]
    problem = "ask-json-ages: the check is not of the schema that is asked for"
    assert list(problems_of_all([*rest, case])) == [problem]
    body = {key: value for key, value in case.body.items() if key != "response_format"}
    unasked = replace(case, body=body)
    assert list(problems_of_all([*rest, unasked])) == ["ask-json-ages: no response_format"]


def test_too_few_questions_are_named() -> None:
    few = [case for case in behaviour_cases() if not case.id.startswith("ask-json")]
    assert "json: 0 questions, fewer than 100" in list(problems_of_all(few))


TOOLS = {
    "ask-tool-eggs": ('{"minutes": 7}', '{"minutes": 17}'),
    "ask-tool-half-back": (
        '{"order_id": "55120", "amount": 15.0}',
        '{"order_id": "55120", "amount": 51}',
    ),
    "ask-tool-mail-servers": (
        '{"name": "example.edu", "type": "MX"}',
        '{"name": "example.edu", "type": "A"}',
    ),
    "ask-tool-leftover-rice": (
        '{"ingredients": ["Rice", "leeks", "ginger"], "diet": "vegan"}',
        '{"ingredients": ["rice"], "diet": "vegan"}',
    ),
    "ask-tool-pay-back-tom": (
        '{"iban": "DE02 1203 0000 0000 2020 51", "amount": 35.50, "reference": "pizza"}',
        '{"iban": "DE02120300000000202052", "amount": 35.50}',
    ),
    "ask-tool-new-contact": (
        '{"name": {"first": "Amara", "last": "Nwosu"}, "phones":'
        ' [{"kind": "mobile", "number": "0803-555-0142"}]}',
        '{"name": {"first": "Amara", "last": "Nwosu"}, "phones":'
        ' [{"kind": "home", "number": "0803 555 0142"}]}',
    ),
    "ask-tool-weekly-backup": (
        '{"command": "./backup.sh", "schedule": {"hour": 3, "minute": 30, "weekdays": ["sun"]}}',
        '{"command": "./backup.sh", "schedule": {"hour": 3, "minute": 30}}',
    ),
    "ask-tool-customers-last-order": (
        '{"customer_id": "K-5530", "limit": 1}',
        '{"customer_id": "kim@example.com"}',
    ),
    "ask-tool-polish-light": (
        '{"room": "kuchnia, kuchni", "state": "off"}',
        '{"room": "kitchen", "state": "on"}',
    ),
}


@pytest.mark.parametrize("name", TOOLS)
def test_right_arguments_pass_and_wrong_ones_do_not(name: str) -> None:
    check = by_id(name).check
    assert check is not None
    right, wrong = TOOLS[name]
    tool = check.members["tool"]
    assert problems(check, choice(None, (tool, right))) == ()
    assert [each.kind for each in problems(check, choice(None, (tool, wrong)))] == ["arguments"]


TEXTS = {
    "ask-text-sum-three": ("417 + 58 + 9 = **484**", "417 + 58 + 9 = 474"),
    "ask-text-power-of-two": ("2^11 = 2,048.", "2^11 is 1024."),
    "ask-text-bat-and-ball": ("The ball costs 5 cents.", "The ball costs 10 cents."),
    "ask-text-sheep-trick": ("**Nine**", "8"),
    "ask-text-family-riddle": ("Marta.", "Lola"),
    "ask-text-wall-fell": ("On November 9, 1989.", "On 9 October 1989"),
    "ask-text-say-exactly": ("ready-7", "Sure: ready-7"),
    "ask-text-list-of-numbers": ("[2, 4, 6, 8, 10]", "[2, 4, 6, 8]"),
    "ask-text-python-slice": ("'arb'", "'har'"),
    "ask-text-chinese-capital": ("北京是中国的首都。", "日本"),
    "ask-text-japanese-mountain": ("富士山です。", "高尾山"),
    "ask-text-h2so4": ("Sulphuric acid", "Hydrochloric acid"),
    "ask-text-result-frost": ("No, it will be -6 °C.", "Yes, it stays mild."),
    "ask-text-coin-thrice": (r"\(\frac{1}{8}\)", "1/6"),
    "ask-text-yes-no-ice": ("yes", "Yes."),
    "ask-text-minus-negative": ("-15 - (-27) = 12", "It is -12."),
    "ask-text-decimal-fraction": ("3/8 = .375", "0.38"),
    "ask-text-result-balance": ("No, you only have 512.30.", "Yes, 512.30 EUR is on it."),
    "ask-text-result-stock": ("I would not; there are only 18.", "Yes, you can promise 30."),
    "ask-text-letter-pump": ("Two jars of quince jelly and the barometer", "Two jars of jelly"),
    "ask-text-korean-week": ("7일입니다.", "며칠인지 몰라요."),
    "ask-text-hindi-rainbow": ("सात रंग", "छह"),
    "ask-text-swedish-corners": ("Sex.", "5"),
    "ask-text-plant-gas": (r"\(\text{CO}_2\)", "Oxygen"),
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_right_text_passes_and_a_wrong_one_does_not(name: str) -> None:
    check = by_id(name).check
    assert check is not None
    right, wrong = TEXTS[name]
    assert problems(check, choice(right)) == ()
    assert problems(check, choice(wrong))


JSON = {
    "ask-json-prime-factors": ('{"factors": [2, 2, 3, 7]}', '{"factors": [4, 3, 7]}'),
    "ask-json-truth-teller": ('{"box": "C"}', '{"box": "A"}'),
    "ask-json-no-error-code": (
        '{"department": "billing", "error_code": null}',
        '{"department": "billing", "error_code": 0}',
    ),
    "ask-json-rectangle": (
        '{"area_square_metres": 100.0, "fence_metres": 41}',
        '{"area_square_metres": 100.0, "fence_metres": 20.5}',
    ),
    "ask-json-semver": (
        '{"first": {"major": 2, "minor": 0, "patch": 0, "prerelease": "rc.1"}, "second":'
        ' {"major": 2, "minor": 0, "patch": 0, "prerelease": null}, "first_is_older": true}',
        '{"first": {"major": 2, "minor": 0, "patch": 0, "prerelease": "rc.1"}, "second":'
        ' {"major": 2, "minor": 0, "patch": 0, "prerelease": null}, "first_is_older": false}',
    ),
}


JSON |= {
    "ask-json-timetable": (
        '{"monday": ["Maths"], "tuesday": ["Biology"], "thursday": ["Art", "Maths"]}',
        '{"monday": ["Maths"], "tuesday": ["Biology"], "thursday": ["Art"]}',
    ),
    "ask-json-change-coins": (
        '{"change_cents": 165, "coins_cents": [5, 10, 50, 100]}',
        '{"change_cents": 165, "coins_cents": [50, 50, 50, 10, 5]}',
    ),
    "ask-json-paid-how": (
        '{"amount": 59.90, "payment": {"kind": "card", "last_digits": "4417"}}',
        '{"amount": 59.90, "payment": {"kind": "transfer", "iban": "4417"}}',
    ),
    "ask-json-nobody-stands-in": (
        '{"leader": {"title": "Dr.", "name": "Imani Cole"}, "substitute": null}',
        '{"leader": {"title": "Dr.", "name": "Imani Cole"}, "substitute": "nobody"}',
    ),
    "ask-json-mixed-list": (
        '{"values": [4, "seven", 9.5, "none"]}',
        '{"values": [4, 7, 9.5, "none"]}',
    ),
    "ask-json-changed-booking": (
        '{"people": 5, "day": "saturday", "projector": true}',
        '{"people": 5, "day": "friday", "projector": true}',
    ),
}


@pytest.mark.parametrize("name", JSON)
def test_right_json_passes_and_wrong_json_does_not(name: str) -> None:
    check, both = by_id(name).check, JSON[name]
    assert check is not None
    assert both is not None
    assert problems(check, choice(both[0])) == ()
    assert [each.kind for each in problems(check, choice(both[1]))] == ["json_schema"]


def test_no_question_gives_its_own_answer_away() -> None:
    """A text that only repeats the question is not taken for an answer."""
    echoes = [
        case.id
        for case in behaviour_cases()
        if case.id.startswith("ask-text") and case.check
        if not problems(case.check, choice(question_of(case)))
    ]
    assert echoes == []
