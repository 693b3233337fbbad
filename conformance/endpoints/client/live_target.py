"""A live target, and the error for a target that cannot be used."""

from dataclasses import dataclass, field

from conformance.judging.profiles.model import Auth
from conformance.protocol.exchange import CHAT_COMPLETIONS

WRONG_KEY = "wrong-key-of-a-probe"
"""The credential sent by the cases that test a wrong one."""


class TargetError(ValueError):
    """A target cannot be used as it is described; the message fits on one line."""


class WrongModel(TargetError):
    """The API of a target has no model of this name; the message says how to write it."""


def url_of(base_url: str, path: str = CHAT_COMPLETIONS) -> str:
    """Return the URL of a path below a base URL, with or without its trailing slash."""
    return base_url.rstrip("/") + path


@dataclass(frozen=True, slots=True)
class ExtraHeaders:
    """Header fields that are added to each request: names in lower case, and secret values.

    ``repr`` shows only the names.
    """

    items: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    def __repr__(self) -> str:
        return f"ExtraHeaders({', '.join(name for name, _ in self.items)})"


NO_HEADERS = ExtraHeaders()


@dataclass(frozen=True, slots=True)
class LiveTarget:
    """Where to send cases: a base URL, a model, and the profile to judge the answers by.

    The path of a case is appended to ``base_url``. ``key_variable`` is the environment variable
    that holds the API key, "" for none; the key is read when it is sent. ``assumed`` is True if the
    profile is only the fallback; then recorded exchanges do not name it. ``auth`` is how requests
    are authorised: "bearer", "google", or the name of the header that holds the key; "google"
    without ``key_variable`` uses the application default credentials. ``withheld_key`` is how to
    send a key that is named for another URL, "" unless that is why no credential is sent.
    ``headers`` are added to each request.
    """

    name: str
    base_url: str
    model: str
    profile: str
    key_variable: str = ""
    assumed: bool = False
    auth: Auth = "bearer"
    withheld_key: str = ""
    headers: ExtraHeaders = NO_HEADERS

    @property
    def application_default(self) -> bool:
        """Whether requests are sent with a token of the application default credentials."""
        return self.auth == "google" and not self.key_variable

    @property
    def keyed(self) -> bool:
        """Whether requests are sent with a credential."""
        return bool(self.key_variable) or self.application_default
