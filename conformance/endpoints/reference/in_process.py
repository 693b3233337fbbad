"""The reference endpoint in process, without a socket, for runs without a live target."""

from collections.abc import Mapping
from dataclasses import replace

from conformance.cases import Case
from conformance.cases.thinking_room import with_room
from conformance.endpoints.client.live_target import WRONG_KEY
from conformance.endpoints.endpoint import Endpoint
from conformance.endpoints.reference import PROFILES, TOKEN, answer
from conformance.endpoints.reference.dialects.dialect import dialect_of
from conformance.judging.profiles import Profile, profile
from conformance.protocol.exchange import Exchange, Request

NAME = "self-test"
"""The target name of the reference endpoint in process."""

_CREDENTIALS = {
    "right": f"Bearer {TOKEN}",
    "basic": f"Basic {TOKEN}",
    "wrong": f"Bearer {WRONG_KEY}",
}


def served_as(case: Case, profiles: Mapping[str, Profile]) -> str | None:
    """Return the first served one of the profiles that has a model for a case, or None."""
    return next(
        (name for name in PROFILES if name in profiles and model_for(case, profiles[name])), None
    )


def model_for(case: Case, by: Profile) -> str | None:
    """Return the first served model of a profile that can do what a case needs, or None."""
    models = dialect_of(by.name).listed
    return next((model for model in models if case.needs <= by.capabilities_of(model)), None)


def embedded(name: str, by: Profile | None = None) -> Endpoint:
    """Return the reference endpoint for a profile. Raises LookupError if it is not served.

    ``by`` is the profile, if it is not the shipped one with this name: it says which model can do
    what a case needs.
    """
    able = by or profile(name)
    dialect = dialect_of(name)

    def ask(case: Case) -> Exchange:
        model = model_for(case, able) or dialect.listed[0]
        sent = with_room(case) if able.thinks(model) else case
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
