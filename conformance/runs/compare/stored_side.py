"""One side of a comparison whose answers are there: a saved comparison, run, or recording."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from conformance.cases import Case
from conformance.cases.case_ref import parse_case
from conformance.cases.corpus import shipped_corpus
from conformance.comparison.sample import Sample
from conformance.protocol.exchange import Exchange
from conformance.runs.compare import saved
from conformance.runs.compare.questions import question_of_body
from conformance.runs.compare.recordings import read_recording

_ANSWERS = "answers"


@dataclass(frozen=True, slots=True)
class OldSide:
    """The stored answers of one side.

    Attributes:
        words: What it is, in words.
        exchanges: The answers.
        samples: The answers as samples of OLD, of a saved comparison.
        cases: The known cases, by id.
        about: On what they were compared, "" if that is not known.
        profile: The profile that judges them, None to find it from each answer.
        notes: What could not be read.
    """

    words: str
    exchanges: tuple[Exchange, ...]
    samples: tuple[Sample, ...]
    cases: Mapping[str, Case]
    about: str = ""
    profile: str | None = None
    notes: tuple[str, ...] = ()

    def as_samples(self, most: int | None) -> tuple[Sample, ...]:
        """Return the samples of OLD whose case can be asked again, at most this many of a case."""
        samples = self.samples or _of_cases(self.exchanges, self.cases)
        return tuple(
            sample for sample in samples if sample.asked and (most is None or sample.number <= most)
        )


def old_side_of(path: Path) -> OldSide:
    """Read a stored side; of a saved comparison it is NEW. Raises SelectionError."""
    if saved.is_comparison(path):
        stored = saved.read(path)
        samples = tuple(
            replace(sample, side="old")
            for sample in stored.samples
            if sample.side == "new" and sample.number <= stored.settings.samples
        )
        return OldSide(
            stored.settings.new,
            tuple(sample.exchange for sample in samples if sample.exchange),
            samples,
            stored.cases,
            stored.settings.about,
            stored.settings.new_profile,
            stored.damaged,
        )
    folder = path / _ANSWERS if (path / "report.json").is_file() else path
    recording = read_recording(folder if folder.exists() else path)
    return OldSide(
        str(path), recording.exchanges, (), shipped_corpus().cases, notes=recording.notes
    )


def aligned(samples: Sequence[Sample]) -> list[Sample]:
    """Return the samples with each of OLD at the place where its counterpart of NEW was asked.

    So "worse" still has to survive leaving out any tenth of the time in which NEW was asked.
    """
    places = {
        (sample.case, sample.number): sample.position for sample in samples if sample.side == "new"
    }
    return [
        sample
        if sample.side == "new"
        else replace(sample, position=places.get((sample.case, sample.number)))
        for sample in samples
    ]


def _of_cases(exchanges: Sequence[Exchange], cases: Mapping[str, Case]) -> list[Sample]:
    """Return the answers to the first turns of known cases, as samples of OLD."""
    numbers: dict[str, int] = defaultdict(int)
    samples = []
    for exchange in exchanges:
        reference = parse_case(str(exchange.meta.get("case", "")))
        case = cases.get(reference.id)
        if case is None or reference.turn > 1 or not _asks(exchange, case):
            continue
        numbers[case.id] += 1
        samples.append(
            Sample(
                question_of_body(case.body),
                case.id,
                "old",
                numbers[case.id],
                None,
                exchange,
                asked=replace(case, then=()),
            )
        )
    return samples


def _asks(exchange: Exchange, case: Case) -> bool:
    """Return whether an exchange is the first turn of its case: it has no more messages."""
    body, sent = case.body, exchange.request.body
    if not (isinstance(body, dict) and isinstance(sent, dict)):
        return bool(body == sent)
    return bool(body.get("messages") == sent.get("messages"))
