"""Where cases are sent, and what can be wrong with its description."""

from dataclasses import dataclass

from conformance.judging.profiles.model import Auth
from conformance.protocol.exchange import CHAT_COMPLETIONS

WRONG_KEY = "wrong-key-of-a-probe"
"""The credential of the cases that send a wrong one."""


class TargetError(ValueError):
    """A target that cannot be asked as it is described; the message fits on one line."""


def url_of(base_url: str, path: str = CHAT_COMPLETIONS) -> str:
    """Where the requests of a path are sent."""
    return base_url.rstrip("/") + path


@dataclass(frozen=True, slots=True)
class LiveTarget:
    """Where to send: a base URL, to which the path of a case is appended, the model to ask for, and
    the profile that says what to expect.

    ``key_variable`` names the environment variable that holds the API key, "" where none is needed:
    the key itself is read when it is sent. ``assumed`` says that nothing told the profile; then an
    exchange does not name it either. ``auth`` is how a request is authorised; ``google`` without a
    variable is a token of the application default credentials.
    """

    name: str
    base_url: str
    model: str
    profile: str
    key_variable: str = ""
    assumed: bool = False
    auth: Auth = "bearer"

    @property
    def application_default(self) -> bool:
        """Whether requests bring a token of the application default credentials."""
        return self.auth == "google" and not self.key_variable

    @property
    def keyed(self) -> bool:
        """Whether requests bring a credential."""
        return bool(self.key_variable) or self.application_default
