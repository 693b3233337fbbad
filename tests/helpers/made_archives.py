"""Archives for tests, as ``conformance collect`` writes them, with parts exchanged at will."""

import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from conformance.cases import cases
from conformance.protocol.exchange import Exchange, Request, Response
from conformance.runs.archive.environment import environment_here
from conformance.runs.archive.layout import Manifest
from conformance.traffic.cassette_writer import cassette
from tests.judging.conftest import completion

PROFILE, MODEL = "vertex-gemini", "google/gemini-3.5-flash"
TARGET = "vertex-gemini-gemini-3.5-flash"
URL = (
    "https://aiplatform.googleapis.com/v1/projects/PROJECT/locations/global/endpoints/openapi"
    "/chat/completions"
)
BY_ID = {case.id: case for case in cases()}


def answer(case: str = "chat-plain", **meta: Any) -> Exchange:
    """The recorded answer to a case; a ``meta`` of None is left out."""
    made = completion()
    request = Request("POST", URL, (), BY_ID[case].request_for(MODEL))
    body = made.response.body or b""
    response = Response(
        200, (("content-type", "application/json"),), body, ((3.0, len(body)),), fidelity="bytes"
    )
    facts = {
        "provenance": "recorded",
        "case": case,
        "target": TARGET,
        "profile": PROFILE,
        "recorded": "2026-11-20T10:00:00Z",
        **meta,
    }
    meta = {key: value for key, value in facts.items() if value is not None}
    return replace(made, request=request, response=response, meta=meta)


def answer_text(case: str = "chat-plain", **meta: Any) -> bytes:
    """The file of an archive with the recorded answer to a case."""
    return cassette(answer(case, **meta)).encode()


def manifest(content: Mapping[str, bytes], /, **members: Any) -> bytes:
    """The manifest that describes files by name, with other members; ``...`` leaves one out."""
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in content.items()}
    made = Manifest(PROFILE, MODEL, "0123456789abcdef", "2026-11-21", environment_here(), digests)
    all_members = {**made.as_json(), **members}
    return json.dumps(
        {key: value for key, value in all_members.items() if value is not ...}
    ).encode()


def zipped(entries: Iterable[tuple[str | zipfile.ZipInfo, bytes]]) -> bytes:
    """A zip archive with these entries, in this order."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return buffer.getvalue()


def archive(files: Mapping[str, bytes] | None = None, **members: Any) -> bytes:
    """An archive with these files, or the answer to one case, and a manifest that fits them."""
    named = {"answers/chat-plain.yaml": answer_text()} if files is None else files
    return zipped([("manifest.json", manifest(named, **members)), *named.items()])


def stored(folder: Path, data: bytes) -> Path:
    """The archive as a file in a folder."""
    path = folder / "archive.zip"
    path.write_bytes(data)
    return path
