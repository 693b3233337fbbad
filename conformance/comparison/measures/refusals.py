# ruff: noqa: RUF001 - letters of other languages
"""Recognise a refusal in plain words.

A text is one if its first sentences say in the first person that something cannot or will not be
done, and do not ask anything: "I cannot find that order. What is its number?" is no refusal. An
apology alone is none either. Only texts are looked at that stand where a tool call or JSON was
asked for, or a tool was offered; and both sides are judged alike, so that a wrong guess does no
harm unless it is much more frequent on one side.

The words are those with which models refuse in the languages that have the most speakers.
"""

import re

_BEGINNING = 300
"""The characters of a text in which a refusal must begin."""

_SENTENCES = 2
_ENDS = re.compile(r"(?<=[.!?。！？؟।])\s*+|\n++")
_ASKS = ("?", "？", "؟")
_OFFERS = re.compile(
    r"\b(?:else|other|instead|alternativ\w{0,8})\b|would you like|want me to|can I help",
    re.IGNORECASE,
)
"""A question that offers something else does not make a refusal a question."""

_ADVERB = r"(?:\w{1,12}ly |currently |just |still )?"
_HELPING = (
    r"(?:help|assist|do|provide|comply|fulfil|access|perform|answer|process|complete|support"
    r"|generate|give|share|discuss|create|write|engage|participate|continue|execute|carry|call|use"
    r"|retrieve|fetch|check|look|make|send|book|offer|browse|respond|produce|fulfill|accommodate"
    r"|directly)"
)
_SAID = re.compile(
    "|".join(
        (
            # English
            rf"\bI(?:['’]m| am) {_ADVERB}(?:unable to|not able to|not allowed to|not permitted to)",
            rf"\bI (?:{_ADVERB})(?:can(?:no|['’])?t|can not|could ?n['’]?t|won['’]t|will not)"
            rf" (?:be able to )?{_ADVERB}{_HELPING}\b",
            r"\bI (?:must|have to|need to|will|respectfully)? ?(?:decline|refuse)\b",
            rf"\bI (?:do not|don['’]t) {_ADVERB}have (?:the (?:ability|capability|capacity|means"
            r"|tools?)|access|(?:any )?(?:real[- ]time|live)|permission)",
            # German, Dutch, the Scandinavian languages
            r"\b(?:[Ii]ch kann|[Kk]ann ich) (?:\w+ ){0,6}?(?:nicht|kein\w*)\b",
            r"\b[Ii]ch (?:bin nicht in der Lage|darf (?:\w+ ){0,6}?nicht|muss ablehnen)",
            r"\b[Ii]k kan (?:\w+ ){0,6}?niet\b",
            r"\b[Jj](?:ag|eg) kan (?:\w+ ){0,6}?(?:inte|ikke)\b",
            # French, Spanish, Portuguese, Italian, Romanian
            r"\b[Jj]e (?:ne peux|ne suis pas (?:en mesure|capable|autoris))",
            r"\b[Jj]e ne (?:peux|puis|pourrai)\b",
            r"\b(?:[Nn]o puedo|[Nn]o me es posible|[Nn]o soy capaz)\b",
            r"\b(?:[Nn]ão posso|[Nn]ão consigo|[Nn]ão sou capaz)\b",
            r"\b(?:[Nn]on posso|[Nn]on sono in grado|[Nn]u pot)\b",
            # Slavic languages, Turkish
            r"\b[Яя] не (?:могу|смогу|в состоянии)\b|\b[Нн]е могу (?:помочь|выполнить)",
            r"\b[Яя] не можу\b|\b[Nn]ie mogę\b|\b[Nn]emohu\b|\b[Nn]e mogu\b",
            r"yardımcı olamam|yapamam|olamıyorum",
            # Chinese, Japanese, Korean
            r"我(?:无法|無法|不能|没有办法|沒有辦法|没办法)|(?:抱歉|对不起|對不起)[^。]{0,12}(?:无法|無法|不能)",
            r"(?:でき|出来|いたしかね|お答えし|お手伝いでき)(?:ません|かねます|ない)",
            r"(?:할 수 없|도와드릴 수 없|드릴 수 없|할 수가 없)",
            # Arabic, Hindi, Indonesian, Vietnamese, Thai
            r"(?:لا أستطيع|لا يمكنني|لا أقدر)",
            r"(?:नहीं कर सकता|नहीं कर सकती|असमर्थ)",
            r"\b(?:[Ss]aya tidak (?:bisa|dapat)|tôi không thể|[Tt]ôi không thể)\b",
            r"ไม่สามารถ",
        )
    )
)


def reads_as_refusal(text: str) -> bool:
    """Return whether a text begins with a refusal in plain words."""
    sentences = [each for each in _ENDS.split(text[:_BEGINNING].strip()) if each.strip()]
    first = sentences[:_SENTENCES]
    if any(_asks(sentence) for sentence in first):
        return False
    return any(_SAID.search(sentence) for sentence in first)


def _asks(sentence: str) -> bool:
    return sentence.rstrip().endswith(_ASKS) and not _OFFERS.search(sentence)
