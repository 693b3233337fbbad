"""Generate texts: sentences chosen by a number, and words taken from the prompt."""

import re
from collections.abc import Sequence

from conformance.endpoints.reference.generators.dice import Dice
from conformance.endpoints.reference.generators.tokens import tokens

_SENTENCES = (
    "The lighthouse keeper counts the ships before supper.",
    "A kettle sings in the kitchen while the rain goes by.",
    "Two foxes share the warm side of the hill.",
    "The night train stops here only on Thursdays.",
    "Grandmother kept her maps in a biscuit tin.",
    "Café tables stand along the canal until October.",
    "Every clock in the village is four minutes slow.",
    "The orchard smells of apples and wet rope.",
    "東京の朝は静かです。",
    "A red kite 🪁 hangs over the harbour all morning.",
    "Nobody remembers who painted the door blue.",
    "The librarian lends umbrellas as well as books.",
    "Snow lay on the bridge, and the river went on talking.",
    "Señora Ruiz tunes pianos and mends bicycles.",
)
_THOUGHTS = (
    "First I look at what was asked.",
    "A short answer will do.",
    "I weigh two ways to say it.",
    "The tone should stay friendly.",
    "I check the request once more.",
)
_NAME = re.compile(r"(?<![.!?:] )(?<!^)\b[A-Z][\w-]{2,19}")
_WORDS = ("lantern", "harbour", "orchard", "window", "river", "blue door")


def prose(dice: Dice, number: int) -> str:
    """Return a text of ``number`` different sentences."""
    first = dice.number("first", len(_SENTENCES))
    step = 1 + 2 * dice.number("step", 3)
    return " ".join(_SENTENCES[(first + place * step) % len(_SENTENCES)] for place in range(number))


def thought(dice: Dice, most: int) -> str:
    """Return a thought of at most ``most`` tokens; the last of several is the end of a line."""
    first = dice.number("first thought", len(_THOUGHTS))
    text = " ".join(_THOUGHTS[first:] + _THOUGHTS[:first])
    end = "\n" if most > 1 else ""
    return "".join(tokens(text)[: most - len(end)]) + end


def words_of(text: str) -> Sequence[str]:
    """Return the capitalised words inside the sentences of a text, or default words."""
    return list(dict.fromkeys(_NAME.findall(text[:2000]))) or _WORDS


def with_stop(text: str, stops: Sequence[str], dice: Dice) -> str:
    """Return the text with the first stop string inserted near its beginning.

    Returns the text unchanged if it contains a stop string already, or has no suitable place.
    """
    if not stops or any(stop in text for stop in stops):
        return text
    pieces = tokens(text)
    begin = 3 + dice.number("stop", 3)
    for place in range(begin, len(pieces)):
        head = "".join(pieces[:place])
        if not any(
            head.endswith(stop[:length]) for stop in stops for length in range(1, len(stop) + 1)
        ):
            return f"{head}{stops[0]}{''.join(pieces[place:])}"
    return text
