"""An archive becomes cassettes that ``conformance cassettes check`` accepts, or nothing does."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from conformance.cases.corpus import shipped_corpus
from conformance.runs.archive.archive_error import ArchiveError
from conformance.runs.archive.importing import Imported, import_archive
from conformance.runs.cassette_answers import answers
from conformance.runs.cassette_check import problems
from conformance.runs.results import Answer
from conformance.traffic.cassette_writer import cassette
from tests.helpers.made_archives import (
    BY_ID,
    TARGET,
    URL,
    answer,
    answer_text,
    archive,
    stored,
)
from tests.judging.conftest import chunks, streamed

TODAY = date(2026, 11, 22)
PLAIN = "answers/chat-plain.yaml"


def imported(
    folder: Path, files: dict[str, bytes] | None = None, *, any_host: bool = False, **members: Any
) -> Imported:
    path = stored(folder, archive(files, **members))
    cassettes, source = folder / "cassettes", "https://x/issues/1"
    return import_archive(path, cassettes, shipped_corpus(), TODAY, source, any_host=any_host)


def refused(folder: Path, files: dict[str, bytes] | None = None, **members: Any) -> str:
    """The one line with which an archive is refused; nothing is written."""
    with pytest.raises(ArchiveError) as raised:
        imported(folder, files, **members)
    assert not (folder / "cassettes").exists()
    message = str(raised.value)
    assert message.isprintable()
    return message


def test_the_answers_become_cassettes_without_a_problem(tmp_path: Path) -> None:
    files = {PLAIN: answer_text(), "answers/chat-system.yaml": answer_text("chat-system")}
    made = imported(tmp_path, files)
    assert made == Imported(tmp_path / "cassettes" / TARGET, ("chat-plain", "chat-system"), {})
    paths = sorted(made.folder.glob("*.yaml"))
    assert [path.stem for path in paths] == list(made.written)
    assert list(problems(paths, list(BY_ID.values()), TODAY, 365)) == []
    (plain,) = answers(paths[0])
    assert isinstance(plain, Answer)
    assert (plain.target, plain.case) == (TARGET, "chat-plain")
    assert plain.exchange.meta["provenance"] == "recorded"


def test_the_readme_says_where_they_come_from(tmp_path: Path) -> None:
    made = imported(tmp_path)
    text = (made.folder / "README.md").read_text(encoding="utf-8")
    assert text.startswith("# Answers of google/gemini-3.5-flash as vertex-gemini\n")
    assert "- 1 cassette from the archive of 2026-11-21, https://x/issues/1\n" in text
    assert "SHA-256 of the archive: `" in text
    assert "(cases 0123456789abcdef), Python 3." in text
    imported(tmp_path, {"answers/chat-system.yaml": answer_text("chat-system")})
    again = (made.folder / "README.md").read_text(encoding="utf-8")
    assert again.startswith(text.rstrip())
    assert again.count("from the archive of") == 2


def test_an_archive_that_is_imported_again_keeps_one_entry_in_the_readme(tmp_path: Path) -> None:
    files = {PLAIN: answer_text(), "answers/chat-system.yaml": answer_text("chat-system")}
    readme = imported(tmp_path, files).folder / "README.md"
    first = readme.read_text(encoding="utf-8")
    imported(tmp_path, {"answers/chat-name.yaml": answer_text("chat-name")})
    both = readme.read_text(encoding="utf-8")
    imported(tmp_path, files)
    assert readme.read_text(encoding="utf-8") == both
    readme.write_text(first.rstrip("\n").replace("- 2 cassettes", "- 9 cassettes"))
    imported(tmp_path, files)
    assert readme.read_text(encoding="utf-8") == first


def at(url: str, server: str = "") -> bytes:
    """The file of an archive with an answer of another URL, with a server header or without."""
    made = answer()
    headers = (*made.response.headers, *((("server", server),) if server else ()))
    request, response = replace(made.request, url=url), replace(made.response, headers=headers)
    return cassette(replace(made, request=request, response=response)).encode()


def test_the_readme_names_the_hosts_and_servers_that_answered(tmp_path: Path) -> None:
    files = {
        PLAIN: at(URL.replace("aiplatform", "us-central1-aiplatform"), "ESF"),
        "answers/chat-system.yaml": answer_text("chat-system"),
    }
    text = (imported(tmp_path, files).folder / "README.md").read_text(encoding="utf-8")
    assert (
        "\n  - answered by `https://aiplatform.googleapis.com`,"
        " `https://us-central1-aiplatform.googleapis.com`, with the response header server: `ESF`\n"
    ) in text


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://127.0.0.1:8081/v1/chat/completions", "http://127.0.0.1:8081"),
        (URL.replace("https", "http"), "http://aiplatform.googleapis.com"),
        (URL.replace("aiplatform", "evil.example/aiplatform"), "https://evil.example"),
        ("https://[/chat/completions", "https://[/chat/completions"),
    ],
)
def test_answers_of_another_host_are_not_imported_as_googles(
    url: str, host: str, tmp_path: Path
) -> None:
    why = refused(tmp_path, {PLAIN: at(url)})
    assert why.startswith(f"{PLAIN}: ")
    assert f"{host} answered, but the profile vertex-gemini is for hosts of Google" in why
    made = imported(tmp_path, {PLAIN: at(url, "un`icorn")}, any_host=True)
    assert made.written == ("chat-plain",)
    text = (made.folder / "README.md").read_text(encoding="utf-8")
    assert f"`{host}`, with the response header server: `unicorn`\n" in text


def test_a_profile_of_other_servers_takes_answers_of_any_host(tmp_path: Path) -> None:
    made = replace(answer(profile="openai-compatible", target="openai-compatible-gemini-3.5-flash"))
    request = replace(made.request, url="http://127.0.0.1:8081/v1/chat/completions")
    text = cassette(replace(made, request=request)).encode()
    assert imported(tmp_path, {PLAIN: text}, profile="openai-compatible").written == ("chat-plain",)


def test_incomplete_answers_are_left_out(tmp_path: Path) -> None:
    cut = answer("chat-system", why_cut="ReadTimeout: nothing came for 1 s")
    cut = replace(cut, response=replace(cut.response, truncated=True))
    exhausted = {"error": {"code": 429, "message": "Later.", "status": "RESOURCE_EXHAUSTED"}}
    body = streamed([*chunks("Once", finish=...), exhausted], done=False).response.body or b""
    failed = answer("stream-plain")
    response = replace(failed.response, body=body, reads=((3.0, len(body)),))
    made = imported(
        tmp_path,
        {
            PLAIN: answer_text(),
            "answers/chat-system.yaml": cassette(cut).encode(),
            "answers/stream-plain.yaml": cassette(replace(failed, response=response)).encode(),
        },
    )
    assert made.written == ("chat-plain",)
    assert made.left_out == {
        "chat-system": "the answer was truncated: ReadTimeout: nothing came for 1 s",
        "stream-plain": "the stream ended with an error: 429 RESOURCE_EXHAUSTED: Later.",
    }


def test_a_good_cassette_is_not_replaced_by_a_failed_answer(tmp_path: Path) -> None:
    imported(tmp_path)
    failed = cassette(answer()).replace("code: 200, message: OK", "code: 500, message: Oops")
    made = imported(tmp_path, {PLAIN: failed.encode()})
    assert made.written == ()
    assert made.left_out == {"chat-plain": "there is a better answer already"}


def test_what_does_not_fit_the_cases_of_now_is_left_out(tmp_path: Path) -> None:
    system = cassette(answer("chat-system")).replace('"temperature": 0', '"temperature": 1')
    unknown = cassette(answer()).replace("case: chat-plain", "case: chat-gone")
    large = cassette(answer("chat-name")).replace("chatcmpl-AbCdEf123", "x" * (32 << 10))
    turns = cassette(answer("chat-history"), answer("chat-history"))
    files = {
        PLAIN: answer_text(),
        "answers/chat-system.yaml": system.encode(),
        "answers/chat-gone.yaml": unknown.encode(),
        "answers/chat-name.yaml": large.encode(),
        "answers/chat-history.yaml": turns.encode(),
    }
    made = imported(tmp_path, files)
    assert made.written == ("chat-plain",)
    assert made.left_out == {
        "chat-gone": "there is no such case",
        "chat-history": "the case sends another request now",
        "chat-name": "larger than 32 KB",
        "chat-system": "the case sends another request now",
    }


def test_an_archive_may_be_from_tomorrow_and_not_from_later(tmp_path: Path) -> None:
    assert refused(tmp_path, collected="2026-11-24") == (
        "manifest.json: collected on 2026-11-24, in the future; today is 2026-11-22"
    )
    tomorrow = {PLAIN: answer_text(recorded="2026-11-23T23:59:59Z")}
    assert imported(tmp_path, tomorrow, collected="2026-11-23").written == ("chat-plain",)


def test_an_archive_of_which_nothing_can_be_used_is_refused(tmp_path: Path) -> None:
    unknown = cassette(answer()).replace("case: chat-plain", "case: chat-gone").encode()
    assert refused(tmp_path, {"answers/chat-gone.yaml": unknown}) == (
        "no answer of 1 case can be used; the first: there is no such case"
    )
    assert refused(tmp_path, {"report.txt": b"ok"}) == "no answer of 0 cases can be used"


@pytest.mark.parametrize(
    ("meta", "why"),
    [
        ({"provenance": "emulated"}, "provenance is 'emulated', expected 'recorded'"),
        ({"provenance": None}, "provenance is 'None', expected 'recorded'"),
        ({"target": "openai"}, f"target is 'openai', expected '{TARGET}'"),
        ({"case": "chat-system"}, "case is 'chat-system', expected 'chat-plain'"),
        ({"profile": "openai"}, "it was judged by another profile than vertex-gemini"),
        ({"recorded": "2025-11-01T00:00:00Z"}, "stale: recorded 2025-11-01"),
        ({"recorded": "2026-11-24T00:00:00Z"}, "recorded 2026-11-24, in the future: today is"),
        ({"recorded": "soon"}, "the time of recording is not a date: 'soon'"),
        ({"recorded": None}, "it does not say when it was recorded"),
    ],
    ids=str,
)
def test_answers_of_another_origin_are_refused(
    meta: dict[str, Any], why: str, tmp_path: Path
) -> None:
    assert why in refused(tmp_path, {PLAIN: answer_text(**meta)})


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "is not a cassette"),
        (b"\x1f\x8b\x08", "is not a cassette"),
        (b'{"log": {}}', "is not a cassette"),
        (b"interactions: [", "answers/chat-plain.yaml:2: not YAML"),
        (b"interactions: \xff\xfe", "answers/chat-plain.yaml: "),
        (b"interactions:\n- !!python/object/apply:os.system [id]\n", "answers/chat-plain.yaml"),
        (b"interactions:\n- &a [*a, *a]\n", "answers/chat-plain.yaml"),
        (b"interactions: []\n", "the file has no interactions"),
        (
            answer_text().replace(b"method: POST", b"method: GET"),
            "answers/chat-plain.yaml",
        ),
        (answer_text() + b"extra: 1\nversion: 2\n", "unsupported vcr cassette version 2"),
    ],
    ids=range(10),
)
def test_a_broken_answer_is_refused(content: bytes, why: str, tmp_path: Path) -> None:
    assert why in refused(tmp_path, {PLAIN: content})


def test_aliases_that_expand_without_end_are_refused(tmp_path: Path) -> None:
    bomb = [b"a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    bomb += [
        b"a%d: &a%d [%s]" % (number, number, b", ".join([b"*a%d" % (number - 1)] * 10))
        for number in range(1, 12)
    ]
    lines = b"\n  ".join(bomb)
    assert "aliases" in refused(tmp_path, {PLAIN: b"interactions:\n- " + lines + b"\n"})


@pytest.mark.parametrize("secret", ["Bearer abcdefgh12345678", "a@b.iam.gserviceaccount.com"])
def test_a_secret_is_removed_on_import(secret: str, tmp_path: Path) -> None:
    text = cassette(answer()).replace("chatcmpl-AbCdEf123", secret)
    made = imported(tmp_path, {PLAIN: text.encode()})
    written = (made.folder / "chat-plain.yaml").read_text(encoding="utf-8")
    assert secret.split()[-1] not in written
    assert "REDACTED" in written


def test_a_cassette_is_written_as_the_recorder_writes_it(tmp_path: Path) -> None:
    odd = b"interactions:\n" + b"# a comment with sk-abcdefgh12345678\n"
    text = answer_text().replace(b"interactions:\n", odd) + b"# end\n"
    made = imported(tmp_path, {PLAIN: text})
    assert (made.folder / "chat-plain.yaml").read_bytes() == answer_text()
