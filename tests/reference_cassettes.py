"""The cassettes of the reference endpoint: ``python -m tests.reference_cassettes`` writes them
anew."""

from collections.abc import Mapping
from dataclasses import replace

from conformance._files import data_folder
from conformance.cases import Case, cases
from conformance.endpoints.reference import TOKEN, answer
from conformance.endpoints.reference.dialects.dialect import dialect_of
from conformance.protocol.exchange import Exchange, Request
from conformance.traffic.cassette_writer import cassette
from conformance.traffic.redaction.redact import redact

FOLDER = data_folder("cassettes") / "reference"
SHOWN = {
    "chat-plain": ("openai", "gpt-4o"),
    "error-stream-string": ("vertex-gemini", "google/gemini-2.5-flash"),
    "error-unknown-model": ("openai", "gpt-4o"),
    "image-gs-string": ("vertex-gemini", "google/gemini-2.5-flash"),
    "json-schema-calendar": ("vertex-gemini", "google/gemini-2.5-flash"),
    "story-no-model-stream": ("vertex-vllm", "gemma-2-9b-it"),
    "stream-usage": ("openai", "gpt-4o"),
    "thinking-config-stream": ("vertex-gemini", "google/gemini-2.5-flash"),
    "thinking-include-thoughts-stream": ("gemini-api", "gemini-3.5-flash"),
    "tools-auto": ("vertex-gemini", "google/gemini-3.5-flash"),
    "tools-parallel-stream": ("openai", "gpt-4o"),
    "tools-stream-arguments-long": ("vertex-gemini", "google/gemini-2.5-flash"),
}
"""The cases, a cassette each, with the profile that the endpoint speaks and the model that is asked
for."""


def texts() -> Mapping[str, str]:
    """The text of each cassette, by the case."""
    by_id = {case.id: case for case in cases()}
    return {
        name: cassette(redact(_asked(by_id[name], profile, model)))
        for name, (profile, model) in SHOWN.items()
    }


def _asked(case: Case, profile: str, model: str) -> Exchange:
    """A case and its answer in process, so without arrival times: one piece, of which nobody could
    say when it came."""
    headers = (("content-type", "application/json"), ("authorization", f"Bearer {TOKEN}"))
    request = Request(
        case.method,
        f"http://127.0.0.1:8000{dialect_of(profile).example}{case.path}",
        headers,
        case.request_for(model),
    )
    answered = answer(request, profile)
    meta = {
        "provenance": "emulated",
        "case": case.id,
        "target": FOLDER.name,
        "profile": profile,
        "server": dict(answered.headers)["server"],
    }
    return Exchange(case.id, request, replace(answered, reads=()), meta)


def main() -> None:
    """Write them all."""
    for name, text in texts().items():
        (FOLDER / f"{name}.yaml").write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
