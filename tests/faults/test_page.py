"""docs/faults.md is up to date."""

from tests.faults.page import page
from tests.helpers.project import DOCS

PAGE = DOCS / "faults.md"


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page() + "\n", (
        "python -m tests.faults.page > docs/faults.md"
    )
