"""The comparison of two endpoints as text, JSON, Markdown and HTML."""

from conformance.reports.comparison.as_json import as_json
from conformance.reports.comparison.html import as_html
from conformance.reports.comparison.markdown import as_markdown
from conformance.reports.comparison.text import render

__all__ = ["as_html", "as_json", "as_markdown", "render"]
