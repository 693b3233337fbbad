import pytest

from conformance.traffic.files import format_of, stem_of

RECORD = b'{"id": "a", "response": {}}'
HAR = b'{\n  "log": {"entries": []}}'
CASSETTE = b"interactions:\n- request: {}\n"


@pytest.mark.parametrize(
    ("name", "head", "kind"),
    [
        ("a.jsonl", RECORD, "jsonl"),
        ("a.ndjson.gz", RECORD, "jsonl"),
        ("a.json", RECORD, "jsonl"),
        ("a.json", HAR, "har"),
        ("a.jsonl", HAR, "har"),
        ("a.har", HAR, "har"),
        ("a.har", b'{"comment": "x", "log": {}}', "har"),
        ("a.har", b"rubbish", "har"),
        ("a.har.gz", b'{"comment": "x"}', "har"),
        ("a.yaml", CASSETTE, "cassette"),
        ("a.yml.gz", b"{interactions: []}", "cassette"),
        ("a.yaml", b'{"version": 1}', "cassette"),
        ("a.json", b'{"version": 1, "interactions": []}', "cassette"),
        ("stdin", RECORD, "jsonl"),
        ("stdin", HAR, "har"),
        ("stdin", CASSETTE, "cassette"),
        ("stdin", b"# a comment\n---\nversion: 1\n", "cassette"),
        ("traffic.log", b"rubbish", "jsonl"),
        ("traffic.jsonl", b"version: 1", "jsonl"),
    ],
)
def test_the_format_is_told_by_content_and_suffix(name: str, head: bytes, kind: str) -> None:
    assert format_of(name, head) == kind


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("a/b.jsonl", "b"),
        ("b.yaml.gz", "b"),
        ("b.c.har", "b.c"),
        ("stdin", "stdin"),
        ("b.log", "b.log"),
        ("b.log.gz", "b.log"),
    ],
)
def test_ids_begin_with_the_name_of_the_file(name: str, stem: str) -> None:
    assert stem_of(name) == stem
