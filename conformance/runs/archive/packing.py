"""Write the answers and reports of a live run into one archive, without secrets."""

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from conformance.protocol.exchange import Exchange
from conformance.runs.archive.anonymous import anonymous
from conformance.runs.archive.archive_error import ArchiveError
from conformance.runs.archive.environment import environment_here
from conformance.runs.archive.layout import MANIFEST, Manifest, answer_file
from conformance.runs.archive.secrets import Secret
from conformance.traffic.cassette_writer import cassette
from conformance.traffic.read import read
from conformance.traffic.redaction.patterns import BY_LOOK, OF_ACCOUNTS, Rule, scrub
from conformance.traffic.redaction.request_secrets import places

_REQUEST_ID: Rule = (
    re.compile(r'("request_?id\\*"\s*:\s*\\*")(?!REDACTED)[^"\\]+', re.IGNORECASE),
    r"\1REDACTED",
)
"""The rule for the id of a request in JSON that a report quotes, also inside a JSON string."""

_EARLIEST = (1980, 1, 1, 0, 0, 0)
"""The time of all files in an archive, so that equal content gives equal archives."""


class Asked(NamedTuple):
    """What a run asked: the profile, the model, the digest of all cases, and the date."""

    profile: str
    model: str
    corpus: str
    date: str


def pack(
    asked: Asked,
    answers: Path,
    cases: Collection[str],
    reports: Mapping[str, bytes],
    secrets: Sequence[Secret],
) -> bytes:
    """Return the archive of a run.

    Args:
        asked: What the run asked.
        answers: The folder with the cassettes of the target.
        cases: The cases whose answers are packed, as far as the folder has them.
        reports: The reports as UTF-8 text, by file name.
        secrets: The secrets of the run.

    Raises:
        ArchiveError: a stored answer cannot be read, there are no answers, or a secret is left.
    """
    rules = [secret.rule for secret in secrets]
    files = {
        answer_file(case): _answers(path, rules)
        for case in sorted(cases)
        if (path := answers / f"{case}.yaml").is_file()
    }
    if not files:
        raise ArchiveError("there are no answers to pack")
    files |= {name: _without_secrets(text, rules) for name, text in sorted(reports.items())}
    manifest = Manifest(
        asked.profile,
        scrub(asked.model, (*rules, *BY_LOOK))[0],
        asked.corpus,
        asked.date,
        environment_here(),
        {name: hashlib.sha256(content).hexdigest() for name, content in files.items()},
    )
    text = json.dumps(manifest.as_json(), indent=1).encode() + b"\n"
    archive = _zipped({MANIFEST: text, **files})
    check(archive, secrets)
    return archive


def check(archive: bytes, secrets: Sequence[Secret]) -> None:
    """Look for secrets in the unpacked files of a finished archive.

    Raises:
        ArchiveError: a file holds a secret of the run, or a text that looks like a secret. The
            message names the file and the kind of secret, and does not repeat it.
    """
    with zipfile.ZipFile(io.BytesIO(archive)) as files:
        for name in files.namelist():
            text = files.read(name).decode("utf-8")
            for secret in secrets:
                if places(name, [secret.rule]):
                    raise ArchiveError(_refusal("the name of a file", f"the {secret.kind}"))
                if places(text, [secret.rule]):
                    raise ArchiveError(_refusal(name, f"the {secret.kind}"))
            for number, line in enumerate(text.splitlines(), 1):
                if scrub(line, BY_LOOK)[1]:
                    what = f"what looks like a secret in line {number}"
                    raise ArchiveError(_refusal(name, what))


def _refusal(place: str, what: str) -> str:
    return f"{place} would hold {what}, so no archive is written"


def _answers(path: Path, rules: Sequence[Rule]) -> bytes:
    """Return the cassette of a case without secrets and without what identifies the account."""
    turns = list(read([path]))
    exchanges = [turn for turn in turns if isinstance(turn, Exchange)]
    if len(exchanges) != len(turns):
        raise ArchiveError(f"{path} cannot be read: delete it and resume the run")
    return cassette(*(anonymous(exchange, rules) for exchange in exchanges)).encode()


def _without_secrets(report: bytes, rules: Sequence[Rule]) -> bytes:
    every = (*rules, *BY_LOOK, *OF_ACCOUNTS, _REQUEST_ID)
    return scrub(report.decode("utf-8"), every)[0].encode()


def _zipped(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, _EARLIEST)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, content)
    return buffer.getvalue()
