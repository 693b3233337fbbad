"""The command ``serve``: puts the reference endpoint on a socket until it is interrupted."""

import socket
import sys
from collections.abc import Sequence

from conformance.cli.exit import usage_error
from conformance.endpoints.reference.dialects.dialect import dialect_of

_PATIENCE = 1
"""Seconds that answers have to end in once it is to stop; one that stalls would take ten minutes.
"""


def run(
    profile: str, host: str, port: int, token: str, faults: Sequence[str] = (), rate: float = 1.0
) -> int:
    """Serve a profile; the exit code."""
    try:
        import uvicorn

        from conformance.endpoints.reference.app import app
        from conformance.endpoints.reference.fault_injection import Misbehaviour, planned
    except ImportError as error:
        return usage_error(
            f"serve needs {error.name}, which is not installed: pip install"
            " 'chat-conformance[serve]'"
        )
    try:
        misbehaviour = Misbehaviour(planned(faults, rate))
    except ValueError as error:
        return usage_error(str(error))
    try:
        listener = _listener(host, port)
    except OSError as error:
        return usage_error(f"{host}:{port} cannot be served from: {error.strerror or error}")
    application = app(profile, token, misbehaviour, [misbehaviour.route()])
    config = uvicorn.Config(
        application,
        log_level="critical",
        server_header=False,
        lifespan="off",
        ws="none",
        timeout_graceful_shutdown=_PATIENCE,
    )
    with listener:
        _tell(profile, host, listener.getsockname()[1], token)
        if faults:
            print(f"faults    {', '.join(faults)}, in {rate:.0%} of the answers", flush=True)
        try:
            uvicorn.Server(config).run(sockets=[listener])
        except KeyboardInterrupt:
            print("Stopped.", file=sys.stderr)
    return 0


def _listener(host: str, port: int) -> socket.socket:
    """A socket that listens. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=1024)


def _tell(profile: str, host: str, port: int, token: str) -> None:
    dialect = dialect_of(profile)
    place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    print(
        f"The reference endpoint answers as {profile} documents. Its answers are emulated, and"
        " nothing of it is a model."
    )
    print(f"base URL  http://{place}{dialect.example}")
    print(f"API key   {token}")
    print(f"models    {', '.join(dialect.listed)} and others of these families", flush=True)
