"""The reference endpoint in process, without a socket: what the suite asks where there is nothing
else to ask."""

from dataclasses import replace

from conformance.cases import Case
from conformance.endpoints.client.live_target import WRONG_KEY
from conformance.endpoints.endpoint import Endpoint
from conformance.endpoints.reference import PROFILES, TOKEN, answer
from conformance.endpoints.reference.dialects.dialect import dialect_of
from conformance.judging.profiles import profile
from conformance.protocol.exchange import Exchange, Request

NAME = "self-test"
"""The target that the suite answers itself."""

_CREDENTIALS = {
    "right": f"Bearer {TOKEN}",
    "basic": f"Basic {TOKEN}",
    "wrong": f"Bearer {WRONG_KEY}",
}


def served_as(case: Case) -> str | None:
    """The first profile the reference endpoint serves that can do what a case needs."""
    return next((name for name in PROFILES if case.needs <= profile(name).capabilities), None)


def embedded(name: str) -> Endpoint:
    """The reference endpoint under a profile. Raises LookupError for one that is not served."""
    dialect = dialect_of(name)

    def ask(case: Case) -> Exchange:
        model = dialect.listed[
            -1 if case.then else 0
        ]  # only the newest wants its thought signatures back
        headers = (
            ("content-type", "application/json"),
            *((("authorization", _CREDENTIALS[case.auth]),) if case.auth in _CREDENTIALS else ()),
        )
        request = Request(
            case.method,
            f"https://{NAME}.invalid{dialect.example}{case.path}",
            headers,
            case.request_for(model),
        )
        response = answer(request, name)
        shown = replace(
            request, headers=tuple(header for header in headers if header[0] != "authorization")
        )
        meta = {
            "provenance": "emulated",
            "case": case.id,
            "target": NAME,
            "profile": name,
            "server": dict(response.headers)["server"],
        }
        return Exchange(f"{NAME}/{case.id}", shown, response, meta)

    return ask
