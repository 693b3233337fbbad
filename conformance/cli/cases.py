"""The command ``cases``."""

import shutil
import sys
from collections.abc import Sequence

from conformance.cases import Case, CaseError, cases
from conformance.cli.exit import usage_error
from conformance.runs.selection import SelectionError, check_cases


def run(ids: Sequence[str], form: str, base_url: str | None, model: str | None) -> int:
    """List the cases of these ids, or all; the exit code. A row that is none and an id that no case
    has are told in one line."""
    from conformance.reports.case_list import as_json, as_text

    try:
        listed = _chosen(ids)
        if form == "curl":
            sys.stdout.buffer.write(_commands(listed, base_url, model))
            return 0
        if base_url or model:
            raise SelectionError("--base-url, --model: only together with --format curl")
    except (CaseError, SelectionError) as error:
        return usage_error(str(error))
    if form == "json":
        sys.stdout.buffer.write(as_json(listed) + b"\n")
    else:
        sys.stdout.write(
            as_text(listed, shutil.get_terminal_size().columns if sys.stdout.isatty() else None)
        )
    return 0


def _chosen(ids: Sequence[str]) -> Sequence[Case]:
    """The cases of these ids in their order, each once, or all. Raises SelectionError and
    CaseError."""
    there = {case.id: case for case in cases()}
    check_cases(ids, there)
    return [there[name] for name in dict.fromkeys(ids or there)]


def _commands(listed: Sequence[Case], base_url: str | None, model: str | None) -> bytes:
    """A command for each case, one after the other. Raises SelectionError where it is not known
    whom they ask for what."""
    from conformance.endpoints.client.live_target import TargetError
    from conformance.endpoints.client.target_from_url import target_at
    from conformance.reports.request_code import curl

    if not (base_url and model):
        raise SelectionError(
            "--format curl needs --base-url URL and --model ID, which stand in the commands"
        )
    try:
        target = target_at(base_url, model)
    except TargetError as error:
        raise SelectionError(str(error)) from None
    return "\n".join(curl(case, target) for case in listed).encode()
