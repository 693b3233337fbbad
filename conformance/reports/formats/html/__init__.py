"""An HTML page for one run: one file that needs no network.

All text of the traffic is escaped, and the page's own policy allows only its own style and script.
"""

from conformance.reports.formats.html.page import page
from conformance.runs.results import Report


def render(report: Report) -> bytes:
    """Return the report of a run as a page of HTML."""
    return page(report).encode()
