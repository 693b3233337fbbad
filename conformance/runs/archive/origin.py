"""Where the cassettes of an archive come from: the hosts that answered, and the README about it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from conformance._files import write_atomic
from conformance._text import many, printable
from conformance.endpoints.client.target_from_url import is_google
from conformance.judging.profiles import profile
from conformance.protocol.exchange import Exchange
from conformance.runs.archive.layout import Manifest

_README = "README.md"
_LONGEST = 80
"""The most characters of a host or header value that the README shows."""
_ENTRY = re.compile(r"^- .*\n(?:  .*\n)*", re.MULTILINE)
"""One entry of the README: a list item with its sub-items."""
_PLACEHOLDER = re.compile(r"\{\w+\}")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the cassettes of an archive come from.

    Attributes:
        digest: The SHA-256 of the archive.
        source: Where the archive comes from, such as the URL of an issue; "" if not known.
        hosts: The scheme and the host of each URL that answered, with the port if it has one.
        servers: The values of the response header ``server``.
    """

    digest: str
    source: str
    hosts: tuple[str, ...]
    servers: tuple[str, ...]


def origin_of(exchanges: Iterable[Exchange], digest: str, source: str) -> Origin:
    """Return the origin of the exchanges of an archive."""
    answered = list(exchanges)
    hosts = {_host_of(exchange) for exchange in answered}
    servers = {
        value
        for exchange in answered
        for name, value in exchange.response.headers
        if name == "server"
    }
    return Origin(digest, source, tuple(sorted(hosts)), tuple(sorted(servers)))


def foreign_host(exchange: Exchange, profile_name: str) -> str:
    """Return the host that answered if it is not Google's but the profile is, else ""."""
    return _host_of(exchange) if _is_googles(profile_name) and not _from_google(exchange) else ""


def write_note(folder: Path, manifest: Manifest, count: int, origin: Origin) -> None:
    """Add an entry about an archive to the README of a target's folder.

    An entry about the same archive is replaced; the README is begun if there is none.
    """
    path = folder / _README
    before = path.read_text(encoding="utf-8") if path.exists() else _beginning(manifest)
    before = before.rstrip() + "\n"
    entry = _entry(manifest, count, origin)
    for old in _ENTRY.findall(before):
        if origin.digest in old:
            text = before.replace(old, entry)
            break
    else:
        text = f"{before}\n{entry}"
    write_atomic(path, text.encode())


def _beginning(manifest: Manifest) -> str:
    return (
        f"# Answers of {manifest.model} as {manifest.profile}\n\nOne cassette for each case,"
        " recorded with `conformance collect` and imported with `conformance cassettes import`:\n"
    )


def _entry(manifest: Manifest, count: int, origin: Origin) -> str:
    environment = manifest.environment
    packages = ", ".join(
        f"{name} {version}" for name, version in sorted(environment.packages.items())
    )
    servers = _listed(origin.servers)
    lines = [
        f"- {many(count, 'cassette')} from the archive of {manifest.collected}"
        + (f", {printable(origin.source)}" if origin.source else ""),
        f"  - SHA-256 of the archive: `{origin.digest}`",
        f"  - answered by {_listed(origin.hosts)}, "
        + (f"with the response header server: {servers}" if servers else "without a server header"),
        f"  - asked with chat-conformance {environment.suite} (cases {manifest.corpus}), Python"
        f" {environment.python}, {environment.system} {environment.machine}",
        f"  - packages: {packages}",
    ]
    return "\n".join([*lines, ""])


def _listed(values: Iterable[str]) -> str:
    """Return values of an archive as Markdown code, which a reader cannot take for a link."""
    return ", ".join(f"`{printable(value).replace('`', '')[:_LONGEST]}`" for value in values)


def _host_of(exchange: Exchange) -> str:
    try:
        parts = urlsplit(exchange.request.url)
    except ValueError:
        return exchange.request.url
    return f"{parts.scheme}://{parts.netloc}".lower()


def _from_google(exchange: Exchange) -> bool:
    try:
        return is_google(exchange.request.url)
    except ValueError:  # such as a malformed IPv6 address
        return False


def _is_googles(profile_name: str) -> bool:
    """True if the base URLs of a profile are on hosts of Google."""
    templates = profile(profile_name).url_templates
    return any(is_google(_PLACEHOLDER.sub("x", template)) for template in templates)
