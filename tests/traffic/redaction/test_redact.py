"""Redaction removes every secret, wherever it is, and nothing else."""

import base64
import html
import json
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.judging.judge import judge_for
from conformance.judging.profiles import profile
from conformance.judging.suite import shipped_suite
from conformance.protocol.exchange import Exchange, Headers, Json, Request, Response
from conformance.traffic.cassette_writer import write
from conformance.traffic.redaction.excerpt import shown
from conformance.traffic.redaction.patterns import scrub
from conformance.traffic.redaction.redact import DEEPEST, redact, rules_for
from conformance.traffic.redaction.request_secrets import wherever

KEY = 'k9/Zq+"\\7=vault?'
"""A credential with no typical form, whose characters JSON, URLs and base64 encode differently."""
PROJECT = "my-own-project"
URL = f"https://us-central1-aiplatform.googleapis.com/v1/projects/{PROJECT}/locations/us-central1/endpoints/openapi/chat/completions"


def exchange(
    *,
    url: str = URL,
    sent: Headers = (),
    asked: Json = None,
    status: int = 200,
    headers: Headers = (),
    body: bytes = b"{}",
    reads: tuple[int, ...] = (),
) -> Exchange:
    request = Request("POST", url, (("authorization", f"Bearer {KEY}"), *sent), asked)
    return Exchange(
        "x",
        request,
        Response(
            status,
            headers,
            body,
            tuple((float(at), size) for at, size in enumerate(reads)),
            fidelity="bytes",
        ),
    )


def written(each: Exchange, folder: Path) -> str:
    path = folder / "x.yaml"
    write(path, each)
    return path.read_text(encoding="utf-8")


def answered(body: str, sent: Headers = ()) -> str:
    return (redact(exchange(sent=sent, body=body.encode())).response.body or b"").decode()


FORMS = {
    "as it is": KEY,
    "JSON": json.dumps(KEY)[1:-1],
    "percent": quote(KEY, safe=""),
    "percent, lower case": quote(KEY, safe="").lower(),
    "percent, all": "".join(f"%{byte:02x}" for byte in KEY.encode()),
    "base64": base64.b64encode(KEY.encode()).decode(),
    "base64, bare": base64.b64encode(KEY.encode()).decode().rstrip("="),
    "base64 after one byte": base64.b64encode(b":" + KEY.encode()).decode(),
    "base64 in the middle": base64.b64encode(f"user:{KEY}:more".encode()).decode(),
    "base64 for URLs": base64.urlsafe_b64encode(b"ab" + KEY.encode()).decode(),
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
@pytest.mark.parametrize(
    "place",
    [
        lambda secret: exchange(url=f"{URL}?q={secret}"),
        lambda secret: exchange(sent=(("x-forwarded-for", secret),)),
        lambda secret: exchange(
            asked={"messages": [{"role": "user", "content": f"say {secret} twice"}]}
        ),
        lambda secret: exchange(asked=f"not JSON {secret}"),
        lambda secret: exchange(
            status=302, headers=(("location", f"https://host/?a=1&next={secret}"),)
        ),
        lambda secret: exchange(
            status=401, body=f'{{"error": {{"message": "wrong key {secret}."}}}}'.encode()
        ),
        lambda secret: exchange(body=b"\xff\xfe" + secret.encode()),
    ],
    ids=[
        "URL",
        "request header",
        "request body",
        "request text",
        "redirect",
        "error text",
        "binary body",
    ],
)
def test_the_credential_is_gone_from_the_file(tmp_path: Path, place: object, form: str) -> None:
    each = place(form)  # type: ignore[operator]
    text = written(each, tmp_path)
    middle = form[4:-4]  # at its ends base64 shares a character with its neighbours
    assert middle not in text
    assert middle.encode() not in (redact(each).response.body or b"")
    assert "REDACTED-CREDENTIAL" in text


ESCAPED_KEY = "abcdef/ghijkl+mnop=="
SPELLINGS = {
    "PHP": (("/", r"\/"),),
    "PHP, twice": (("/", r"\\\/"),),
    ".NET": (("+", r"\u002B"), ("=", r"\u003D")),
    ".NET, twice": (("+", r"\\u002b"), ("=", r"\\u003d")),
    "JavaScript": (("/", r"\x2F"),),
    "HTML": (("/", "&#x2F;"), ("=", "&#61;")),
    "HTML, padded": (("/", "&#047;"), ("+", "&#x02b;")),
    "HTML, named": (("/", "&sol;"), ("+", "&plus;"), ("=", "&equals;")),
    "HTML, twice": (("/", "&amp;#x2F;"),),
    "HTML by .NET": (("/", r"\u0026#47;"),),
    "percent": (("/", "%2f"), ("+", "%2B"), ("=", "%3D")),
    "percent, twice": (("/", "%252F"), ("+", "%252b"), ("=", "%253D")),
    "percent, thrice": (("/", "%25252F"),),
    "mixed": (("/", "%2F"), ("+", r"\u002B")),
}
"""By who writes it so: what the characters of a key become."""


def spelled(changes: tuple[tuple[str, str], ...]) -> str:
    text = ESCAPED_KEY
    for char, escaped in changes:
        text = text.replace(char, escaped)
    return text


WRITTEN = {name: spelled(changes) for name, changes in SPELLINGS.items()} | {
    "hexadecimal": ESCAPED_KEY.encode().hex(),
    "base64 by PHP": (
        base64.b64encode(b"\xff\xff:" + ESCAPED_KEY.encode() + b"\xff\xff")
        .decode()
        .replace("/", r"\/")
    ),
}


def refused(said: str, key: str = ESCAPED_KEY) -> Exchange:
    request = Request(
        "POST", URL, (("authorization", f"Bearer {key}"),), {"model": "m", "messages": []}
    )
    return Exchange(
        "x",
        request,
        Response(
            401,
            (("content-type", "application/json"),),
            f'{{"error": {{"message": "no: {said}"}}}}'.encode(),
            fidelity="bytes",
        ),
    )


@pytest.mark.parametrize("said", WRITTEN.values(), ids=WRITTEN.keys())
def test_the_credential_is_gone_however_the_server_escapes_it(tmp_path: Path, said: str) -> None:
    each = refused(said)
    assert said[6:-6] not in written(each, tmp_path)
    assert b"REDACTED-CREDENTIAL" in (redact(each).response.body or b"")
    assert said[6:-6] not in str(shown(f"it said {said}", rules_for(each.request)))
    assert "AUTH-004" in str(
        list(judge_for(profile("openai"), shipped_suite()).findings(redact(each)))
    )


@pytest.mark.parametrize(
    "key", ["/+abcdefghijkl", '\\\\ab\\/cdefgh"ij', "é/ü😀abcdefghi", "a b&c<d>e'fghij"]
)
def test_every_character_of_a_credential_may_be_escaped(key: str) -> None:
    once = json.dumps(key)[1:-1]
    in_html = html.escape(key)
    in_units = "".join(
        f"\\u{int.from_bytes(key.encode('utf-16-be')[at : at + 2]):04X}"
        for at in range(0, len(key.encode("utf-16-be")), 2)
    )
    escapes = (
        "".join(
            in_units[6 * at : 6 * at + 6] if not char.isalnum() else char
            for at, char in enumerate(key)
        )
        if key.isascii()
        else once
    )
    rule = wherever(key, "MARK")
    for form in (
        key,
        once,
        json.dumps(once)[1:-1],
        quote(key),
        quote(quote(key)),
        in_html,
        html.escape(in_html),
        once.replace("/", r"\/"),
        escapes,
    ):
        assert scrub(f": {form} :", [rule])[0] == ": MARK :", form


@pytest.mark.parametrize("key", ["\\" * 20, "%" * 20, "/" * 20, "&" * 20, "a/" * 10, "%25" * 7])
@pytest.mark.parametrize("said", ["\\", "%25", "/", "&amp;", "a", "&#0", r"\/"])
def test_looking_for_a_credential_takes_no_longer_the_more_it_looks_like_the_text(
    key: str, said: str
) -> None:
    """Where the time grew with the square of the length this would take minutes."""
    scrub(said * (200_000 // len(said)), [wherever(key, "MARK")])


LOOKS = {
    "OAuth token": ("ya29.a0AfH6SMBx-secret_part", "a0AfH6SMBx"),
    "Google key": ("AIzaSyD-9tSrke72PouQMnMX-a7eZSW0jkFMBWY", "D-9tSrke72"),
    "OpenAI key": ("sk-proj-AbCdEf0123456789", "AbCdEf012"),
    "Hugging Face token": ("hf_" + "AbCdEf0123456789" * 2, "AbCdEf012"),
    "Groq key": ("gsk_" + "AbCdEf0123456789" * 3, "AbCdEf012"),
    "xAI key": ("xai-" + "AbCdEf0123456789" * 5, "AbCdEf012"),
    "NVIDIA key": ("nvapi-" + "AbCdEf-0123456789_" * 3, "AbCdEf-012"),
    "AWS key": ("AKIA" + "ABCDEF0123456789", "ABCDEF012"),
    "GitHub token": ("ghp_" + "AbCdEf0123456789" * 2, "AbCdEf012"),
    "Slack token": ("xoxb-012345678901-AbCdEf0123456789", "AbCdEf012"),
    "masked OpenAI key": ("sk-Ab***************wxyz", "wxyz"),
    "JSON Web Token": ("eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJhY2NvdW50In0.c2lnbmF0dXJl", "c2lnbmF0"),
    "bearer": ("Bearer 0123456789abcdef", "0123456789abcdef"),
    "service account": ("robot-1@some-project.iam.gserviceaccount.com", "robot"),
    "default account": (
        "123456789012-compute@developer.gserviceaccount.com",
        "123456789012-compute",
    ),
    "organisation": ("org-a1B2c3D4e5F6", "a1B2c3D4"),
    "OpenAI project": ("proj_a1B2c3D4e5F6", "a1B2c3D4"),
    "user in a URL": ("https://alice:hunter22@proxy.example", "hunter22"),
    "signed URL of Google": (
        "https://storage.googleapis.com/b/o?X-Goog-Credential=robot%40p&X-Goog-Signature=0a1b2c3d",
        "0a1b2c3d",
    ),
    "signed URL of AWS": (
        "https://b.s3.amazonaws.com/o?AWSAccessKeyId=AKIA0123456789&Signature=abc%2Fdef%3D",
        "abc%2F",
    ),
    "signed URL of Azure": (
        "https://a.blob.core.windows.net/c/o?sv=2024&sig=Zm9vYmFy%3D",
        "Zm9vYmFy",
    ),
    "signed URL in a URL": (
        "https://host/?next=https%3A%2F%2Fhost%2F%3Fsig%3Dsecretsecret",
        "secretsecret",
    ),
    "key in a URL": ("https://host/v1?alt=sse&key=secret-of-mine", "secret-of-mine"),
    "key in a URL in JSON": ("https://host/v1?alt=sse\\u0026key=secret-of-mine", "secret-of-mine"),
    "another project": ("https://host/v1/projects/their-project/locations/x", "their-project"),
    "another project, quoted": ("the resource 'projects/their-project' is gone", "their-project"),
    "another project, in a path": ("projects/their-project/locations/global", "their-project"),
    "project in a query": (
        "https://console.developers.google.com/apis?project=their-project",
        "their-project",
    ),
    "project number": ("API not enabled in project 123456789012", "123456789012"),
    "project number in JSON": ('"project_number": "123456789012"', "123456789012"),
    "consumer": ('"consumer": "projects/123456789012"', "123456789012"),
    "container": ('"containerInfo": "their-project"', "their-project"),
    "number in a host": (
        "https://e1.us-central1-123456789012.prediction.vertexai.goog/v1",
        "123456789012",
    ),
    "number in a private host": (
        "https://e1-us-central1-123456789012.prediction.p.vertexai.goog/v1",
        "123456789012",
    ),
    "private key": ("-----BEGIN PRIVATE KEY-----\\nMIIEvQ\\n-----END PRIVATE KEY-----", "MIIEvQ"),
    "field": ('"client_secret": "hunter22"', "hunter22"),
    "field in a string": ('{\\"api_key\\": \\"hunter22\\"}', "hunter22"),
}


@pytest.mark.parametrize(("look", "secret"), LOOKS.values(), ids=LOOKS.keys())
def test_what_looks_like_a_secret_is_gone(tmp_path: Path, look: str, secret: str) -> None:
    assert secret in look
    assert secret not in written(
        exchange(
            headers=(("location", look),),
            body=f"say {look}".encode(),
            asked={"messages": [{"content": look}]},
        ),
        tmp_path,
    )


IN_ERRORS = {
    "mail": ("the account alice.b+x@corp.co.uk has no access", "alice"),
    "mail in brackets": ("account <alice@corp.com>.", "alice"),
    "mail in a URL": ("https://host/?user=alice%40corp.com", "alice"),
    "mail by .NET": (r"\u003Calice\u0040corp.com\u003E", "alice"),
    "mail on the next line": (r"denied:\nnora@corp.com", "ora@"),
    "mail after a backslash": (r"CORP\\ulrich@corp.com", "ulrich"),
    "mail of another alphabet": ("alice@m\xfcnchen.de", "alice"),
    "project of JSON": ('"project_id": "their-project"', "their-project"),
    "project of JSON in a string": (r"{\"projectId\": \"theirproject\"}", "theirproject"),
    "project of Python": ("{'quota_project': 'theirproject'}", "theirproject"),
    "project number of JSON in a string": (
        r"{\"project_number\": \"123456789012\"}",
        "123456789012",
    ),
    "project number of JSON in a string, bare": (
        r"{\"project_number\": 123456789012}",
        "123456789012",
    ),
    "project in prose": ("denied in project my-proj-123456.", "my-proj"),
    "project with a digit": ("Project theirs7, ask its owner", "theirs7"),
    "project after a colon": ("project ID: their-project", "their-project"),
    "quoted project": ("no access to project 'x-1'", "x-1"),
    "project of a domain": ("no access to project `corp.com:x-1`", "x-1"),
    "billing account": ("billing account 0X0X0X-1Y1Y1Y-2Z2Z2Z is closed", "0X0X0X"),
    "billing account as a resource": ("billingAccounts/01AB23-45CD67-89EF01", "45CD67"),
    "bare billing account": ("account (01AB23-45CD67-89EF01)", "45CD67"),
    "token": ("invalid token=hunter22hunter", "hunter22"),
    "escaped token": (r"invalid token=hun\/ter22hunter", "ter22"),
    "API key": ("bad api_key=hunter22", "hunter22"),
    "API key of Python": ("{'api_key': 'hunter22'}", "hunter22"),
    "token of Python": ("{'token': 'hunter22'}", "hunter22"),
    "header": ("sent x-api-key: hunter22", "hunter22"),
    "header of Google": ("sent x-goog-api-key: hunter22", "hunter22"),
    "basic": ("sent Authorization: Basic aHVudGVyMjI=", "aHVudGVy"),
    "basic of Python": ("{'authorization': 'Basic aHVudGVyMjI='}", "aHVudGVy"),
}
"""Texts in errors that identify an account or a key; model output may contain such text."""


@pytest.mark.parametrize(("said", "secret"), IN_ERRORS.values(), ids=IN_ERRORS.keys())
def test_what_an_error_or_a_header_tells_of_an_account_is_gone(said: str, secret: str) -> None:
    assert secret in said
    body = f"so: {said}".encode()
    refusal = redact(exchange(status=400, body=body))
    assert secret.encode() not in (refusal.response.body or b"")
    assert redact(refusal) == refusal
    answer = redact(exchange(headers=(("x-said", said),), body=body))
    assert secret not in answer.response.headers[0][1]
    assert redact(answer) == answer
    assert answer.response.body == body, "a model may say so"
    cut = replace(exchange(), meta={"why_cut": said})
    assert secret not in redact(cut).meta["why_cut"]
    assert secret not in scrub(said, rules_for(cut.request))[0]


@pytest.mark.parametrize(
    "said",
    [
        "write to me@example.com, you@mail.example.org or a@b.test. Or to x@host.invalid",
        "https://medium.com/@someone/story, image@2x.png, gemma@default, foo@1.2.3",
        "project settings of the project 'demo', project: 7 of 12, in project gemini-2.5-flash",
        (
            "Invalid token: unexpected end; token=short; max_tokens=12345678; api_key: Field"
            " required; basic authentication"
        ),
        "ABCDEF-STRING-NUMBER 12345-123456-123456 chatcmpl-0A1B2C-3D4E5F",
        (
            "token=REDACTED-CREDENTIAL, api_key='REDACTED', project PROJECT, 'project_id':"
            " 'PROJECT', Authorization: Basic REDACTED"
        ),
    ],
    ids=lambda said: said[:20],
)
def test_an_error_that_tells_of_no_account_stays(said: str) -> None:
    each = exchange(status=400, headers=(("x-said", said),), body=said.encode())
    assert redact(each) == replace(each, request=redact(each).request)


def test_an_error_stays_json_without_its_numbers() -> None:
    body = b'{"error": {"project_number": 123456789012, "message": "line\\nnora@corp.com"}}'
    assert json.loads(redact(exchange(status=400, body=body)).response.body or b"") == {
        "error": {"project_number": 0, "message": "line\nREDACTED"}
    }


ON_A_LINE = {**LOOKS, **IN_ERRORS}


@pytest.mark.parametrize("before", [r"\n", r"\t", r"\u003c", r"\u00AD"])
@pytest.mark.parametrize("name", ON_A_LINE)
def test_a_secret_is_gone_after_an_escape_of_json_too(before: str, name: str) -> None:
    said, secret = ON_A_LINE[name]
    body = (
        redact(exchange(status=400, body=f'{{"error": "so:{before}{said}'.encode())).response.body
        or b""
    )
    assert secret.encode() not in body
    assert f"so:{before}".encode() in body


@pytest.mark.parametrize(
    "name", ["authorization", "proxy-authorization", "api-key", "x-api-key", "x-goog-api-key"]
)
def test_a_credential_header_keeps_its_scheme_only(name: str) -> None:
    each = redact(
        Exchange(
            "x",
            Request(headers=((name, "Digest username=a, response=0123"), (name, "plain-secret"))),
            Response(200, body=b""),
        )
    )
    assert each.request.headers == (
        (name, "Digest REDACTED-CREDENTIAL"),
        (name, "REDACTED-CREDENTIAL"),
    )


def test_the_credential_is_gone_from_the_name_of_a_header_field(tmp_path: Path) -> None:
    key = "skey-zq7-xw9+plk3mn"
    each = Exchange(
        "x",
        Request(headers=(("authorization", f"Bearer {key}"), (f"x-{key}", "1"))),
        Response(401, ((f"x-{key}-id", "a"),), b"{}"),
    )
    assert key not in written(each, tmp_path)
    assert redact(each).response.headers == (("x-redacted-credential-id", "a"),)
    assert redact(redact(each)) == redact(each)


@pytest.mark.parametrize("key", ["server", "content-type", "api-key"])
def test_a_word_given_as_a_key_leaves_the_names_of_header_fields(key: str) -> None:
    each = Exchange(
        "x",
        Request(headers=(("authorization", f"Bearer {key}"),)),
        Response(200, ((key, "a"),), b"{}"),
    )
    assert redact(each).response.headers[0][0] == key


def test_cookies_are_dropped_and_looked_for_elsewhere() -> None:
    each = redact(
        exchange(
            sent=(("cookie", "a=1; session=c00kie-of-mine"),),
            headers=(("set-cookie", "session=another"), ("date", "today")),
            body=b"c00kie-of-mine",
        )
    )
    assert [name for name, _ in each.request.headers] == ["authorization"]
    assert each.response.headers == (("date", "today"),)
    assert each.response.body == b"REDACTED-CREDENTIAL"


@pytest.mark.parametrize("name", ["openai-organization", "openai-project", "x-goog-user-project"])
def test_headers_that_say_who_asks_are_replaced_both_ways(name: str) -> None:
    each = redact(exchange(sent=((name, "acme"),), headers=((name, "acme"),)))
    assert dict(each.request.headers)[name] == "REDACTED"
    assert each.response.headers == ((name, "REDACTED"),)


def test_the_project_of_the_request_is_gone_from_prose_too() -> None:
    assert "my-own-project" not in redact(exchange()).request.url
    assert (
        answered("denied on project my-own-project, ask its owner")
        == "denied on project PROJECT, ask its owner"
    )


def test_a_secret_under_its_name_in_the_request_body_is_gone() -> None:
    assert redact(
        exchange(asked={"tools": [{"api_key": "x", "password": "y", "server": "z"}]})
    ).request.body == {"tools": [{"api_key": "REDACTED", "password": "REDACTED", "server": "z"}]}


def test_a_request_nested_too_deeply_is_redacted_as_a_whole_below_the_limit() -> None:
    body: Json = "k" * 20
    for _ in range(900):
        body = [body]
    made = redact(Exchange("1", Request(body=body), Response(200)))
    depth, value = 0, made.request.body
    while isinstance(value, list):
        depth, (value,) = depth + 1, value
    assert (depth, value) == (DEEPEST, "REDACTED")


def test_the_password_of_a_url_is_gone_from_the_answer_too() -> None:
    each = redact(
        exchange(
            url="https://user:hunter2pass@host/v1/chat/completions",
            body=b"you are hunter2pass, dXNlcjpodW50ZXIycGFzcw==",
        )
    )
    assert b"hunter2pass" not in (each.response.body or b"")
    assert base64.b64encode(b"user:hunter2pass") not in (each.response.body or b"")
    assert "hunter2pass" not in each.request.url


def test_an_answer_that_repeats_the_credential_still_shows() -> None:
    each = redact(exchange(body=f"wrong key {KEY}".encode()))
    token = dict(each.request.headers)["authorization"].removeprefix("Bearer ")
    assert token in (each.response.body or b"").decode()


@pytest.mark.parametrize(
    "text",
    [
        (
            "open-source projects/communities and risk-averse task-management-tools, org-chart, a"
            " disk-full error"
        ),
        (
            "hf_hub_download_to_cache, gsk_1, fw_version, xai-research-and-development, AKIA,"
            " ghp_pages"
        ),
        "the key= of the design, signature dishes, token counts; project 7 of 12",
        "https://medium.com/@someone/story and me@example.com",
        '{"thought_signature": "AVSoXO4AzAXs7GGvOY63fp8C/wJK+yR8H=="}',
        "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAgAAAAIAQAAAADsdIMm",
        "gs://cloud-samples-data/generative-ai/image/scones.jpg",
        '"system_fingerprint":"fp_44709d6fcb","id":"chatcmpl-AbCdEf0123456789"',
        "a-word_without_end" * 20_000,  # no rule may look for its end from each of its letters
    ],
    ids=lambda text: text[:20],
)
def test_what_is_no_secret_stays(text: str) -> None:
    each = exchange(
        body=text.encode(),
        asked={"content": text},
        headers=(("x-request-id", "req_0123456789"), ("server", "llama.cpp")),
    )
    after = redact(each)
    assert after.response == each.response
    assert after.request.body == each.request.body
    assert "redacted" not in after.meta


@pytest.mark.parametrize("key", ["none", "EMPTY", "x", ""])
def test_a_word_given_as_a_key_is_hidden_in_its_header_only(key: str) -> None:
    each = Exchange(
        "x",
        Request(headers=(("authorization", f"Bearer {key}"),)),
        Response(200, body=b'{"x": "none EMPTY"}'),
    )
    assert redact(each).response == each.response
    assert dict(redact(each).request.headers) == {"authorization": "Bearer REDACTED-CREDENTIAL"}


def test_reads_and_length_follow_the_body() -> None:
    body = f"data: one {KEY} two\n\ndata: AIzaSyD-9tSrke72PouQMnMX-a7eZSW0jkFMBWY\n\n".encode()
    first = 10 + len(KEY) // 2  # the first read ends inside the credential
    reads = (first, 1, len(KEY), len(body) - first - 1 - len(KEY))
    after = redact(
        exchange(headers=(("content-length", str(len(body))),), body=body, reads=reads)
    ).response
    assert after.body == b"data: one REDACTED-CREDENTIAL two\n\ndata: REDACTED\n\n"
    assert after.reads == (
        (0.0, 29),
        (2.0, 9),
        (3.0, 13),
    )  # the second read is gone: it held a part of the credential only
    assert after.headers == (("content-length", "51"),)
    assert redact(exchange(body=body)).meta["redacted"] is True


@given(
    st.lists(
        st.sampled_from(
            [KEY, "AIzaSyD-9tSrke72PouQMnMX", "sk-0123456789", "a", "data: ", "\n\n", PROJECT, "é"]
        ),
        max_size=12,
    ),
    st.data(),
)
def test_reads_always_add_up_and_redaction_is_done_once(
    parts: list[str], data: st.DataObject
) -> None:
    body = "".join(parts).encode()
    cuts = sorted(data.draw(st.lists(st.integers(0, len(body)), max_size=5)))
    reads = tuple(end - start for start, end in zip([0, *cuts], [*cuts, len(body)], strict=True))
    once = redact(exchange(body=body, reads=reads, asked={"content": body.decode()}))
    assert sum(size for _, size in once.response.reads) == len(once.response.body or b"")
    assert redact(once) == once


@pytest.mark.parametrize(
    "content",
    [
        "A file begins with -----BEGIN PRIVATE KEY----- and holds base64.",
        "-----BEGIN RSA PRIVATE KEY-----",
    ],
)
def test_a_text_that_only_names_a_key_stays_as_it_is(content: str) -> None:
    body = json.dumps({"choices": [{"message": {"content": content}}]}).encode()
    assert redact(Exchange("x", Request(), Response(200, (), body))).response.body == body


def test_a_key_ends_with_the_string_it_stands_in() -> None:
    begun = {"content": "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\nBKcwggSj"}
    body = b"data: %s\n\ndata: [DONE]\n\n" % json.dumps(begun).encode()
    assert (
        redact(Exchange("x", Request(), Response(200, (), body))).response.body
        == b'data: {"content": "REDACTED"}\n\ndata: [DONE]\n\n'
    )


@pytest.mark.parametrize(
    "body",
    [
        {
            "error": {
                "message": 'bad "project_id": "my-proj-1":',
                "type": "t",
                "secret": 1234567890,
                "api_key": 123456789012,
            }
        },
        {"detail": [{"loc": ["body", "password"], "input": {"password": 1234567890}}]},
    ],
)
def test_an_error_is_json_after_it_was_redacted_and_after_the_second_time(body: Json) -> None:
    once = redact(Exchange("x", Request(), Response(400, (), json.dumps(body).encode())))
    assert json.loads(once.response.body or b"").keys() == body.keys()
    assert redact(once) == once
