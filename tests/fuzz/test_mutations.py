import gzip
import json
import zlib
from random import Random

import pytest

from tests.fuzz.json_values import Members, Raw, parsed, places, written
from tests.fuzz.mutations import LONGEST, mutated

BODY = 'data: {"choices": [{"index": 0, "delta": {"content": "Hi"}}]}\n\ndata: [DONE]\n\n'
RECORD = json.dumps({"request": {"body": {}}, "response": {"status": 200, "body": BODY}}).encode()


def changed(data: bytes, times: int = 400) -> list[bytes]:
    return [mutated(data, Random(number), [RECORD]) for number in range(times)]


def test_the_same_seed_makes_the_same_input() -> None:
    assert changed(RECORD, 20) == changed(RECORD, 20)


def test_an_input_is_no_longer_than_the_limit() -> None:
    assert max(map(len, changed(b"a" * LONGEST, 50))) == LONGEST


def test_an_answer_inside_a_recording_is_changed_as_what_it_is() -> None:
    bodies = set()
    for data in changed(RECORD):
        try:
            bodies.add(json.loads(data)["response"]["body"])
        except (ValueError, KeyError, TypeError, RecursionError):
            continue
    streams = [each for each in bodies if isinstance(each, str) and each.startswith("data: {")]
    assert len(streams) > 40


def test_gzip_data_mostly_stays_gzip_data() -> None:
    readable = 0
    for data in changed(gzip.compress(RECORD)):
        try:
            readable += gzip.decompress(data) != RECORD
        except (OSError, EOFError, ValueError, zlib.error):
            continue
    assert readable > 100


@pytest.mark.parametrize(
    "sign", [b"NaN", b"\\ud800", b"[[[[", b"9" * 99, b'"status": 200, ', b"data:{", b"\r"]
)
def test_defects_of_each_kind_are_made(sign: bytes) -> None:
    assert any(sign in data for data in changed(RECORD, 2000))


def test_a_name_may_be_repeated_in_a_tree() -> None:
    assert written(parsed('{"a": 1, "a": [NaN, {}]}')) == '{"a": 1, "a": [NaN, {}]}'
    assert written([Raw("1e999"), Members()]) == "[1e999, {}]"


def test_every_node_has_a_place() -> None:
    root = [parsed('{"a": [1, {"b": 2}], "c": {}}')]
    found = [holder[at] for holder, at in places(root)]
    assert sorted(each for each in found if isinstance(each, int)) == [1, 2]
    assert len(found) == 6
