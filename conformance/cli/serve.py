"""The command ``serve``: run the reference endpoint as an HTTP server until interrupted."""

import errno
import socket
import sys
from collections.abc import Sequence

import click

from conformance.cli.exit import exit_with, usage_error

_SHUTDOWN_SECONDS = 1
"""How long to wait for unfinished answers at the end; a stalled one would take ten minutes."""


@click.command(short_help="Run the reference endpoint as an HTTP server.")
@click.option(
    "--profile",
    type=click.Choice(["vertex-gemini", "gemini-api", "vertex-vllm", "openai"]),
    required=True,
    help="The profile whose documented protocol the server follows.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="The port to listen on; 0 picks a free port.",
)
@click.option(
    "--token",
    default="self-test",
    show_default=True,
    help="The bearer token that requests must send.",
)
@click.option(
    "--fault",
    "faults",
    multiple=True,
    metavar="NAME",
    help="Inject this fault into the answers; repeatable.",
)
@click.option(
    "--fault-rate",
    default=1.0,
    show_default=True,
    metavar="SHARE",
    help="The share of answers that get a fault, from 0 to 1.",
)
def serve(
    profile: str, host: str, port: int, token: str, faults: tuple[str, ...], fault_rate: float
) -> None:
    """Run the reference endpoint as an HTTP server.

    The server follows the documented protocol without a model, and always gives the same answer to
    the same request.

    It prints its base URL once it accepts connections. Each response names the profile in its
    header x-conformance-profile, which `conformance lint` reads.

    --fault makes the server misbehave. PUT {"faults": [NAME, ...], "rate": SHARE} to /_faults
    changes the faults while the server runs; GET /_faults lists all faults. A request with the
    header x-conformance-fault: NAME gets that fault instead, and no other request does.

    GET /_requests shows the last 1,000 requests without credentials; DELETE /_requests empties it.

    /_faults and /_requests need the same bearer token as all requests. Their header Host must name
    localhost or --host, and they refuse requests of other web pages.

    Exit codes: 0 stopped by Ctrl-C or SIGTERM, 2 bad usage, the address is not available, or
    starlette or uvicorn is not installed.
    """
    exit_with(lambda: _serve(profile, host, port, token, faults, fault_rate))


def _serve(
    profile: str, host: str, port: int, token: str, faults: Sequence[str], rate: float
) -> int:
    """Answer requests until Ctrl-C or SIGTERM; return the exit code."""
    from conformance.runs.live.signals import ended_as_by_ctrl_c

    try:
        with ended_as_by_ctrl_c():
            return _answer_requests(profile, host, port, token, faults, rate)
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return 0


def _answer_requests(
    profile: str, host: str, port: int, token: str, faults: Sequence[str], rate: float
) -> int:
    """Answer requests until a signal; return the exit code.

    Raises KeyboardInterrupt if Ctrl-C comes before the server starts.
    """
    try:
        import uvicorn

        from conformance.endpoints.reference.app import app
        from conformance.endpoints.reference.fault_injection import Misbehaviour, planned
        from conformance.runs.live.signals import calling
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
        fix = (
            "give another --port, or --port 0 for a free one"
            if error.errno in (errno.EADDRINUSE, errno.EACCES)
            else "give --host an address of this machine, such as 127.0.0.1"
        )
        why, _, _ = (error.strerror or str(error)).partition(" (while attempting to bind")
        return usage_error(f"cannot listen on {host}:{port}: {why}; {fix}")
    application = app(profile, token, misbehaviour, host=host)
    config = uvicorn.Config(
        application,
        log_level="critical",
        server_header=False,
        lifespan="off",
        ws="none",
        timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
    )
    server = uvicorn.Server(config)

    def stop(*_: object) -> None:
        """End the server, also if it has not installed its own handler of signals yet."""
        server.should_exit = True

    with listener:
        _print_address(profile, host, listener.getsockname()[1], token)
        if faults:
            print(f"faults    {', '.join(faults)}, in {rate:.0%} of the answers", flush=True)
        with calling(stop):
            server.run(sockets=[listener])
    print("Stopped.", file=sys.stderr)
    return 0


def _listener(host: str, port: int) -> socket.socket:
    """Return a listening socket. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=1024)


def _print_address(profile: str, host: str, port: int, token: str) -> None:
    from conformance.endpoints.reference.dialects.dialect import dialect_of

    dialect = dialect_of(profile)
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    print(
        f"Reference endpoint for {profile}: it follows the documentation. Its answers are emulated;"
        " no model is involved."
    )
    print(f"base URL  http://{address}{dialect.example}")
    print(f"API key   {token}")
    print(f"models    {', '.join(dialect.listed)} and others of these families", flush=True)
