"""A request as code to paste: curl, httpx and the official openai SDK.

The code never contains the API key. It reads the key from the environment variable that the request
names, by default API_KEY.
"""

import json
import re
import shlex
import string
from collections.abc import Callable, Mapping
from pprint import pformat
from urllib.parse import parse_qsl

from conformance._text import safe_json, without_command
from conformance.endpoints.client.live_target import WRONG_KEY
from conformance.protocol.exchange import CHAT_COMPLETIONS, Json
from conformance.reports.repeatable_request import RepeatableRequest

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
"""The request fields that are arguments of the SDK's ``create``; all others go into ``extra_body``.
"""

_MAX_WIDTH = 110
_PLAIN = frozenset((string.ascii_letters + string.digits + ' {}:,."').encode())
_SHELL_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_WITH_KEY = ("right", "basic")


def curl(request: RepeatableRequest) -> str:
    """Return the request as a curl command for a POSIX shell."""
    body = request.body
    name, scheme = _credential(request)
    key = WRONG_KEY if request.auth == "wrong" else _shell_variable(request)
    before, data = _data(body)
    lines = [
        (
            f"{before}curl -sS {'-N ' if _streams(body) else ''}-X {shlex.quote(request.method)}"
            f" {_curl_url(request.url)}"
        ),
        *([f'-H "{name}: {scheme}{key}"'] if name else []),
        "-H 'Content-Type: application/json'",
        data,
    ]
    return " \\\n  ".join(lines) + "\n"


def _curl_url(url: str) -> str:
    """Return a URL as arguments of curl, which takes it neither for options nor for a pattern."""
    before = "" if url.startswith(("http://", "https://")) else "--url "
    return f"{'-g ' if set(url) & set('[]{}') else ''}{before}{shlex.quote(url)}"


def _data(body: Json) -> tuple[str, str]:
    """Return what the command needs before ``curl``, if anything, and the argument for the body."""
    if not isinstance(body, str):
        return "", f"--data-binary @- <<'JSON'\n{json_text(body)}\nJSON"
    if body.isprintable() and without_command(body) == body:
        return "", f"--data-raw {shlex.quote(body)}"
    return f"printf %b {shlex.quote(_octal(body))} | ", "--data-binary @-"


def _octal(text: str) -> str:
    """Return a text in ASCII for the %b of ``printf``."""
    return "".join(
        chr(byte) if byte in _PLAIN else f"\\0{byte:03o}"
        for byte in text.encode(errors="surrogatepass")
    )


def _shell_variable(request: RepeatableRequest) -> str:
    """Return the value of the key's variable, for use in double quotes."""
    name = request.key_variable
    if _SHELL_NAME.fullmatch(name):
        return f"${name}"
    return f'$(printenv "$(printf %b {shlex.quote(_octal(name))})")'


def httpx_code(request: RepeatableRequest) -> str:
    """Return the request as a Python script that uses httpx."""
    body = request.body
    headers = ["'Content-Type': 'application/json'", *_header(request)]
    content = _argument("content" if isinstance(body, str) else "json", body)
    arguments = _lines(
        repr(request.method),
        repr(request.url),
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
    return without_command(f"{_import_os(request)}import httpx\n\n{call}")


def openai_code(request: RepeatableRequest) -> str:
    """Return the request as a Python script that uses the official openai SDK."""
    body = request.body
    key = "'unused'" if request.auth == "none" else _key(request)
    base, path = request.base_url.rstrip("/"), request.path
    url = base + path.removesuffix(CHAT_COMPLETIONS) if path.endswith(CHAT_COMPLETIONS) else base
    query = f", default_query={dict(parse_qsl(request.query))!r}" if request.query else ""
    client = f"client = OpenAI(base_url={url!r}, api_key={key}, max_retries=0{query})"
    headers = _authorization(request)
    call = (
        _create(body, headers)
        if isinstance(body, dict) and request.path.endswith(CHAT_COMPLETIONS)
        else _post(request, body, headers)
    )
    printed = (
        "for chunk in response:\n    print(chunk)\n" if _streams(body) else "print(response)\n"
    )
    return without_command(
        f"{_import_os(request)}import openai\nfrom openai import OpenAI\n\n{client}\nresponse ="
        f" {call}\n{printed}"
    )


def _create(body: dict[str, Json], headers: str) -> str:
    """Return a call of ``create``; a missing model or messages must be given as NOT_GIVEN."""
    missing = [f"{name}=openai.NOT_GIVEN" for name in ("model", "messages") if name not in body]
    named = [_argument(name, value) for name, value in body.items() if name in CREATE_FIELDS]
    others = {name: value for name, value in body.items() if name not in CREATE_FIELDS}
    more = [
        *([_argument("extra_body", others)] if others else []),
        *([f"extra_headers={headers}"] if headers else []),
    ]
    return f"client.chat.completions.create(\n{_lines(*missing, *named, *more)})"


def _post(request: RepeatableRequest, body: Json, headers: str) -> str:
    """Return a call of ``post``, for requests that ``create`` cannot send."""
    content = (
        _argument("content", body.encode()) if isinstance(body, str) else _argument("body", body)
    )
    options = [f"options={{'headers': {headers}}}"] if headers else []
    path = CHAT_COMPLETIONS if request.path.endswith(CHAT_COMPLETIONS) else request.path
    return f"client.post(\n{_lines(repr(path), content, 'cast_to=object', *options)})"


def _authorization(request: RepeatableRequest) -> str:
    """Return the headers that replace the SDK's own credential, or "" if it sends the right one."""
    scheme = _credential(request)[1]
    if scheme == "Bearer ":
        return ""
    instead = [] if scheme else ["'Authorization': openai.Omit()"]
    return f"{{{', '.join([*instead, *_header(request)])}}}"


def _credential(request: RepeatableRequest) -> tuple[str, str]:
    """Return the name of the header for the key, and the scheme before the key; "" for none."""
    if request.auth == "none":
        return "", ""
    if request.auth == "basic":
        return "Authorization", "Basic "
    if request.key_header:
        return request.key_header, ""
    return "Authorization", "Bearer "


def _header(request: RepeatableRequest) -> list[str]:
    """Return the header as an entry of a dict literal, or an empty list for no header."""
    name, scheme = _credential(request)
    before = f"{scheme!r} + " if scheme else ""
    return [f"{name!r}: {before}{_key(request)}"] if name else []


def _key(request: RepeatableRequest) -> str:
    return repr(WRONG_KEY) if request.auth == "wrong" else f"os.environ[{request.key_variable!r}]"


def _import_os(request: RepeatableRequest) -> str:
    return "import os\n\n" if request.auth in _WITH_KEY else ""


def _streams(body: Json) -> bool:
    return isinstance(body, dict) and body.get("stream") is True


def json_text(body: Json) -> str:
    """Return indented JSON, in ASCII if it contains characters that cannot be printed."""
    text = json.dumps(body, indent=2, ensure_ascii=False)
    if not all(char.isprintable() or char == "\n" for char in text):
        text = json.dumps(body, indent=2)
    return safe_json(text.encode()).decode()


def _argument(name: str, value: object) -> str:
    """Return a keyword argument; the lines of a long value are aligned."""
    indent = " " * (len(name) + 1)
    return f"{name}={pformat(value, width=_MAX_WIDTH - len(indent), sort_dicts=False)}".replace(
        "\n", f"\n{indent}"
    )


def _lines(*arguments: str) -> str:
    """Return the arguments of a call, each on an indented line that ends with a comma."""
    return "".join(
        f"    {argument},\n".replace("\n", "\n    ").removesuffix("    ") for argument in arguments
    )


CODES: Mapping[str, Callable[[RepeatableRequest], str]] = {
    "curl": curl,
    "httpx": httpx_code,
    "openai": openai_code,
}
"""The functions that write code, by the name of the client."""
