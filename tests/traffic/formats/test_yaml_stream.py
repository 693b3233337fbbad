import io
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from conformance.protocol.exchange import Json
from conformance.traffic.formats.record_fields import ShapeError
from conformance.traffic.formats.yaml_stream import top_level


@pytest.fixture(params=[True, False], ids=["libyaml", "pure Python"], autouse=True)
def either_parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param and not yaml.__with_libyaml__:
        pytest.skip("PyYAML is without libyaml here")
    monkeypatch.setattr(yaml, "__with_libyaml__", request.param)


def members(text: str | bytes) -> list[tuple[str, Json]]:
    return list(
        top_level(
            io.BytesIO(text.encode() if isinstance(text, str) else text), ("items",), ("version",)
        )
    )


def items(*texts: str) -> list[Json]:
    return [item for _, item in members("\n".join(["items:", *[f"- {text}" for text in texts]]))]


def test_the_members_that_are_named_come_in_the_order_of_the_file() -> None:
    text = (
        "# a comment\nother: {a: [b, {c: d}]}\nitems:\n- a: &x [1]\n- *x\n? [complex, key]\n:"
        " value\nversion: 1\n...\n"
    )
    assert members(text) == [("items", {"a": [1]}), ("items", [1]), ("version", 1)]


def test_values_are_those_of_json_and_bytes() -> None:
    assert items("[a, 'b', 1, 1.5, true, null, ~]", "!!binary aGk=", "2026-11-22T15:00:00Z") == [
        ["a", "b", 1, 1.5, True, None, None],
        b"hi",
        "2026-11-22T15:00:00Z",
    ]


@pytest.mark.parametrize("text", ["", "- a", "text", "# nothing"])
def test_what_is_no_mapping_is_refused(text: str) -> None:
    with pytest.raises(ShapeError, match="not a YAML mapping"):
        members(text)


@pytest.mark.parametrize(
    "text",
    ["items: [a", "items:\n- a: b: c", "items: [*unknown]", b"items: [\xff]", "items: [\x07]"],
)
def test_what_is_no_yaml_is_an_error_of_yaml(text: str | bytes) -> None:
    with pytest.raises(yaml.YAMLError):
        members(text)


@pytest.mark.parametrize(
    "text", ["!!int ''", "!!bool perhaps", "0x_", "!!binary é", "{[a]: b}", "!!map x"]
)
def test_a_value_that_is_not_what_its_tag_says_hides_no_other(text: str) -> None:
    first, wrong, last = items("a", text, "b")
    assert (first, last) == ("a", "b")
    assert isinstance(wrong, ShapeError)


def test_python_tags_are_refused_and_run_nothing(tmp_path: Path) -> None:
    made = tmp_path / "made"
    found = items(
        f"!!python/object/apply:pathlib.Path.touch [!!python/object/apply:pathlib.Path ['{made}']]",
        f"{{request: !!python/object/apply:os.system ['touch {made}']}}",
        "!!python/name:os.system ''",
        "!!python/object/new:os.system [x]",
        "plain",
    )
    assert all(
        "is not allowed: a cassette contains only plain values" in str(refused)
        for refused in found[:4]
    )
    assert found[4] == "plain"
    assert not made.exists()


def bomb(levels: int) -> Iterator[str]:
    yield "&a0 [x, x, x, x, x, x, x, x, x, x]"
    yield from (f"&a{level} [{', '.join([f'*a{level - 1}'] * 10)}]" for level in range(1, levels))


@pytest.mark.parametrize(
    "texts",
    [
        [*bomb(9), "{request: *a8}"],
        ["&a {request: {body: *a}}"],
        ["&a0 {a: &text " + "x" * 50_000 + "}", "{request: [" + "*text, " * 1000 + "]}"],
        [
            "&a0 {x: y}",
            *(f"&a{level} {{<<: [{', '.join([f'*a{level - 1}'] * 10)}]}}" for level in range(1, 9)),
        ],
    ],
    ids=["nested", "of itself", "of a long text", "by merging"],
)
def test_an_alias_bomb_is_refused_in_little_memory(
    texts: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conformance.traffic.formats.yaml_stream.MAX_EXPANDED", 1 << 20)
    tracemalloc.start()
    try:
        found = items(*texts, "plain")
        assert tracemalloc.get_traced_memory()[1] < 2 << 20
    finally:
        tracemalloc.stop()
    assert "its YAML aliases expand to more than 1 MB, or endlessly" in str(found[-2])
    assert found[-1] == "plain"


def test_ordinary_aliases_are_expanded() -> None:
    assert items("&a {x: [y]}", "[*a, *a]") == [{"x": ["y"]}, [{"x": ["y"]}] * 2]


@pytest.mark.parametrize(
    "text",
    [
        "1" * 101,
        "1" + ":59" * 50_000,
        "1" + ":59" * 50_000 + ".5",
        "0x" + "f" * 50_000,
        "0b" + "1" * 50_000,
    ],
)
def test_a_number_of_any_length_takes_no_time(text: str) -> None:
    first, wrong, last = items("a", text, "b")
    assert (first, last) == ("a", "b")
    assert str(wrong) == "a value does not match its YAML tag"


def test_a_number_of_base_60_may_be_of_ordinary_length() -> None:
    assert items("190:20:30.15", "1:30") == [685230.15, 90]


def test_an_item_is_read_up_to_a_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conformance.traffic.formats.yaml_loader.MAX_ITEM", 1 << 20)
    assert items(*["x" * 400_000] * 5) == ["x" * 400_000] * 5
    for text in ("items: [" + "x" * (2 << 20) + "]", "other: " + "x" * (2 << 20)):
        with pytest.raises(
            ShapeError, match="an item is larger than 1 MB, so the rest is not read"
        ):
            members(text)


def test_an_item_has_values_up_to_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conformance.traffic.formats.yaml_loader.MAX_NODES", 1000)
    assert items(*["[" + "0," * 999 + "]"] * 3) == [[0] * 999] * 3
    for text in (
        "[" + "0," * 1000 + "]",
        "[" + "!!str a," * 1000 + "]",
        "{" + ",".join(f"{number}: 0" for number in range(500)) + "}",
    ):
        with pytest.raises(
            ShapeError, match="an item has more than 1,000 values, so the rest is not read"
        ):
            items(text)


def test_what_is_passed_over_may_not_be_nested_without_end() -> None:
    assert members("other: " + "[" * 900 + "]" * 900 + "\nversion: 1") == [("version", 1)]
    with pytest.raises(RecursionError):
        members("other: " + "[" * 100_000)


def test_another_document_is_not_passed_over_in_silence() -> None:
    with pytest.raises(ShapeError, match="a second YAML document"):
        members("items:\n- a\n---\nitems:\n- b\n")
