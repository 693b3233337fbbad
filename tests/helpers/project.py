"""Where this project's files are, for tests that read them."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
RECORDINGS = ROOT.parent / "shared" / "recordings"
"""Genuine traffic of many servers, which is not part of the repository: a test that needs it is
skipped where it is missing."""
