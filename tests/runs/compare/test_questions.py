"""Cases that ask the same in the same words are one question."""

from conformance.runs.compare.questions import (
    named_after_their_texts,
    question_of_body,
    some_of_each,
)
from tests.runs.compare.made_pairs import case


def test_the_texts_of_the_user_alone_make_the_question() -> None:
    plain, streamed = named_after_their_texts(
        [case("a", "Hi  there"), case("b", "Hi there", stream=True, temperature=1)]
    )
    assert plain.name == streamed.name
    parts = [{"type": "text", "text": "Hi there"}, {"type": "image_url", "image_url": {}}, 1]
    assert question_of_body({"messages": [{"role": "user", "content": parts}]}) == plain.name
    system = [{"role": "system", "content": "x"}, {"role": "user", "content": "Hi there"}]
    assert question_of_body({"messages": system}) == plain.name
    assert question_of_body(case("c", "Hello").body) != plain.name


def test_a_body_of_any_shape_has_a_question() -> None:
    assert (
        question_of_body(None) == question_of_body({"messages": 3}) == question_of_body("no json")
    )


def test_the_seed_chooses_among_the_questions_of_each_family() -> None:
    cases = [case(f"{family}-{number}") for family in "ab" for number in range(30)]
    families = {each.id: each.id[0] for each in cases}
    chosen = some_of_each(cases, families, 5, seed=1)
    assert [each.id[0] for each in chosen] == ["a"] * 5 + ["b"] * 5
    assert chosen == some_of_each(cases, families, 5, seed=1)
    assert chosen != some_of_each(cases, families, 5, seed=2)
    assert some_of_each(cases, families, 99, seed=1) == cases
