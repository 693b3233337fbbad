"""A repeated secret is found in each form that servers echo it in."""

import pytest

from conformance.judging.predicates.repeated_secret import repeats
from tests.helpers.echo_forms import SECRET, forms

HELD_TOGETHER = forms()


@pytest.mark.parametrize("form", HELD_TOGETHER)
def test_every_form_is_found(form: str) -> None:
    assert repeats(SECRET, f'{{"message": "no: {HELD_TOGETHER[form]}."}}')


@pytest.mark.parametrize("form", [form for form, text in HELD_TOGETHER.items() if SECRET in text])
def test_a_part_is_not_found(form: str) -> None:
    assert not repeats(SECRET, HELD_TOGETHER[form].replace(SECRET, SECRET[:-1]))


@pytest.mark.parametrize("text", ["", "\\", "%", "&#", "%zz \\u12 &nope;", "\\\\u0041"])
def test_other_texts_hold_nothing(text: str) -> None:
    assert not repeats(SECRET, text)
