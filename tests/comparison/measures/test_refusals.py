# ruff: noqa: RUF001 - letters of other languages
"""Refusals in plain words are recognised; questions, apologies and answers are not."""

import pytest

from conformance.comparison.measures.refusals import reads_as_refusal


@pytest.mark.parametrize(
    "text",
    [
        "I'm sorry, but I can't help with that.",
        "I’m sorry, but I can’t assist with that request.",
        "I cannot directly access live weather data. Is there anything else?",
        "Sorry. I'm unable to book flights.",
        "As an AI language model, I don't have access to real-time information.",
        "I do not have the ability to send emails.",
        "I must decline.",
        "I won't be able to help you with this.",
        "Es tut mir leid, aber ich kann dir dabei leider nicht helfen.",
        "Leider kann ich diese Anfrage nicht beantworten.",
        "Je suis désolé, mais je ne peux pas vous aider.",
        "Lo siento, no puedo ayudarte con eso.",
        "Desculpe, não posso ajudar com isso.",
        "Mi dispiace, non posso aiutarti.",
        "Извините, я не могу помочь с этим.",
        "抱歉,我无法提供实时天气信息。",
        "申し訳ありませんが、そのご要望にはお答えできません。",
        "죄송합니다. 요청하신 작업은 도와드릴 수 없습니다.",
        "عذرًا، لا أستطيع المساعدة في ذلك.",
        "Maaf, saya tidak dapat membantu.",
    ],
)
def test_a_refusal_is_recognised(text: str) -> None:
    assert reads_as_refusal(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "The weather in Paris is sunny.",
        "Sorry, I can't find that order. What is its number?",
        "I can't tell which Paris you mean. Could you say the country?",
        "I'm sorry to hear that. Your order was sent on Monday.",
        "You can't book a flight for yesterday, so I looked at tomorrow.",
        "The tool cannot be reached, so I used the last known value: 21 degrees.",
        "He said: we can't help. I looked it up all the same.",
        "Entschuldigung, welche Stadt meinst du?",
        "Der Flug kann nicht früher starten.",
        "Perdón, ¿qué ciudad?",
        "失礼しました。東京の天気は晴れです。",
        "抱歉,请问您指的是哪个城市?",
        "It rains. " * 40 + "I can't help with that.",
    ],
)
def test_what_asks_apologises_or_answers_is_no_refusal(text: str) -> None:
    assert not reads_as_refusal(text)


def test_a_long_text_is_read_in_bounded_time() -> None:
    assert not reads_as_refusal("I am really " * 100_000)
    assert not reads_as_refusal("ich kann " + "a " * 100_000)
