"""Credentials: what a request is sent with, read from the environment or got by google-auth when it
is sent.

Nothing here prints, keeps or writes a credential. Only a target that says so is ever sent a Google
token.
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
MEND = (
    "run `gcloud auth application-default login`, or let GOOGLE_APPLICATION_CREDENTIALS name a file"
    " of credentials or CONFORMANCE_ACCESS_TOKEN hold a token"
)

_REACH = (
    "see whether this machine reaches Google's token server, and what HTTPS_PROXY and"
    " REQUESTS_CA_BUNDLE say"
)


class CredentialError(Exception):
    """A token that was refused or could not be asked for; the message fits on one line. ``passing``
    says that the next attempt may succeed."""

    def __init__(self, why: str, *, passing: bool) -> None:
        super().__init__(why)
        self.passing = passing


class GoogleAuth(httpx.Auth):
    """Application default credentials, which google-auth finds and refreshes: one token for all
    threads.

    A token is got before it expires, by whichever thread is first, and once more where an endpoint
    answers 401 to it; a second 401 is the answer. Who is refused a token asks for none again.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._credentials: Any = None
        self._refused = ""  # why no token is given, once that is certain
        self._doubted = ""  # the token that was got because of a 401, until an endpoint takes it

    def __repr__(self) -> str:
        return "GoogleAuth()"

    def sync_auth_flow(
        self, request: httpx.Request
    ) -> Generator[httpx.Request, httpx.Response, None]:
        """Send with a token, and once more with another where the first is not taken. Raises
        TargetError and CredentialError."""
        token = self.token()
        answer = yield self._signed(request, token)
        if answer.status_code == HTTPStatus.UNAUTHORIZED and (newer := self._in_place_of(token)):
            _leave_unread(answer)
            answer = yield self._signed(request, newer)
        if answer.status_code != HTTPStatus.UNAUTHORIZED:
            self._doubted = ""

    def token(self) -> str:
        """A token that is good for some minutes at least. Raises TargetError without credentials,
        CredentialError where no token is given for them."""
        from google.auth.credentials import TokenState

        with self._lock:
            if self._refused:
                raise CredentialError(self._refused, passing=False)
            if self._credentials is None:
                with self._remembering():
                    self._credentials = _application_default()
            if self._credentials.token_state is not TokenState.FRESH:
                self._refresh()
            return str(self._credentials.token)

    def minutes_left(self) -> str:
        """How long a token is good that is got now, in words. Raises as ``token`` does."""
        self.token()
        expiry = self._credentials.expiry
        return (
            "some time"
            if expiry is None
            else (
                f"{int((expiry - datetime.now(UTC).replace(tzinfo=None)).total_seconds() // 60)}"
                " minutes"
            )
        )

    def _in_place_of(self, token: str) -> str:
        """Another token than one that was not taken, "" where that one was already the last
        attempt."""
        with self._lock:
            if self._credentials.token == token:
                if token == self._doubted:
                    return ""
                self._refresh()
                self._doubted = self._credentials.token
            return str(self._credentials.token)

    def _refresh(self) -> None:
        from google.auth.transport.requests import Request

        with self._remembering():
            self._credentials.refresh(Request())

    @contextmanager
    def _remembering(self) -> Iterator[None]:
        """Tell the errors of google-auth in one line, and keep a refusal."""
        from google.auth.exceptions import GoogleAuthError

        try:
            yield
        except GoogleAuthError as error:
            failed = _failed(error)
            self._refused = "" if failed.passing else str(failed)
            raise failed from None

    def _signed(self, request: httpx.Request, token: str) -> httpx.Request:
        self._credentials.apply(request.headers, token)
        return request


APPLICATION_DEFAULT = GoogleAuth()
"""The credentials of this process; nothing is looked for before the first token is needed."""


def auth_of(case: Case, target: LiveTarget) -> httpx.Auth | None:
    """What adds a token that has to be got for it, None for a request whose headers hold its
    credential already, or that has none."""
    return APPLICATION_DEFAULT if target.application_default and case.auth == "right" else None


def headers_of(case: Case, target: LiveTarget) -> Headers:
    """The headers with the credential that a case wants to be sent, as far as it is known before.
    Raises TargetError and CredentialError."""
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
    """The key or token in an environment variable. Raises TargetError where there is none."""
    key = os.environ.get(variable, "").strip()
    if not key:
        raise TargetError(
            f"the environment variable {variable}, which should hold the API key, is not set"
        )
    if not (key.isascii() and key.isprintable()):
        raise TargetError(
            f"the environment variable {variable} holds characters that no API key has"
        )
    return key


def _header(target: LiveTarget, key: str) -> tuple[str, str]:
    return ("api-key", key) if target.auth == "api-key" else ("authorization", f"Bearer {key}")


def _application_default() -> Any:
    """What google-auth finds. For workload identity federation it asks for a token, and whose
    project that is, at once."""
    import google.auth
    from google.auth.exceptions import DefaultCredentialsError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore"
            )  # of what a login by gcloud is good for; an endpoint that minds it says so itself
            return google.auth.default(scopes=SCOPES)[0]
    except (
        DefaultCredentialsError,
        OSError,
        ValueError,
        TypeError,
        AttributeError,
    ) as error:  # the latter where a file holds JSON of another form
        raise TargetError(f"no Google credentials: {_one_line(error)}; {MEND}") from None


def _failed(error: "GoogleAuthError") -> CredentialError:
    from google.auth.exceptions import OAuthError, RefreshError

    refused = isinstance(error, RefreshError | OAuthError) and not error.retryable
    return CredentialError(
        f"no token for the Google credentials: {_one_line(error)}; {MEND if refused else _REACH}",
        passing=not refused,
    )


def _one_line(error: Exception) -> str:
    """What google-auth says first, without what looks like a secret."""
    said = str(error.args[0] if error.args else type(error).__name__)
    return scrub(" ".join(said.split()), (*BY_LOOK, *OF_ACCOUNTS))[0][:300].rstrip(".")


def _leave_unread(answer: httpx.Response) -> None:
    """Let httpx find nothing to read in an answer that is not looked at: its body may have no
    end."""
    if isinstance(answer.stream, httpx.SyncByteStream):
        answer.stream.close()
    answer.stream = httpx.ByteStream(b"")
