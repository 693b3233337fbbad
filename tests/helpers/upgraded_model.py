"""The reference endpoint as a model that chooses the right tool, and as its worse successor."""

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from zlib import crc32

from conformance.cases.behaviour import behaviour_cases
from conformance.endpoints.reference import answer
from conformance.protocol.exchange import Exchange, Json, Response

SECONDS, TOKENS, MEMBER = 0.15, 40, "x_upgrade"
"""What the successor adds: a wait before each answer, tokens, and a member of the answer."""

_COUNTS = re.compile(rb'"(completion_tokens|total_tokens)":\s*(\d+)')
_OBJECT = re.compile(rb'"object":\s*"chat\.completion')


@dataclass(frozen=True, slots=True)
class Upgrade:
    """What became worse; ``refuses`` is whether a question gets no tool call any more."""

    refuses: Callable[[str], bool] = lambda _: False
    seconds: float = 0.0
    tokens: int = 0
    member: str = ""
    tools: Mapping[str, str] = field(
        default_factory=lambda: {
            text_of(case.body): str(tool)
            for case in behaviour_cases()
            if case.check and (tool := case.check.members.get("tool"))
        }
    )

    def __call__(self, exchange: Exchange) -> Exchange:
        """Answer a question by calling its right tool, or by a text without any call."""
        body = exchange.request.body
        text = text_of(body)
        if text not in self.tools or exchange.response.status != 200:
            return exchange
        time.sleep(self.seconds)
        right = {"type": "function", "function": {"name": self.tools[text]}}
        choice = "none" if self.refuses(text) else right
        asked = replace(exchange.request, body={**body, "tool_choice": choice})
        answered = answer(asked, "openai")
        return replace(exchange, response=self._changed(answered))

    def _changed(self, response: Response) -> Response:
        body = _COUNTS.sub(self._more_tokens, response.body or b"")
        if self.member:
            body = _OBJECT.sub(
                lambda found: b'"%s": 1, %s' % (self.member.encode(), found[0]), body
            )
        headers = tuple(pair for pair in response.headers if pair[0] != "content-length")
        return replace(response, headers=headers, body=body)

    def _more_tokens(self, found: re.Match[bytes]) -> bytes:
        return b'"%s": %d' % (found[1], int(found[2]) + self.tokens)


def a_third(text: str) -> bool:
    """Whether a text is in a third of all texts, which is always the same third."""
    return crc32(text.encode()) % 3 == 0


def text_of(body: Json) -> str:
    """The last text of the user in a request, "" if there is none."""
    messages = body.get("messages") if isinstance(body, dict) else None
    texts = [
        message.get("content")
        for message in messages or ()
        if isinstance(message, dict) and message.get("role") == "user"
    ]
    return texts[-1] if texts and isinstance(texts[-1], str) else ""
