"""docs/protocol.md has every section and key that a source of the ledger, profiles or cases names.

Each key that the page itself uses is explained there.
"""

import re
from collections import Counter
from collections.abc import Iterator

from conformance._files import data_folder
from conformance.cases import cases
from conformance.judging.profiles import profile, profile_names
from conformance.judging.requirements import requirements
from tests.helpers.project import DOCS

PAGE = (DOCS / "protocol.md").read_text(encoding="utf-8")

ISSUE = re.compile(r"[\w.-]+/[\w.-]+#\d+")
RFC = re.compile(r"RFC \d+")
CASSETTE = re.compile(r"cassettes/[\w.-]+/[\w.-]+")

KEY = re.compile(r"\b(?:SEED|TGI|VLLM|[VGRI]-[A-Z0-9]+|OA-[A-Z]+|FS-\w+|C\d{1,2})\b")
SECTION = re.compile(r"(?<=\()\d{1,2}\.\d{1,2}(?=\))")
ADDRESS = re.compile(
    r"https://[\w.-]+/|[\w.-]+/[\w.-]+(?:#\d+|: [\w/.]+)|code search for `[^`]{12,}"
)
SURE = re.compile(r"[DOI]\b|others [DOI]\b")

ROUTES = {"/chat/completions", "/embeddings", "/images/generations", "/models", "/vertex"}


def rows() -> Iterator[list[str]]:
    """The cells of every table row of the page, heads and rules left out."""
    table: list[list[str]] = []
    for line in [*PAGE.splitlines(), ""]:
        if line.startswith("| ") or line.startswith("|---"):
            table.append([cell.strip() for cell in line.strip("|").split("|")])
        else:
            yield from table[2:]
            table = []


def names_of(source: str) -> Iterator[str]:
    """What one source names: its example numbers one by one, and a word without what stands in
    brackets behind it."""
    examples = re.fullmatch(r"SEED ([\d ]+)", source)
    yield from (
        (f"SEED {number}" for number in examples[1].split())
        if examples
        else [re.sub(r" \(.*\)$", "", source)]
    )


def named() -> Counter[str]:
    """Every name that a source of the ledger, the profiles or the cases has, with how often."""
    sources = [source for row in requirements().values() for source in row.source]
    sources += [
        source
        for name in profile_names()
        for deviation in profile(name).deviations
        for source in deviation.source
    ]
    sources += [source for case in cases() for source in case.source.split(", ")]
    return Counter(name for source in sources for name in names_of(source))


def is_found_elsewhere(name: str) -> bool:
    """Whether a reader needs no entry of the page: a public issue, an RFC, a recorded exchange of
    this repository, a requirement."""
    if CASSETTE.fullmatch(name):
        return (data_folder("cassettes").parent / f"{name}.yaml").is_file()
    return bool(ISSUE.fullmatch(name) or RFC.fullmatch(name)) or name in requirements()


FIRST_CELLS = Counter(row[0].strip("`") for row in rows())
HEADINGS = set(re.findall(r"^##+ ([\d.]+\d|\d+)\.? ", PAGE, re.MULTILINE))
ENTRIES = FIRST_CELLS.keys() | HEADINGS
SOURCES = [row for row in rows() if KEY.fullmatch(row[0]) and not re.fullmatch(r"C\d+", row[0])]


def test_the_page_is_read() -> None:
    assert {"2", "2.1", "5.5", "11"} <= HEADINGS
    assert {"1.13", "6.19", "C8", "V-EX", "SEED 18", "recordings"} <= FIRST_CELLS.keys()
    assert len(SOURCES) > 40
    assert len(named()) > 120


def test_every_source_stands_on_the_page_or_is_found_elsewhere() -> None:
    lost = [
        name for name in sorted(named()) if name not in ENTRIES and not is_found_elsewhere(name)
    ]
    assert lost == [], "docs/protocol.md has neither a section nor a table row of these names"


def test_no_source_is_found_by_mistake() -> None:
    assert not any(
        map(
            is_found_elsewhere,
            ["I-542", "5.1", "recordings", "cassettes/llama.cpp/no-such-case", "TOOL-999"],
        )
    )
    assert list(names_of("SEED 4 9")) == ["SEED 4", "SEED 9"]
    assert list(names_of("recordings (body of 2025-04)")) == ["recordings"]


def test_every_key_the_page_uses_is_explained_on_it() -> None:
    assert set(KEY.findall(PAGE)) | set(SECTION.findall(PAGE)) <= ENTRIES


def test_no_entry_stands_twice() -> None:
    entries = {
        name
        for name in FIRST_CELLS
        if KEY.fullmatch(name) or re.fullmatch(r"\d+\.\d+|SEED \d+", name)
    }
    assert {name for name in entries if FIRST_CELLS[name] > 1 or name in HEADINGS} == set()


def test_every_source_says_where_it_is() -> None:
    assert [row[0] for row in SOURCES if not ADDRESS.search(row[1])] == []


def test_every_numbered_fact_says_how_sure_it_is() -> None:
    facts = [row for row in rows() if re.fullmatch(r"[1-8]\.\d+", row[0]) and len(row) == 5]
    assert len(facts) > 80
    assert [row[0] for row in facts if not SURE.match(row[-1])] == []


def test_the_page_names_no_place_that_only_its_writers_have() -> None:
    assert set(re.findall(r"(?<=[\s`(])/\w[\w/]*", PAGE)) <= ROUTES
    assert re.findall(r"\bidx\b|\b\d{11,}\b", PAGE) == []
