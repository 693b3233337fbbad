"""The script with the sloppy gateway notices a mistake that the report does not name."""

from tests.live.sloppy_gateway import LINES, not_listed

LISTED = "FAIL: x\n\nmust    CHO-005  a\nmust    SEQ-014  b\nmust    SSE-003  c\n"


def test_a_mistake_after_the_first_lines_is_missing() -> None:
    assert not_listed(LISTED) == []
    assert not_listed(LISTED.replace("SSE-003", "SSE-002")) == ["SSE-003: no [DONE]"]
    assert len(not_listed("\n" * LINES + LISTED)) == 3
