"""What is compared, and how: the settings that a comparison can be repeated from."""

from dataclasses import dataclass

FEWEST_FOR_CALIBRATION = 4
"""The fewest samples of a question that are split into two halves to count false alarms."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a comparison is repeated from, beside its samples.

    Attributes:
        old: What OLD is, in words, such as "m-1 at http://127.0.0.1:8081/v1"; ``new`` likewise.
        about: On what they are compared, such as "100 questions of the suite".
        samples: The number of samples a side and question; those with a higher number were asked
            again, to confirm a suspicion.
        seed: Decides questions, order and coins.
        old_profile: The profile that judges the answers of OLD, None to find it from each answer;
            ``new_profile`` likewise.
        calibrate: Whether OLD's own samples are split to count false alarms.
        together: Whether both sides were asked in the same minutes.
        ended: Why pairs are missing, and how many, "" if none is.
        notes: What limits the comparison, one sentence each, without a full stop.
    """

    old: str
    new: str
    about: str
    samples: int
    seed: int = 0
    old_profile: str | None = None
    new_profile: str | None = None
    calibrate: bool = False
    together: bool = True
    ended: str = ""
    notes: tuple[str, ...] = ()
