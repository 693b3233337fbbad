"""Make sources.jsonl of the ledger from docs/protocol.md.

To update it: ``python -m tests.judging.requirements.source_data >
conformance/judging/requirements/sources.jsonl``.
"""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import orjson

from conformance.judging.requirements.sources import address
from tests.test_protocol_doc import KEY, PAGE, is_found_elsewhere, named, rows

_WHO = {
    "VG": "Gemini on Vertex AI",
    "GA": "the Gemini API",
    "VL": "vLLM",
    "TG": "TGI",
    "VE": "self-deployed models",
    "OA": "OpenAI",
}
_PROFILES = {
    "VG": ["vertex-gemini"],
    "GA": ["gemini-api"],
    "VL": ["vertex-vllm"],
    "TG": ["vertex-tgi"],
    "VE": ["vertex-vllm", "vertex-tgi"],
    "OA": ["openai"],
}
_PAGES = {
    "SEED": "Google's examples of 2025",
    "V-EX": "Google's examples",
    "V-OV": "Google's page",
    "G-OAI": "the page of the Gemini API",
    "OA-SPEC": "OpenAI's specification",
}
_WHERE = re.compile(
    r"(?P<url>https://[\w./-]*[\w/])|(?P<issue>[\w.-]+/[\w.-]+#\d+)"
    r"|(?P<repository>[\w.-]+/[\w.-]+): (?P<path>[\w./-]*[\w/])"
)
_MOST = 3
"""The most links that one source keeps."""
_KEYS = r"(?:[A-Z]+-[A-Z0-9]+|SEED|TGI|VLLM|C\d+|I|\d+\.\d+)"
_ROWS = {row[0].strip("`"): row for row in rows()}
_HEADINGS = dict(re.findall(r"^##+ (\d+(?:\.\d+)?)\.? (.+)$", PAGE, re.MULTILINE))
_SECTIONS = re.split(r"^##+ (\d+(?:\.\d+)?)\.? .+$", PAGE, flags=re.MULTILINE)


def data() -> bytes:
    """Return the content of the file: a line for each source of the ledger, profiles or cases."""
    names = sorted(
        name for name in named() if not is_found_elsewhere(name) and not name.startswith("SEED ")
    )
    return b"".join(orjson.dumps(_row(name)) + b"\n" for name in names)


def _row(name: str) -> dict[str, Any]:
    row = {"key": name, "says": _says(name), "links": _links(name)}
    return row if name in _ROWS else row | {"by_profile": _by_profile(name)}


def _by_profile(section: str) -> dict[str, list[str]]:
    """Return, by profile, the links of the facts in a section that concern one kind of target.

    Only tables with a column "Who" say of whom a fact is.
    """
    found: dict[str, list[str]] = {}
    column = -1
    for line in _section(section).splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 1 or "Who" in cells:
            column = cells.index("Who") if "Who" in cells else -1
        elif line.startswith("| ") and 0 < column < len(cells) - 1:
            links = [link for key in KEY.findall(cells[column + 1]) for link in _of_key(key)]
            links += _written(line)
            for word in cells[column].split(", "):
                for profile in _PROFILES.get(word, ()):
                    found.setdefault(profile, []).extend(links)
    return {name: list(dict.fromkeys(links))[:_MOST] for name, links in found.items() if links}


def _section(number: str) -> str:
    return _SECTIONS[_SECTIONS.index(number, 1) + 1]


def _says(name: str) -> str:
    if name not in _ROWS:
        chapter = _HEADINGS.get(name.partition(".")[0], "")
        return " – ".join(dict.fromkeys((chapter, _HEADINGS[name])))
    row = _ROWS[name]
    said = row[2] if _is_source(row) else row[1]
    if len(row) == 5 and row[2] in _WHO:
        said = f"{_WHO[row[2]].removeprefix('the ')}: {said}"
    if name.startswith("12."):
        said = f"{row[1]}: {row[2]}"
    return _in_words(said)


def _in_words(text: str) -> str:
    """Return a text without the page's keys, and with its abbreviations written out."""
    text = re.sub(rf" \((?:as )?{_KEYS}(?:[,:;]? (?:and )?{_KEYS})*\)", "", text)
    text = re.sub(rf"\({_KEYS}(?:, {_KEYS})*[,;] ", "(", text)
    text = re.sub(rf"(?:, {_KEYS})+\)", ")", text)
    for abbreviation, words in (_WHO | _PAGES).items():
        text = re.sub(rf"(?<![\w-]){abbreviation}(?![\w-])", words, text)
    return text.replace("examples's", "examples'").removesuffix("; numbered below")


def _is_source(row: list[str]) -> bool:
    """Return whether a row of the page is in section 0: key, address, description."""
    return len(row) == 3 and not re.fullmatch(r"\d+\.\d+", row[0])


def _links(name: str) -> list[str]:
    if name not in _ROWS:
        keys = [key for key, _ in Counter(KEY.findall(_section(name))).most_common()]
        found = [link for key in keys for link in _of_key(key)]
    elif _is_source(_ROWS[name]):
        found = list(_written(_ROWS[name][1])) or list(_written(_ROWS[name][2]))
    else:
        row = _ROWS[name]
        cells = " ".join(row[3:4] if len(row) == 5 else row[1:])
        found = [link for key in KEY.findall(cells) for link in _of_key(key)]
        found += _written(" ".join(row[1:]))
    return list(dict.fromkeys(found))[:_MOST]


def _of_key(key: str) -> Iterator[str]:
    if key in _ROWS and _is_source(_ROWS[key]):
        yield from _written(_ROWS[key][1])


def _written(text: str) -> Iterator[str]:
    """Yield the addresses in a text: pages, issues, and files at GitHub.

    A code search is left out: it finds something else each day, and asks the reader to log in.
    """
    for found in _WHERE.finditer(text):
        if found["url"]:
            yield found["url"]
        elif found["issue"]:
            yield address(found["issue"])
        else:
            kind = "tree" if found["path"].endswith("/") else "blob"
            yield f"https://github.com/{found['repository']}/{kind}/HEAD/{found['path']}"


if __name__ == "__main__":
    print(data().decode(), end="")
