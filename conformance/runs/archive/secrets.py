"""The values that must not be in an archive: credentials and names of the account that asked."""

import json
import re
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from conformance.endpoints.client.live_target import LiveTarget
from conformance.traffic.redaction.patterns import MARK, PROJECT
from conformance.traffic.redaction.request_secrets import Known, wherever

MIN_LENGTH = 6
"""The least characters of a value that is looked for; shorter ones occur in ordinary words."""

_KEYS = ("CONFORMANCE_API_KEY", "CONFORMANCE_ACCESS_TOKEN", "GEMINI_API_KEY", "GOOGLE_API_KEY")
_PROJECTS = (
    "CONFORMANCE_PROJECT",
    "CONFORMANCE_PROJECT_NUMBER",
    "GOOGLE_CLOUD_PROJECT",
    "GOOGLE_CLOUD_QUOTA_PROJECT",
    "GCLOUD_PROJECT",
)
_ADC_FILE = "application_default_credentials.json"
_PUBLIC = (
    "type",
    "universe_domain",
    "auth_uri",
    "token_uri",
    "token_url",
    "token_info_url",
    "subject_token_type",
)
"""The members of a credentials file that are the same for all accounts."""
_HOST = re.compile(r"(?=.*[0-9.-])(?!localhost).{8,}")
"""A host name that is looked for. One that is short or a single word may occur by chance."""


@dataclass(frozen=True, slots=True)
class Secret:
    """A value that must not be in an archive; ``kind`` is what an error message calls it."""

    kind: str
    value: str = field(repr=False)

    @property
    def rule(self) -> Known:
        """The rule that replaces the value, in any encoding."""
        return wherever(self.value, PROJECT if "project" in self.kind else MARK)


def secrets_of(
    target: LiveTarget, environment: Mapping[str, str], identifiers: Mapping[str, str]
) -> tuple[Secret, ...]:
    """Return the secrets of a run, the longest first, each value once.

    Args:
        target: The target that was asked.
        environment: The environment variables, which may name keys, projects and a file of
            credentials.
        identifiers: What is known of Google's credentials, by kind.
    """
    found: dict[str, str] = {}
    for kind, value in (
        *_of_target(target),
        *(
            (f"variable {name}", environment.get(name, ""))
            for name in (*_KEYS, target.key_variable)
        ),
        *((f"project in {name}", environment.get(name, "")) for name in _PROJECTS),
        *((kind.replace("_", " "), value) for kind, value in identifiers.items()),
        *_of_file(_credentials_file(environment)),
        *_of_machine(),
    ):
        if len(value := value.strip()) >= MIN_LENGTH and value not in (PROJECT, MARK):
            found.setdefault(value, kind)
    return tuple(
        Secret(kind, value)
        for value, kind in sorted(found.items(), key=lambda item: len(item[0]), reverse=True)
    )


def _of_target(target: LiveTarget) -> Iterator[tuple[str, str]]:
    for project in re.findall(r"/projects/([^/?#]+)", target.base_url):
        yield "project in the URL", unquote(project)
    host = urlsplit(target.base_url).hostname or ""
    for number in re.findall(r"-(\d{6,})\.prediction\.", host):
        yield "project number in the URL", number
    for name, value in target.headers.items:
        yield f"header field {name}", value


def _of_machine() -> Iterator[tuple[str, str]]:
    home, host = str(Path.home()), socket.gethostname()
    if len(Path(home).parts) > 2:  # not / or /root
        yield "home folder", home
    if _HOST.fullmatch(host):
        yield "host name", host


def _credentials_file(environment: Mapping[str, str]) -> Path:
    """Return where Google's library looks for application default credentials."""
    if named := environment.get("GOOGLE_APPLICATION_CREDENTIALS"):
        return Path(named)
    if folder := environment.get("CLOUDSDK_CONFIG"):
        return Path(folder) / _ADC_FILE
    if roaming := environment.get("APPDATA"):
        return Path(roaming) / "gcloud" / _ADC_FILE
    return Path.home() / ".config" / "gcloud" / _ADC_FILE


def _of_file(path: Path) -> Iterator[tuple[str, str]]:
    """Yield the private values in a file of credentials, nothing if it cannot be read."""
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return
    yield from _of_json(content, "")


def _of_json(value: Any, name: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, member in value.items():
            if key not in _PUBLIC:
                yield from _of_json(member, str(key))
    elif isinstance(value, list):
        for item in value:
            yield from _of_json(item, name)
    elif isinstance(value, str):
        kind = f"{name.replace('_', ' ')} in the credentials file"
        if "-----BEGIN" in value:
            yield from ((kind, line) for line in value.splitlines() if not line.startswith("-----"))
        elif not re.match(r"(https?:)?//", value):
            yield kind, value
        else:
            yield from (
                (kind, part) for part in re.findall(r"(?<![\w.-])[\w.-]++@[\w.-]+\w|\d{6,}", value)
            )
