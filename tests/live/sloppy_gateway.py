"""Ask llama.cpp's server through a sloppy gateway for a minute: ``python -m
tests.live.sloppy_gateway``.

The exit code is 0 if the first ten lines of the report name all three mistakes of the gateway.
"""

import os
import re
import subprocess
import sys
from urllib.parse import urlsplit

from tests.helpers.sloppy_gateway import BREAKS, sloppy_gateway
from tests.live.llama_cpp import KEY, KEY_VARIABLE, asked, install, served

LINES = 10


def not_listed(report: str) -> list[str]:
    """Return the mistakes of the gateway that the first lines of a report do not name."""
    beginning = "\n".join(report.splitlines()[:LINES])
    listed = re.findall(r"^must +([A-Z]+-\d+) ", beginning, re.MULTILINE)
    return [f"{name}: {mistake}" for name, mistake in BREAKS.items() if name not in listed]


def main() -> int:
    """Serve, ask, print the report; return the exit code."""
    install()
    cases = [option for case in asked() for option in ("--case", case.id)]  # none without a limit
    server = served(0)
    with sloppy_gateway(urlsplit(server.listening_address).netloc) as address:
        command = [sys.executable, "-m", "conformance", "run", f"http://{address}/v1"]
        done = subprocess.run(
            [
                *command,
                "--api-key-env",
                KEY_VARIABLE,
                "--max-minutes",
                "1",
                "--behind",
                "llama.cpp",
                *cases,
            ],
            env=os.environ | {KEY_VARIABLE: KEY, "COLUMNS": "80"},
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )
    print(done.stdout)
    missing = not_listed(done.stdout)
    print(f"The first {LINES} lines name all mistakes." if not missing else f"Missing: {missing}")
    return int(bool(missing))


if __name__ == "__main__":
    sys.exit(main())
