"""A case as code that people paste: curl, httpx and the official SDK.

The key stands in no code: it is read from the environment variable of the target, API_KEY where it
has none.
"""

import json
import shlex
from collections.abc import Callable, Mapping
from pprint import pformat

from conformance.cases import Case
from conformance.endpoints.client.live_target import WRONG_KEY, LiveTarget, url_of
from conformance.protocol.exchange import CHAT_COMPLETIONS, Json

CREATE_FIELDS = frozenset(
    {
        "audio",
        "frequency_penalty",
        "function_call",
        "functions",
        "logit_bias",
        "logprobs",
        "max_completion_tokens",
        "max_tokens",
        "messages",
        "metadata",
        "modalities",
        "model",
        "n",
        "parallel_tool_calls",
        "prediction",
        "presence_penalty",
        "reasoning_effort",
        "response_format",
        "seed",
        "service_tier",
        "stop",
        "store",
        "stream",
        "stream_options",
        "temperature",
        "tool_choice",
        "tools",
        "top_logprobs",
        "top_p",
        "user",
        "web_search_options",
    }
)
"""The fields of a request that the SDK's ``create`` has arguments for; all others it takes as
``extra_body``."""

_WIDE = 110
_WITH_KEY = ("right", "basic")


def curl(case: Case, target: LiveTarget) -> str:
    """The case as a command for a POSIX shell."""
    body = case.request_for(target.model)
    name, scheme = _credential(case, target)
    key = WRONG_KEY if case.auth == "wrong" else f"${_variable(target)}"
    lines = [
        (
            f"curl -sS {'-N ' if _streams(body) else ''}-X {case.method}"
            f" {shlex.quote(url_of(target.base_url, case.path))}"
        ),
        *([f'-H "{name}: {scheme}{key}"'] if name else []),
        "-H 'Content-Type: application/json'",
        (
            f"--data-raw {shlex.quote(body)}"
            if isinstance(body, str)
            else f"--data-binary @- <<'JSON'\n{_json(body)}\nJSON"
        ),
    ]
    return " \\\n  ".join(lines) + "\n"


def httpx_code(case: Case, target: LiveTarget) -> str:
    """The case as a Python script that needs httpx."""
    body = case.request_for(target.model)
    headers = ["'Content-Type': 'application/json'", *_header(case, target)]
    content = _argument("content" if isinstance(body, str) else "json", body)
    arguments = _lines(
        repr(case.method),
        repr(url_of(target.base_url, case.path)),
        f"headers={{{', '.join(headers)}}}",
        content,
        "timeout=600",
    )
    if _streams(body):
        call = (
            f"with httpx.stream(\n{arguments}) as response:\n    for line in"
            " response.iter_lines():\n        print(line)\n"
        )
    else:
        call = (
            f"response = httpx.request(\n{arguments})\nprint(response.status_code, response.text)\n"
        )
    return f"{_import_os(case)}import httpx\n\n{call}"


def openai_code(case: Case, target: LiveTarget) -> str:
    """The case as a Python script that needs the official SDK."""
    body = case.request_for(target.model)
    key = "'unused'" if case.auth == "none" else _key(case, target)
    url = target.base_url.rstrip("/") + case.path.removesuffix(CHAT_COMPLETIONS)
    client = f"client = OpenAI(base_url={url!r}, api_key={key}, max_retries=0)"
    headers = _authorization(case, target)
    call = (
        _create(body, headers)
        if isinstance(body, dict) and case.path.endswith(CHAT_COMPLETIONS)
        else _post(case, body, headers)
    )
    printed = (
        "for chunk in response:\n    print(chunk)\n" if _streams(body) else "print(response)\n"
    )
    return (
        f"{_import_os(case)}import openai\nfrom openai import OpenAI\n\n{client}\nresponse ="
        f" {call}\n{printed}"
    )


def _create(body: dict[str, Json], headers: str) -> str:
    """The call of ``create``, which takes no call without a model or messages unless it is said
    that they are left out."""
    left_out = [f"{name}=openai.NOT_GIVEN" for name in ("model", "messages") if name not in body]
    named = [_argument(name, value) for name, value in body.items() if name in CREATE_FIELDS]
    others = {name: value for name, value in body.items() if name not in CREATE_FIELDS}
    more = [
        *([_argument("extra_body", others)] if others else []),
        *([f"extra_headers={headers}"] if headers else []),
    ]
    return f"client.chat.completions.create(\n{_lines(*left_out, *named, *more)})"


def _post(case: Case, body: Json, headers: str) -> str:
    """The call for what ``create`` cannot say."""
    content = (
        _argument("content", body.encode()) if isinstance(body, str) else _argument("body", body)
    )
    options = [f"options={{'headers': {headers}}}"] if headers else []
    path = CHAT_COMPLETIONS if case.path.endswith(CHAT_COMPLETIONS) else case.path
    return f"client.post(\n{_lines(repr(path), content, 'cast_to=object', *options)})"


def _authorization(case: Case, target: LiveTarget) -> str:
    """The headers that change the credential which the SDK sends, "" where it sends the right one
    by itself."""
    scheme = _credential(case, target)[1]
    if scheme == "Bearer ":
        return ""
    instead = [] if scheme else ["'Authorization': openai.Omit()"]
    return f"{{{', '.join([*instead, *_header(case, target)])}}}"


def _credential(case: Case, target: LiveTarget) -> tuple[str, str]:
    """The header that a key is sent in, and what stands before it there; "" for no header."""
    if case.auth == "none":
        return "", ""
    if case.auth == "basic":
        return "Authorization", "Basic "
    return ("api-key", "") if target.auth == "api-key" else ("Authorization", "Bearer ")


def _header(case: Case, target: LiveTarget) -> list[str]:
    """The entry of that header in a dict, if there is one."""
    name, scheme = _credential(case, target)
    before = f"{scheme!r} + " if scheme else ""
    return [f"{name!r}: {before}{_key(case, target)}"] if name else []


def _key(case: Case, target: LiveTarget) -> str:
    return repr(WRONG_KEY) if case.auth == "wrong" else f"os.environ[{_variable(target)!r}]"


def _variable(target: LiveTarget) -> str:
    return target.key_variable or "API_KEY"


def _import_os(case: Case) -> str:
    return "import os\n\n" if case.auth in _WITH_KEY else ""


def _streams(body: Json) -> bool:
    return isinstance(body, dict) and body.get("stream") is True


def _json(body: Json) -> str:
    """JSON on several lines; where it holds what is no character to read, it is ASCII."""
    text = json.dumps(body, indent=2, ensure_ascii=False)
    return (
        text
        if all(char.isprintable() or char == "\n" for char in text)
        else json.dumps(body, indent=2)
    )


def _argument(name: str, value: object) -> str:
    """An argument by name; the lines of a long value stand under each other."""
    indent = " " * (len(name) + 1)
    return f"{name}={pformat(value, width=_WIDE - len(indent), sort_dicts=False)}".replace(
        "\n", f"\n{indent}"
    )


def _lines(*arguments: str) -> str:
    """The arguments of a call, each indented and ended by a comma."""
    return "".join(
        f"    {argument},\n".replace("\n", "\n    ").removesuffix("    ") for argument in arguments
    )


CODES: Mapping[str, Callable[[Case, LiveTarget], str]] = {
    "curl": curl,
    "httpx": httpx_code,
    "openai": openai_code,
}
"""The code of a request, by the client that runs it."""
