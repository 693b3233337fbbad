"""A case as code that people paste: curl, httpx and the official SDK. The key is read from the environment variable API_KEY and stands in no code."""

import json
import shlex
from pprint import pformat

from conformance.cases import Case
from conformance.endpoints.target import WRONG_KEY, url_of
from conformance.exchange import CHAT_COMPLETIONS, Json

CREATE_FIELDS = frozenset({
    "audio", "frequency_penalty", "function_call", "functions", "logit_bias", "logprobs", "max_completion_tokens", "max_tokens", "messages", "metadata",
    "modalities", "model", "n", "parallel_tool_calls", "prediction", "presence_penalty", "reasoning_effort", "response_format", "seed", "service_tier",
    "stop", "store", "stream", "stream_options", "temperature", "tool_choice", "tools", "top_logprobs", "top_p", "user", "web_search_options",
})  # fmt: skip
"""The fields of a request that the SDK's ``create`` has arguments for; all others it takes as ``extra_body``."""

_WIDE = 110
_KEY = "os.environ['API_KEY']"
_WITH_KEY = ("right", "basic")


def curl(case: Case, base_url: str, model: str) -> str:
    """The case as a command for a POSIX shell."""
    body = case.request_for(model)
    scheme = {"right": "Bearer $API_KEY", "basic": "Basic $API_KEY", "wrong": f"Bearer {WRONG_KEY}"}.get(case.auth)
    lines = [
        f"curl -sS {'-N ' if _streams(body) else ''}-X {case.method} {shlex.quote(_url(case, base_url))}",
        *([f'-H "Authorization: {scheme}"'] if scheme else []),
        "-H 'Content-Type: application/json'",
        f"--data-raw {shlex.quote(body)}" if isinstance(body, str) else f"--data-binary @- <<'JSON'\n{_json(body)}\nJSON",
    ]
    return " \\\n  ".join(lines) + "\n"


def httpx_code(case: Case, base_url: str, model: str) -> str:
    """The case as a Python script that needs httpx."""
    body = case.request_for(model)
    scheme = {"right": f"'Bearer ' + {_KEY}", "basic": f"'Basic ' + {_KEY}", "wrong": repr(f"Bearer {WRONG_KEY}")}.get(case.auth)
    headers = ["'Content-Type': 'application/json'", *([f"'Authorization': {scheme}"] if scheme else [])]
    content = _argument("content" if isinstance(body, str) else "json", body)
    arguments = _lines(repr(case.method), repr(_url(case, base_url)), f"headers={{{', '.join(headers)}}}", content, "timeout=600")
    if _streams(body):
        call = f"with httpx.stream(\n{arguments}) as response:\n    for line in response.iter_lines():\n        print(line)\n"
    else:
        call = f"response = httpx.request(\n{arguments})\nprint(response.status_code, response.text)\n"
    return f"{_import_os(case)}import httpx\n\n{call}"


def openai_code(case: Case, base_url: str, model: str) -> str:
    """The case as a Python script that needs the official SDK."""
    body = case.request_for(model)
    key = {"wrong": repr(WRONG_KEY), "none": "'unused'"}.get(case.auth, _KEY)
    url = base_url.rstrip("/") + case.path.removesuffix(CHAT_COMPLETIONS)
    client = f"client = OpenAI(base_url={url!r}, api_key={key}, max_retries=0)"
    call = _create(case, body) if isinstance(body, dict) and case.path.endswith(CHAT_COMPLETIONS) else _post(case, body)
    printed = "for chunk in response:\n    print(chunk)\n" if _streams(body) else "print(response)\n"
    return f"{_import_os(case)}import openai\nfrom openai import OpenAI\n\n{client}\nresponse = {call}\n{printed}"


def _create(case: Case, body: dict[str, Json]) -> str:
    """The call of ``create``, which takes no call without a model or messages unless it is said that they are left out."""
    left_out = [f"{name}=openai.NOT_GIVEN" for name in ("model", "messages") if name not in body]
    named = [_argument(name, value) for name, value in body.items() if name in CREATE_FIELDS]
    others = {name: value for name, value in body.items() if name not in CREATE_FIELDS}
    headers = [f"extra_headers={authorization}"] if (authorization := _authorization(case)) else []
    return f"client.chat.completions.create(\n{_lines(*left_out, *named, *([_argument('extra_body', others)] if others else []), *headers)})"


def _post(case: Case, body: Json) -> str:
    """The call for what ``create`` cannot say."""
    content = _argument("content", body.encode()) if isinstance(body, str) else _argument("body", body)
    headers = [f"options={{'headers': {authorization}}}"] if (authorization := _authorization(case)) else []
    return f"client.post(\n{_lines(repr(CHAT_COMPLETIONS if case.path.endswith(CHAT_COMPLETIONS) else case.path), content, 'cast_to=object', *headers)})"


def _authorization(case: Case) -> str:
    """The headers that change the credential which the SDK sends, "" where it sends the right one by itself."""
    credential = {"none": "openai.Omit()", "basic": f"'Basic ' + {_KEY}"}.get(case.auth)
    return f"{{'Authorization': {credential}}}" if credential else ""


def _import_os(case: Case) -> str:
    return "import os\n\n" if case.auth in _WITH_KEY else ""


def _url(case: Case, base_url: str) -> str:
    return url_of(base_url, case.path)


def _streams(body: Json) -> bool:
    return isinstance(body, dict) and body.get("stream") is True


def _json(body: Json) -> str:
    """JSON on several lines; where it holds what is no character to read, it is ASCII."""
    text = json.dumps(body, indent=2, ensure_ascii=False)
    return text if all(char.isprintable() or char == "\n" for char in text) else json.dumps(body, indent=2)


def _argument(name: str, value: object) -> str:
    """An argument by name; the lines of a long value stand under each other."""
    indent = " " * (len(name) + 1)
    return f"{name}={pformat(value, width=_WIDE - len(indent), sort_dicts=False)}".replace("\n", f"\n{indent}")


def _lines(*arguments: str) -> str:
    """The arguments of a call, each indented and ended by a comma."""
    return "".join(f"    {argument},\n".replace("\n", "\n    ").removesuffix("    ") for argument in arguments)
