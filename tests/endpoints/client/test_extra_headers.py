"""Header fields that a user adds by option or in the file are sent and never shown."""

from collections.abc import Mapping

import pytest

from conformance.endpoints.client.config_file import parse
from conformance.endpoints.client.extra_headers import headers_of_options, rules_of
from conformance.endpoints.client.live_target import ExtraHeaders, LiveTarget, TargetError
from conformance.endpoints.client.target_settings import resolve

FILE = """[live]
base_url = "http://127.0.0.1:8081/v1"
model = "m"
headers = { "X-Tenant" = "$TENANT", "x-route" = "tests" }

[targets.other.headers]
x-tenant = "${TENANT}/two"
"""


def resolved(
    environ: Mapping[str, str], *headers: str, text: str = FILE, **options: str
) -> LiveTarget:
    return resolve(options, environ, parse("conformance.toml", text), headers)


def test_the_file_takes_values_from_the_environment() -> None:
    text = FILE.replace("[targets.other.headers]", "[unused]").partition("[unused]")[0]
    target = resolved({"TENANT": "team-1"}, text=text)
    assert target.headers == ExtraHeaders((("x-tenant", "team-1"), ("x-route", "tests")))


def test_an_option_replaces_the_header_of_the_file() -> None:
    text = FILE.partition("[targets")[0]
    target = resolved({"TENANT": "team-1"}, "X-TENANT: mine", text=text)
    assert dict(target.headers.items) == {"x-tenant": "mine", "x-route": "tests"}


def test_a_table_of_headers_is_that_of_its_target() -> None:
    other = '[targets.other]\nbase_url = "http://h/v1"\nmodel = "m"\n'
    target = resolved({"TENANT": "team"}, text=FILE + other, target="other")
    assert dict(target.headers.items) == {"x-tenant": "team/two"}


def test_headers_of_the_file_go_to_the_host_of_their_table_only() -> None:
    text = FILE.partition("[targets")[0]
    target = resolved({"TENANT": "team-1"}, text=text, base_url="http://elsewhere/v1")
    assert target.headers == ExtraHeaders()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            'headers = { "x-tenant" = "$TENANT" }',
            "conformance.toml, line 4: live.headers.x-tenant: the environment variable TENANT is"
            " not set: set it, or remove this header field",
        ),
        (
            'headers = { "Authorization" = "x" }',
            "conformance.toml, line 4: live.headers.Authorization: the header field authorization"
            " cannot be added, as it holds the credential: name the variable that holds the key"
            " with --api-key-env VAR",
        ),
        ('headers = { "a b" = "x" }', "the name of a header field has letters"),
        ('headers = { "x-a" = "" }', "live.headers.x-a: write a non-empty string"),
        ('headers = { "x-a" = 1 }', "live.headers.x-a: write a non-empty string"),
        ('headers = "x-a: b"', "line 4: live.headers: write a table, headers = {"),
        (
            'headers = { "x-a" = "sk-hunter2hunter2hunter2" }',
            'put the secret into an environment variable and name the variable, x-a = "$VARIABLE"',
        ),
    ],
)
def test_wrong_headers_of_the_file_are_one_line_with_the_fix(line: str, said: str) -> None:
    text = f'[live]\nbase_url = "http://127.0.0.1:8081/v1"\nmodel = "m"\n{line}\n'
    with pytest.raises(TargetError) as refused:
        resolved({}, text=text)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)
    assert "hunter2" not in str(refused.value)


def test_no_value_is_in_a_repr() -> None:
    target = LiveTarget(
        "t", "http://h", "m", "openai", headers=headers_of_options(["x-a: hunter2"])
    )
    assert "hunter2" not in repr(target)
    assert "hunter2" not in repr(rules_of(target.headers))
    assert "x-a" in repr(target)


def test_a_short_value_or_a_word_of_the_protocol_has_no_rule() -> None:
    assert rules_of(headers_of_options(["x-a: short", "x-b: stream", "x-c: Completion"])) == ()
    (rule,) = rules_of(headers_of_options(["x-a: team-one"]))
    assert rule.forms.search('{"tenant": "team-one"}')


def test_a_token_after_its_scheme_is_a_secret_of_its_own() -> None:
    rules = rules_of(headers_of_options(["x-forwarded-auth: Bearer hunter2pass"]))
    assert any(rule.forms.search("hunter2pass") for rule in rules)
