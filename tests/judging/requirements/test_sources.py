"""The package can explain each source of the ledger and of the profiles without the docs."""

import re

import pytest

from conformance.judging.profiles import profile, profile_names
from conformance.judging.requirements import requirements, sources
from conformance.judging.requirements.sources import Source, address, source
from tests.helpers.project import ROOT
from tests.judging.requirements.source_data import data

FILE = ROOT / "conformance" / "judging" / "requirements" / "sources.jsonl"
NAMES = sorted(
    {name for row in requirements().values() for name in row.source}
    | {
        name
        for each in profile_names()
        for deviation in profile(each).deviations
        for name in deviation.source
    }
)
ABBREVIATION = re.compile(r"\b(?:SEED|[VGR]-[A-Z0-9]+|I-[A-Z0-9]+|FS-\w+|C\d{1,2}|VG|GA|VL|VE)\b")


def test_the_file_is_made_from_the_protocol_reference() -> None:
    assert FILE.read_bytes() == data(), (
        "sources.jsonl is not that of docs/protocol.md: run `python -m"
        " tests.judging.requirements.source_data > conformance/judging/requirements/sources.jsonl`"
    )


@pytest.mark.parametrize("name", NAMES)
def test_a_source_has_words_or_an_address_or_ships(name: str) -> None:
    found = source(name)
    assert found.says or found.links or name in requirements() or name.startswith("cassettes/")
    assert not ABBREVIATION.search(found.says)
    assert all(link.startswith("https://") for link in found.links)
    assert not any("/search?" in link for link in found.links)


def test_addresses_are_those_of_issues_and_standards() -> None:
    assert address("vllm-project/vllm#25054") == "https://github.com/vllm-project/vllm/issues/25054"
    assert address("RFC 9110") == "https://www.rfc-editor.org/rfc/rfc9110"
    assert address("recordings") == ""


def test_a_fact_has_the_addresses_of_its_own_sources() -> None:
    assert source("7.6") == Source(
        "7.6",
        'Gemini API: An empty bearer token: 400 INVALID_ARGUMENT "Invalid Authorization header.",'
        " not 401",
        ("https://github.com/ychoi-kr/llm-api-prog/issues/1",),
    )


def test_a_note_and_the_numbers_of_examples_are_no_part_of_the_name() -> None:
    assert source("SEED 3 5").links == source("SEED").links != ()
    assert source("recordings (a body of 2025)").says == source("recordings").says


def test_an_unknown_source_is_only_its_key() -> None:
    assert source("somewhere") == Source("somewhere")
    assert sources.source("META-005") == Source("META-005")
