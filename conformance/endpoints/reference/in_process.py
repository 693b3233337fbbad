"""The reference endpoint in process, without a socket, for runs without a live target."""

from dataclasses import replace

from conformance.cases import Case
from conformance.cases.thinking_room import with_room
from conformance.endpoints.client.live_target import WRONG_KEY
from conformance.endpoints.endpoint import Endpoint
from conformance.endpoints.reference import PROFILES, TOKEN, answer
from conformance.endpoints.reference.dialects.dialect import dialect_of
from conformance.judging.profiles import profile
from conformance.protocol.exchange import Exchange, Request

NAME = "self-test"
"""The target name of the reference endpoint in process."""

_CREDENTIALS = {
    "right": f"Bearer {TOKEN}",
    "basic": f"Basic {TOKEN}",
    "wrong": f"Bearer {WRONG_KEY}",
}


def served_as(case: Case) -> str | None:
    """Return the first served profile with a model that can do what a case needs, or None."""
    return next((name for name in PROFILES if model_for(case, name)), None)


def model_for(case: Case, name: str) -> str | None:
    """Return the first served model of a profile that can do what a case needs, or None."""
    models = dialect_of(name).listed
    return next(
        (model for model in models if case.needs <= profile(name).capabilities_of(model)), None
    )


def embedded(name: str) -> Endpoint:
    """Return the reference endpoint for a profile. Raises LookupError if it is not served."""
    dialect = dialect_of(name)

    def ask(case: Case) -> Exchange:
        model = model_for(case, name) or dialect.listed[0]
        sent = with_room(case) if profile(name).thinks(model) else case
        headers = (
            ("content-type", "application/json"),
            *((("authorization", _CREDENTIALS[case.auth]),) if case.auth in _CREDENTIALS else ()),
        )
        request = Request(
            case.method,
            f"https://{NAME}.invalid{dialect.example}{case.path}",
            headers,
            sent.request_for(model),
        )
        response = answer(request, name)
        recorded_request = replace(
            request, headers=tuple(header for header in headers if header[0] != "authorization")
        )
        meta = {
            "provenance": "emulated",
            "case": case.id,
            "target": NAME,
            "profile": name,
            "server": dict(response.headers)["server"],
        }
        return Exchange(f"{NAME}/{case.id}", recorded_request, response, meta)

    return ask
