"""The requests that a report shows, as requests to repeat and as code."""

from collections.abc import Callable
from dataclasses import dataclass

from conformance.cases.case_ref import parse_case, parse_group
from conformance.cases.corpus import Corpus, shipped_corpus
from conformance.judging.profiles import UnknownProfile, profile
from conformance.reports.repeatable_request import (
    KEY_HEADERS,
    RepeatableRequest,
    key_variable_in,
    request_at,
)
from conformance.reports.request_code import CODES
from conformance.runs.broken import Sighting
from conformance.runs.results import Report
from conformance.runs.shown_exchange import ShownExchange


@dataclass(frozen=True, slots=True)
class ShownRequests:
    """Makes the requests of a report's examples repeatable; ``corpus`` has the cases."""

    report: Report
    corpus: Corpus

    def of(self, shown: ShownExchange) -> RepeatableRequest | None:
        """Return the request of an example, None if its body is not known.

        How to authorise it follows from the case and from the profile of the target; the variable
        of the key is the one in the command of the run.
        """
        if shown.request is None:
            return None
        case = self.corpus.cases.get(parse_case(shown.case).id)
        header = self._key_header(shown.target)
        return request_at(
            shown.method,
            shown.url,
            shown.request,
            auth=case.auth if case else "right",
            key_header=header if header in KEY_HEADERS else "",
            key_variable=key_variable_in(self.report.repeat),
        )

    def _key_header(self, target: str) -> str:
        name = next((each.profile for each in self.report.targets if each.name == target), "")
        try:
            return profile(name).auth
        except UnknownProfile:
            return ""


def codes_in(report: Report, name: str) -> Callable[[Sighting], str]:
    """Return what writes the request of a sighting as code.

    Args:
        name: the name of the client, one of ``CODES``; "" for no code.
    """
    if not name:
        return lambda _: ""
    requests = ShownRequests(report, shipped_corpus())
    examples = {(shown.target, shown.case): shown for shown in report.examples}

    def code_of(sighting: Sighting) -> str:
        for case in parse_group(sighting.case):
            shown = examples.get((sighting.target, str(case)))
            if shown and (request := requests.of(shown)):
                return code_or_none(request, name)
        return ""

    return code_of


def code_or_none(request: RepeatableRequest, name: str) -> str:
    """Return a request as code, "" if its body is nested too deeply to be written."""
    try:
        return CODES[name](request)
    except RecursionError:
        return ""
