"""The docs page about the SDK is what the installed version generates."""

import re

import pytest

from tests.helpers.project import DOCS

openai = pytest.importorskip("openai")

PAGE = DOCS / "sdk.md"


def test_the_page_is_up_to_date() -> None:
    from tests.runs.sdk.page import cells, page

    assert [cell.fault.name for cell in cells() if any(each.error for each in cell.readings)] == []
    text = PAGE.read_text(encoding="utf-8")
    (version,) = re.findall(r"with openai (\S+):", text)
    if version != openai.__version__:
        pytest.skip(f"the page is of openai {version}")
    assert text == page() + "\n", "python -m tests.runs.sdk.page > docs/sdk.md"
