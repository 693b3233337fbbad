"""``conformance.toml`` is found and read strictly; an error is one line with file, line, key and
fix, and the file never holds a secret."""

from pathlib import Path

import pytest

from conformance.endpoints.client.config_file import NAME, Rank, Setting, nearest, parse, read
from conformance.endpoints.client.live_target import TargetError

SECRET = "sk-0123456789abcdef"
GOOD = """
# where we are
[live]
base_url = "http://127.0.0.1:8081/v1"
model = "a-model"

[targets.prod]
profile = "vertex-gemini"
project = "my-project"

[targets."with.dot"]
api_key_env = "MY_KEY"
"""


def test_each_setting_knows_where_it_stands() -> None:
    file = parse(NAME, GOOD)
    assert file.live["model"] == Setting(
        "a-model", "conformance.toml, line 5: live.model", Rank.FILE
    )
    assert file.targets.keys() == {"prod", "with.dot"}
    assert file.targets["prod"]["project"] == Setting(
        "my-project", "conformance.toml, line 9: targets.prod.project", Rank.FILE
    )
    assert (
        file.targets["with.dot"]["api_key_env"].where
        == "conformance.toml, line 12: targets.with.dot.api_key_env"
    )


def test_a_table_on_one_line_is_read_too() -> None:
    assert parse(NAME, 'live = { model = "m" }').live["model"] == Setting(
        "m", "conformance.toml: live.model", Rank.FILE
    )


def test_the_nearest_file_is_taken(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (tmp_path / NAME).write_text(GOOD, encoding="utf-8")
    assert nearest(inner) == tmp_path / NAME
    (tmp_path / "a" / NAME).write_text("", encoding="utf-8")
    assert nearest(inner) == tmp_path / "a" / NAME
    assert read(tmp_path / "a" / NAME).live == {}


def test_what_is_no_file_is_refused_and_not_passed_over(tmp_path: Path) -> None:
    path = tmp_path / NAME
    path.mkdir()
    assert nearest(tmp_path) == path
    with pytest.raises(TargetError, match=r"toml: a folder, not a file: rename or remove it$"):
        read(path)
    path.rmdir()
    path.symlink_to(path)
    assert nearest(tmp_path) == path
    with pytest.raises(TargetError, match=r"toml: a link that leads nowhere: correct or remove"):
        read(path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[live", "conformance.toml: not TOML: "),
        (
            '[live]\nmodel = "m"\nmodel = "n"\nprofile = "x"',
            "conformance.toml: not TOML: Cannot overwrite a value (at line 3, column 12)",
        ),
        (
            'model = "m"',
            (
                "conformance.toml, line 1: model: unknown setting: write [live] or [targets.NAME]"
                " above the settings of a target"
            ),
        ),
        (
            '[[expectation]]\nrequirement = "x"',
            "conformance.toml, line 1: expectation: unknown table (did you mean [[expectations]]?)",
        ),
        ("\n[Target.a]", "conformance.toml: Target: unknown table (did you mean [targets.NAME]?)"),
        (
            "[zzz]",
            "conformance.toml, line 1: zzz: unknown table (there are [live], [targets.NAME],"
            " [[expectations]])",
        ),
        ("live = 3", "conformance.toml, line 1: live: write a table [live]"),
        (
            "targets = 3",
            "conformance.toml, line 1: targets: write a table [targets.NAME] for each target",
        ),
        (
            "[targets]\nprod = 3",
            "conformance.toml, line 2: targets.prod: write a table [targets.prod]",
        ),
        (
            '[live]\nmodle = "m"',
            "conformance.toml, line 2: live.modle: unknown setting; the settings are base_url, ",
        ),
        (
            '[live]\n\nmodel = ""',
            'conformance.toml, line 3: live.model: write a non-empty string, model = "..."',
        ),
        (
            "[targets.a]\nendpoint = 12345",
            (
                "conformance.toml, line 2: targets.a.endpoint: write a non-empty string,"
                ' endpoint = "..."'
            ),
        ),
        (
            '[live]\n["live".model]\nx = 1',
            'conformance.toml, line 2: live.model: write a non-empty string, model = "..."',
        ),
        (
            f'api_key = "{SECRET}"',
            "conformance.toml, line 1: api_key: unknown setting: secrets do not belong in this",
        ),
        (
            f'[live]\napi_key = "{SECRET}"',
            (
                "conformance.toml, line 2: live.api_key: secrets do not belong in this file: put"
                " the secret into an environment variable"
            ),
        ),
        (
            f'[live]\ntoken = "{SECRET}"',
            "conformance.toml, line 2: live.token: secrets do not belong in this file: ",
        ),
        (
            f'[live]\napi_key_env = "{SECRET}"',
            (
                "conformance.toml, line 2: live.api_key_env: the value looks like a secret: put the"
                " secret into an environment"
            ),
        ),
        (
            '[live]\napi_key_env = "not a name"',
            (
                "conformance.toml, line 2: live.api_key_env: write the name of an environment"
                " variable, not the key itself"
            ),
        ),
        (
            f'[live]\nbase_url = "https://me:{SECRET}@host/v1"',
            "conformance.toml, line 2: live.base_url: the value looks like a secret: ",
        ),
        (
            f'[live]\nbase_url = "https://host/v1?key={SECRET}"',
            "conformance.toml, line 2: live.base_url: the value looks like a secret: ",
        ),
        (
            f'[live]\nmodel = ["{SECRET}"]',
            "conformance.toml, line 2: live.model: write a non-empty string",
        ),
    ],
)
def test_what_is_wrong_is_told_in_one_line_without_its_value(text: str, said: str) -> None:
    with pytest.raises(TargetError) as caught:
        parse(NAME, text)
    assert str(caught.value).startswith(said)
    assert "\n" not in str(caught.value)
    assert SECRET not in str(caught.value)


def test_a_file_of_another_encoding_is_told(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes('[live]\nmodel = "é"'.encode("latin-1"))
    with pytest.raises(TargetError, match="not UTF-8: save it as UTF-8"):
        read(tmp_path / NAME)


def test_a_value_nested_too_deeply_is_told_in_one_line() -> None:
    with pytest.raises(
        TargetError, match=r"^conformance\.toml: nested too deeply: write only \[live\] and .*$"
    ):
        parse(NAME, f"a = {'[' * 5000}{']' * 5000}")


def test_a_file_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    path = tmp_path / NAME
    path.write_text(GOOD, encoding="utf-8-sig")
    assert read(path).live["model"].value == "a-model"
