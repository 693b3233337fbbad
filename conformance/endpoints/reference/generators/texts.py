"""What is said: sentences that a number chooses, and the words of the prompt that an answer takes
up."""

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
    """A text of so many sentences, no two of them the same."""
    first = dice.number("first", len(_SENTENCES))
    step = 1 + 2 * dice.number("step", 3)
    return " ".join(_SENTENCES[(first + each * step) % len(_SENTENCES)] for each in range(number))


def thought(dice: Dice, most: int) -> str:
    """A thought of so many tokens at most."""
    first = dice.number("first thought", len(_THOUGHTS))
    text = " ".join(_THOUGHTS[first:] + _THOUGHTS[:first])
    return "".join(tokens(text)[:most])


def words_of(text: str) -> Sequence[str]:
    """The names that a text of the request has in the middle of its sentences, or words of our
    own."""
    return list(dict.fromkeys(_NAME.findall(text[:2000]))) or _WORDS


def with_stop(text: str, stops: Sequence[str], dice: Dice) -> str:
    """The text with the first stop string in it, early on, unless one is there already: a model
    that was asked to stop gets there."""
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
