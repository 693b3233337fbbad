"""Every regular expression of the package takes linear time, whatever text it is given."""

import re
from collections.abc import Iterator

import jsonschema_rs
import orjson
import pytest

import conformance
from conformance.endpoints.client import google_urls
from conformance.judging.predicates import error_wording, schema_refusal
from conformance.judging.profiles import profile, profile_names
from conformance.runs import case_choice
from conformance.traffic.redaction.request_secrets import wherever
from tests.helpers.package_patterns import (
    Found,
    Made,
    modules_of,
    patterns_in,
    patterns_of,
    without_doubles,
)
from tests.helpers.project import ROOT

pytest.importorskip("resource", reason="limits of processor time are those of POSIX")

from tests.helpers.pattern_timer import slow_patterns

SECRETS = ('sk-0a"b\\c/d+e=f', "AIzaSyA1234567890", "/home/user/x", "a@b.example")
PARAMETERS = ("top_k", "model", "a.b[0]")
KEYWORDS = ("type", "minimum", "anyOf", "additionalProperties")


def _made() -> Iterator[Found]:
    """Yield samples of the patterns that are made from what a function is given."""
    for secret in SECRETS:
        yield from patterns_in(wherever(secret, "REDACTED"), f"wherever({secret!r})")
    for name, (_, form) in google_urls._FORMS.items():
        yield Found(f"the form of {name}", re.compile(form), searched=False)
    for parameter in PARAMETERS:
        for form in error_wording._AS_UNKNOWN:
            source = form.replace("NAME", re.escape(parameter))
            yield Found(f"unknown {parameter}", re.compile(source, re.I | re.S))
    for keyword in KEYWORDS:
        source = schema_refusal._naming(keyword)
        yield Found(f"keyword {keyword}", re.compile(source, re.IGNORECASE))
    for source, _ in case_choice._IN_REQUEST:
        yield Found("what a requirement needs", re.compile(source))
    for field in case_choice._FIELDS:
        yield Found(f"the field {field}", re.compile(rf"(?<![\w-]){field}(?![\w-])"))
    key = rf"""\s*["']?{re.escape("a.b")}["']?\s*[.=]"""
    yield Found("a key of an expectation", re.compile(key), searched=False)
    for name in profile_names():
        yield from patterns_in(profile(name), f"profile {name}")


MADE = {
    # the patterns of the tables KNOWN_ERRORS and BY_LOOK, which are found as values
    Made("conformance.endpoints.client.google_errors", "pattern"),
    Made("conformance.traffic.redaction.patterns", "pattern"),
    # of the profiles
    Made("conformance.judging.profiles.loading", "value"),
    Made("conformance.judging.profiles.loading", "entry['pattern']"),
    Made("conformance.judging.profiles.loading", "table[key]"),
    # sampled in _made
    Made("conformance.endpoints.client.google_urls", "form"),
    Made(
        "conformance.judging.predicates.error_wording",
        "pattern.replace('NAME', re.escape(parameter))",
    ),
    Made("conformance.judging.predicates.schema_refusal", "_naming(keyword)"),
    Made("conformance.traffic.redaction.request_secrets", "'|'.join(map(re.escape, every))"),
    Made("conformance.runs.case_choice", "pattern"),
    Made("conformance.runs.case_choice", r"f'(?<![\\w-]){field}(?![\\w-])'"),
    Made(
        "conformance.judging.expectations_file",
        r'''f"""\\s*["']?{re.escape(key)}["']?\\s*[.=]"""''',
    ),
}
"""All calls of ``re`` whose pattern cannot be read in the source. Add samples of a new one."""


def test_every_pattern_of_the_package_takes_linear_time() -> None:
    found, made = patterns_of(modules_of(conformance))
    assert len(found) > 150
    assert made == MADE
    assert slow_patterns(without_doubles([*found, *_made()])) == []


@pytest.mark.parametrize(
    "pattern",
    [
        r"(?:\r?\n|(?:\\+[nr])+)*!",  # line ends that can be read in exponentially many ways
        r"key.*end",  # quadratic, as it is searched
        r"```\w*\s*([\[{].*?)\s*(?:```[^`]*)?\Z",
    ],
)
def test_a_slow_pattern_is_noticed(pattern: str) -> None:
    assert slow_patterns([Found("here", re.compile(pattern, re.DOTALL))], processes=1)


def test_the_patterns_of_our_schemas_run_in_the_linear_engine() -> None:
    paths = sorted((ROOT / "schemas").glob("*.json"))
    patterns = [
        found
        for path in paths
        for found in re.findall(rb'"pattern": ("(?:[^"\\]|\\.)*")', path.read_bytes())
    ]
    assert patterns
    for pattern in map(orjson.loads, patterns):
        jsonschema_rs.Draft202012Validator(
            {"pattern": pattern}, pattern_options=jsonschema_rs.RegexOptions()
        )
