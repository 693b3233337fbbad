"""The credentials of requests: a key from the environment, or a token from google-auth.

A credential is read when it is sent; this module never prints, stores or writes one. A Google token
is sent only to a target with ``auth == "google"``.
"""

import os
import threading
import warnings
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import httpx

from conformance.cases import Case
from conformance.endpoints.client.live_target import WRONG_KEY, LiveTarget, TargetError
from conformance.protocol.exchange import Headers
from conformance.traffic.redaction.patterns import BY_LOOK, OF_ACCOUNTS, scrub

if TYPE_CHECKING:
    from google.auth.exceptions import GoogleAuthError

SCOPES = ("https://www.googleapis.com/auth/cloud-platform",)
_LOGIN_FIX = (
    "run `gcloud auth application-default login`, or set GOOGLE_APPLICATION_CREDENTIALS to a"
    " credentials file, or CONFORMANCE_ACCESS_TOKEN to a token"
)

_NETWORK_FIX = (
    "check that this machine reaches Google's token server, and the values of HTTPS_PROXY and"
    " REQUESTS_CA_BUNDLE"
)


class CredentialError(Exception):
    """No Google token was returned; the message fits on one line.

    ``passing`` is True if the failure is temporary, so that another attempt may succeed.
    """

    def __init__(self, why: str, *, passing: bool) -> None:
        super().__init__(why)
        self.passing = passing


class GoogleAuth(httpx.Auth):
    """Application default credentials, found and refreshed by google-auth.

    All threads share one token. The first thread that needs it refreshes it shortly before it
    expires. After a 401 the token is refreshed and the request sent once more; a second 401 is
    returned as the answer. After a permanent refusal no further token is requested.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._credentials: Any = None
        self._refused = ""  # the message of a permanent refusal
        self._retried_token = ""  # the token that replaced one answered with 401, until it works

    def __repr__(self) -> str:
        return "GoogleAuth()"

    def sync_auth_flow(
        self, request: httpx.Request
    ) -> Generator[httpx.Request, httpx.Response, None]:
        """Send the request with a token, and with a new token if the answer is 401.

        Raises:
            TargetError: There are no credentials.
            CredentialError: No token was returned for them.
        """
        token = self.token()
        answer = yield self._signed(request, token)
        if answer.status_code == HTTPStatus.UNAUTHORIZED and (newer := self._replace(token)):
            _discard_body(answer)
            answer = yield self._signed(request, newer)
        if answer.status_code != HTTPStatus.UNAUTHORIZED:
            self._retried_token = ""

    def token(self) -> str:
        """Return a token that stays valid for at least some minutes.

        Raises:
            TargetError: There are no credentials.
            CredentialError: No token was returned for them.
        """
        from google.auth.credentials import TokenState

        with self._lock:
            if self._refused:
                raise CredentialError(self._refused, passing=False)
            if self._credentials is None:
                with self._one_line_errors():
                    self._credentials = _application_default()
            if self._credentials.token_state is not TokenState.FRESH:
                self._refresh()
            return str(self._credentials.token)

    def minutes_left(self) -> str:
        """Return how long a token got now is valid, such as "59 minutes". Raises like ``token``."""
        self.token()
        expiry = self._credentials.expiry
        return (
            "an unknown time"
            if expiry is None
            else (
                f"{int((expiry - datetime.now(UTC).replace(tzinfo=None)).total_seconds() // 60)}"
                " minutes"
            )
        )

    def identifiers(self) -> dict[str, str]:
        """Return the token in use and what identifies its account, by kind, without asking anyone.

        Kinds that these credentials do not have are left out; before the first token all are.
        """
        kinds = ("token", "service_account_email", "signer_email", "project_id", "quota_project_id")
        values = {kind: getattr(self._credentials, kind, None) for kind in kinds}
        return {kind: value for kind, value in values.items() if isinstance(value, str) and value}

    def _replace(self, token: str) -> str:
        """Return a new token for one that was answered with 401.

        Returns "" if the token was itself the replacement for one answered with 401.
        """
        with self._lock:
            if self._credentials.token == token:
                if token == self._retried_token:
                    return ""
                self._refresh()
                self._retried_token = self._credentials.token
            return str(self._credentials.token)

    def _refresh(self) -> None:
        from google.auth.transport.requests import Request

        with self._one_line_errors():
            self._credentials.refresh(Request())

    @contextmanager
    def _one_line_errors(self) -> Iterator[None]:
        """Turn an error of google-auth into a CredentialError; store a permanent refusal."""
        from google.auth.exceptions import GoogleAuthError

        try:
            yield
        except GoogleAuthError as error:
            credential_error = _credential_error(error)
            self._refused = "" if credential_error.passing else str(credential_error)
            raise credential_error from None

    def _signed(self, request: httpx.Request, token: str) -> httpx.Request:
        self._credentials.apply(request.headers, token)
        return request


APPLICATION_DEFAULT = GoogleAuth()
"""The credentials of this process; they are looked up when the first token is needed."""


def auth_of(case: Case, target: LiveTarget) -> httpx.Auth | None:
    """Return what adds a Google token to the request, or None.

    None if the credential is already in the headers, or if the request is sent without one.
    """
    return APPLICATION_DEFAULT if target.application_default and case.auth == "right" else None


def headers_of(case: Case, target: LiveTarget) -> Headers:
    """Return the header with the credential that a case sends: the right one or a wrong one.

    Returns () if the case or the target has no credential, or if ``auth_of`` adds it.

    Raises:
        TargetError: The environment variable of the key is not set, or there are no credentials.
        CredentialError: No token was returned for the credentials.
    """
    if case.auth == "none" or not (target.keyed or case.auth == "wrong"):
        return ()
    if case.auth == "wrong":
        return (_header(target, WRONG_KEY),)
    if not target.application_default:
        key = key_in(target.key_variable)
    elif case.auth == "basic":
        key = APPLICATION_DEFAULT.token()
    else:
        return ()
    return (("authorization", f"Basic {key}") if case.auth == "basic" else _header(target, key),)


def key_in(variable: str) -> str:
    """Return the key or token in an environment variable, without surrounding whitespace.

    Raises:
        TargetError: The variable is unset or empty, or has characters that a header cannot hold.
    """
    key = os.environ.get(variable, "").strip()
    if not key:
        raise TargetError(
            f"the environment variable {variable}, which should hold the API key, is not set"
        )
    if not (key.isascii() and key.isprintable()):
        raise TargetError(
            f"the environment variable {variable} has characters that an API key cannot have"
        )
    return key


def _header(target: LiveTarget, key: str) -> tuple[str, str]:
    if target.auth in ("api-key", "x-goog-api-key"):
        return target.auth, key
    return "authorization", f"Bearer {key}"


def _application_default() -> Any:
    """Return the credentials that google-auth finds.

    With workload identity federation this already requests a token and looks up the project.
    """
    import google.auth
    from google.auth.exceptions import DefaultCredentialsError

    try:
        with warnings.catch_warnings():
            # google-auth warns about a gcloud login; an endpoint that rejects it reports an error
            warnings.simplefilter("ignore")
            return google.auth.default(scopes=SCOPES)[0]
    except (
        DefaultCredentialsError,
        OSError,
        ValueError,
        TypeError,
        AttributeError,  # for a file with JSON of another form
    ) as error:
        raise TargetError(f"no Google credentials: {_one_line(error)}; {_LOGIN_FIX}") from None


def _credential_error(error: "GoogleAuthError") -> CredentialError:
    from google.auth.exceptions import OAuthError, RefreshError

    refused = isinstance(error, RefreshError | OAuthError) and not error.retryable
    return CredentialError(
        f"no token for the Google credentials: {_one_line(error)};"
        f" {_LOGIN_FIX if refused else _NETWORK_FIX}",
        passing=not refused,
    )


def _one_line(error: Exception) -> str:
    """Return the message of an error on one line, redacted, at most 300 characters."""
    message = str(error.args[0] if error.args else type(error).__name__)
    return scrub(" ".join(message.split()), (*BY_LOOK, *OF_ACCOUNTS))[0][:300].rstrip(".")


def _discard_body(answer: httpx.Response) -> None:
    """Close the body of an answer and make it empty, as httpx would read a body without an end."""
    if isinstance(answer.stream, httpx.SyncByteStream):
        answer.stream.close()
    answer.stream = httpx.ByteStream(b"")
