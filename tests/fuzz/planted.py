"""A process of its own that fuzzes a target with a planted fault.

Its arguments are the name of the fault and a folder for the crashes. It writes one JSON object with
the number of inputs, and the kind of each failure by path.
"""

import json
import os
import sys
import time
from pathlib import Path

from tests.fuzz.limits import Limits
from tests.fuzz.session import fuzz
from tests.fuzz.target import Target
from tests.fuzz.targets import TARGETS


def _raises() -> None:
    raise LookupError("no brace")


def _loops() -> None:
    while True:
        pass


def _fills_the_memory() -> None:
    bytearray(1 << 30)


def _dies() -> None:
    os._exit(3)


def _sleeps() -> None:
    time.sleep(60)


FAULTS = {
    "raises": _raises,
    "loops": _loops,
    "fills the memory": _fills_the_memory,
    "dies": _dies,
    "sleeps": _sleeps,
}


def main(name: str, folder: Path) -> None:
    """Fuzz a target with a fault that any input without a brace triggers."""

    def check(data: bytes) -> None:
        if b"{" not in data:
            FAULTS[name]()

    TARGETS["planted"] = Target(check, lambda: [b'{"a": 1}'])
    limits = Limits(0.2, 0.5 if name == "sleeps" else 60, 0.3)
    outcome = fuzz("planted", 1, 1, folder, limits, guided=False)
    failures = {str(path): kind for path, kind in outcome.failures.items()}
    print(json.dumps({"inputs": outcome.inputs, "failures": failures}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
