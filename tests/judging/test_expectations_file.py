"""A user's expectations are read; each mistake in the file is one line with its fix."""

from datetime import date

import pytest

from conformance.judging.expectations import Expectation, Expectations
from conformance.judging.expectations_file import ExpectationsError, parse
from conformance.judging.requirements import requirements

CASES = ("chat-plain", "stream-plain", "stream-n")
ENTRY = """\
# the gateway of the billing team

[[expectations]]
requirement = "ENV-008"
case = "stream-*"
target = "billing"
occurs = "always"
reason = "The gateway sends milliseconds."
link = "https://tracker.example/7"
until = 2027-01-31
[expectations.condition]
kind = "stream"
actual = "^1"
"""


def read(text: str, cases: tuple[str, ...] | None = CASES) -> tuple[Expectation, ...]:
    return parse("e.toml", text, requirements().keys(), cases)


def refused(text: str) -> str:
    with pytest.raises(ExpectationsError) as error:
        read(text)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_an_entry_says_what_is_accepted_where_and_why() -> None:
    (entry,) = read(ENTRY)
    assert (entry.requirement, entry.frequency, entry.place) == ("ENV-008", "always", "e.toml:3")
    assert entry.described == "The gateway sends milliseconds. (https://tracker.example/7)"
    assert entry.until == date(2027, 1, 31)
    assert entry.condition.kind == "stream"
    assert entry.names("billing", ["stream-n"])
    assert not entry.names("billing", ["chat-plain"])
    assert not entry.names("other", ["stream-n"])


def test_an_entry_is_in_force_until_the_end_of_its_last_day() -> None:
    entries = read(ENTRY)
    for day, count in ((date(2027, 1, 31), 1), (date(2027, 2, 1), 0)):
        there = Expectations(entries, day)
        assert len(there.in_force("billing", ["stream-n"])) == count
        assert len(there.expired) == 1 - count
    assert there.expired[0].startswith("e.toml:3: ENV-008 was accepted until 2027-01-31: fix")


def test_a_case_with_brackets_is_named_as_it_is() -> None:
    (entry,) = read(ENTRY.replace("stream-*", "test_a[1-x]"), cases=None)
    assert entry.names("billing", ["test_a[1-x]"])


def test_other_tables_of_a_shared_file_are_left_alone() -> None:
    known = requirements().keys()
    assert len(parse("c.toml", '[live]\nmodel = "m"\n\n' + ENTRY, known, shared=True)) == 1
    assert parse("c.toml", '[live]\nmodel = "m"\n', known, shared=True) == ()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (
            ENTRY.replace("[[expectations]]", "[[expectation]]").replace("[expectations.", "["),
            "e.toml:3: expectation: unknown table (did you mean [[expectations]]?)",
        ),
        (
            '\n[Expectations]\nx = 1\n[expected.x]\n["known"]\n',
            "e.toml:2: Expectations: unknown table (did you mean [[expectations]]?)\n"
            "e.toml:4: expected: unknown table (did you mean [[expectations]]?)\n"
            "e.toml:5: known: unknown table (did you mean [[expectations]]?)",
        ),
        (
            'reason = "x"\n' + ENTRY,
            "e.toml:1: reason: stands above the first entry: write [[expectations]] above it",
        ),
        (
            ENTRY + '[live]\nmodel = "m"\n',
            "e.toml:14: live: only conformance.toml has this table: move it there",
        ),
    ],
)
def test_another_table_or_key_is_a_mistake(text: str, why: str) -> None:
    with pytest.raises(ExpectationsError) as error:
        read(text)
    assert [line for line in str(error.value).splitlines() if "condition" not in line] == (
        why.splitlines()
    )


def test_all_mistakes_are_listed_up_to_a_number() -> None:
    text = ENTRY.replace("ENV-008", "ENV-8888").replace('"always"', "7").replace("billing", "")
    with pytest.raises(ExpectationsError) as error:
        read(text + ENTRY.replace("reason", "raison"))
    assert [line.partition(": ")[0] for line in str(error.value).splitlines()] == [
        *("e.toml:4", "e.toml:6", "e.toml:7"),
        "e.toml:21",
    ]
    with pytest.raises(ExpectationsError) as error:
        read("".join(f"key{number} = 1\n" for number in range(12)))
    assert len(error.value.mistakes) == 11
    assert error.value.mistakes[-1] == "and 2 more mistakes"


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (
            "ENV-008",
            "ENVV-008",
            "e.toml:4: requirement: unknown requirement 'ENVV-008' (did",
        ),
        ("stream-*", "strem-n", "e.toml:5: case: no case is 'strem-n' (did you mean stream-n"),
        ("occurs", "ocurs", "e.toml:7: ocurs: unknown key (did you mean occurs?): use"),
        ('"always"', '"often"', "e.toml:7: occurs: 'often' is neither: write occurs ="),
        ("The gateway sends milliseconds.", "  ", "e.toml:8: reason: say why the failure is"),
        ('reason = "The gateway sends milliseconds."', "", "e.toml:3: reason: say why"),
        ("2027-01-31", '"2027-01-31"', "e.toml:10: until: not a date: write the last day without"),
        ("2027-01-31", "2027-01-31T10:00:00", "e.toml:10: until: not a date"),
        ("kind", "kindd", "e.toml:3: condition: unknown key 'kindd' (did you mean kind?)"),
        ('"stream"\n', '"strem"\n', "e.toml:3: condition: 'kind' must be one of completion,"),
        ("[[expectations]]", "[expectations]", "e.toml: write [[expectations]] above each entry"),
        ("2027-01-31", "2027-13-31", "e.toml:10: until: not a date: write the last day without"),
        ("2027-01-31", "2027-02-30", "e.toml:10: until: not a date: write the last day without"),
        ("2027-01-31", "31.1.2027", "e.toml:10: until: not a date: write the last day without"),
        ("2027-01-31", "soon", "e.toml:10: until: not a date: write the last day without"),
        ('"always"', "always", "e.toml: not TOML: Invalid value (at line 7, "),
        ("until = 2027-01-31", 'until = "2027-01-31', "e.toml: not TOML: "),
        ('"billing"', "7", "e.toml:6: target: write the name of a target"),
    ],
)
def test_each_mistake_is_one_line_with_the_fix(old: str, new: str, why: str) -> None:
    assert refused(ENTRY.replace(old, new)).startswith(why)


def test_a_draft_may_lack_its_reason() -> None:
    text = ENTRY.replace("The gateway sends milliseconds.", "")
    assert refused(text).startswith("e.toml:8: reason: ")
    (entry,) = parse("e.toml", text, requirements().keys(), drafts=True)
    assert entry.reason == ""


def test_turns_and_twins_name_cases_that_exist() -> None:
    for case in ("chat-plain#2", "chat-plain+stream-plain", "*"):
        assert read(ENTRY.replace("stream-*", case))[0].case == case
    assert "no case is 'chat-plain+nothing'" in refused(
        ENTRY.replace("stream-*", "chat-plain+nothing")
    )


def test_an_inline_array_is_read_without_its_lines() -> None:
    (entry,) = read(
        'expectations = [{ requirement = "ENV-008", occurs = "sometimes", reason = "why" }]'
    )
    assert entry.place == "e.toml:1"


def test_a_reason_cannot_control_the_terminal() -> None:
    (entry,) = read(
        '[[expectations]]\nrequirement = "ENV-002"\noccurs = "sometimes"\n'
        'reason = "ok \\u001b[31mRED \\u009b31m \\u202e"\nlink = "http://x/\\u001b[31m"\n'
    )
    assert "RED" in entry.described
    assert entry.described.isprintable()
