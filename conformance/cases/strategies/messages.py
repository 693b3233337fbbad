"""Edits of messages: characters, roles and turns."""

from hypothesis import strategies as st

from conformance.cases.features import Body
from conformance.cases.strategies.edits import (
    Edits,
    always,
    append_text,
    last_user_message,
    one_of,
    with_values,
)

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
    place = messages.index(last_user_message(body))
    messages[place:place] = [
        message
        for user, assistant in turns
        for message in (
            {"role": "user", "content": user},
            {"role": "assistant", "content": assistant},
        )
    ]


def _split(body: Body) -> None:
    message = last_user_message(body)
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
    "several-turns": with_values(
        _remember, st.lists(st.sampled_from(_TURNS), min_size=1, max_size=2, unique=True)
    ),
    "emoji": one_of(append_text, " 👋", " 👋🏽 🚀", " 👩\u200d👧"),
    "combining": one_of(append_text, " e\u0301", " Z\u0351\u036babc", " नमस्ते"),
    "rtl": one_of(append_text, " שלום", " مرحبا", " مرحبا, hello!"),
    "nul": one_of(append_text, " \0", " a\0b"),
    "long": with_values(append_text, st.integers(36, 48).map(lambda times: _SENTENCE * times)),
    "text-parts": always(_split),
}
"""Edits that append characters come before those that split the text into parts."""
