"""Edits of what is said: characters, roles and turns."""

from hypothesis import strategies as st

from conformance.cases.features import Body
from conformance.cases.strategies.edits import Edits, always, asked, each, one_of, say

_INSTRUCTIONS = ("You answer in one word.", "Be brief.")
_TURNS = (("What is the capital of Italy?", "Rome."), ("Hi", "Hello."))
_SENTENCE = " The quick brown fox jumps over the lazy dog."


def _instruct(role: str, body: Body, text: str) -> None:
    body["messages"].insert(0, {"role": role, "content": text})


def _in_parts(body: Body) -> None:
    message = body["messages"][0]
    message["content"] = [{"type": "text", "text": message["content"]}]


def _remember(body: Body, turns: list[tuple[str, str]]) -> None:
    messages = body["messages"]
    place = messages.index(asked(body))
    messages[place:place] = [
        message
        for user, own in turns
        for message in ({"role": "user", "content": user}, {"role": "assistant", "content": own})
    ]


def _split(body: Body) -> None:
    message = asked(body)
    text = message["content"]
    middle = text.find(" ") if " " in text else len(text) // 2
    message["content"] = [
        {"type": "text", "text": text[:middle]},
        {"type": "text", "text": text[middle:]},
    ]


EDITS: Edits = {
    "system": one_of(lambda body, text: _instruct("system", body, text), *_INSTRUCTIONS),
    "developer": one_of(lambda body, text: _instruct("developer", body, text), *_INSTRUCTIONS),
    "system-parts": always(_in_parts),
    "several-turns": each(
        _remember, st.lists(st.sampled_from(_TURNS), min_size=1, max_size=2, unique=True)
    ),
    "emoji": one_of(say, " 👋", " 👋🏽 🚀", " 👩\u200d👧"),
    "combining": one_of(say, " e\u0301", " Z\u0351\u036babc", " नमस्ते"),
    "rtl": one_of(say, " שלום", " مرحبا", " مرحبا, hello!"),
    "nul": one_of(say, " \0", " a\0b"),
    "long": each(say, st.integers(36, 48).map(lambda times: _SENTENCE * times)),
    "text-parts": always(_split),
}
"""The characters before the parts, as they are said at the end of a text."""
