"""Ask an endpoint which models it has, and choose the only one."""

from dataclasses import replace
from http import HTTPStatus

from conformance._text import few
from conformance.cases import Case
from conformance.endpoints.client.live_target import LiveTarget, TargetError, url_of
from conformance.endpoints.endpoint import Endpoint, Unreachable
from conformance.protocol.chat.facts import fold
from conformance.protocol.exchange import Exchange

PATH = "/models"
LIST = Case("models", "the list of models", "", frozenset(), PATH, "", method="GET")
"""The request for the list of models."""
_SHOWN = 3
"""How many models a message names."""


def models_in(outcome: Exchange | Unreachable) -> tuple[str, ...]:
    """Return the ids of the models in the answer to ``LIST``; () if there is no such list."""
    if isinstance(outcome, Unreachable) or outcome.response.status != HTTPStatus.OK:
        return ()
    body = fold(outcome).body
    listed = body.get("data") if isinstance(body, dict) else None
    ids = [
        model["id"]
        for model in (listed if isinstance(listed, list) else ())
        if isinstance(model, dict) and isinstance(model.get("id"), str) and model["id"]
    ]
    return tuple(dict.fromkeys(ids))


def named(models: tuple[str, ...]) -> str:
    """Return the first few models, and how many more there are."""
    return few(list(models), _SHOWN)


def with_only_model(target: LiveTarget, endpoint: Endpoint) -> LiveTarget | Exchange | Unreachable:
    """Return the target with the only model that it lists, by one request.

    If nothing is listed because the endpoint does not answer or refuses the request, that outcome
    is returned.

    Raises:
        TargetError: It lists several models, or does not say which it has.
    """
    outcome = endpoint(LIST)
    models = models_in(outcome)
    if len(models) == 1:
        return replace(target, model=models[0])
    if models:
        raise TargetError(
            f"no model: {target.base_url} has {len(models):,} models, {named(models)}: choose one"
            " with --model ID"
        )
    if isinstance(outcome, Unreachable) or outcome.response.status in (
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.FORBIDDEN,
    ):
        return outcome
    raise TargetError(
        f"no model: {url_of(target.base_url, PATH)} lists none (status"
        f" {outcome.response.status}): give --model ID"
    )
