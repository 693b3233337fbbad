"""Turn an archive of a live run into cassettes of this repository."""

import io
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path

from conformance._files import write_atomic
from conformance._text import many, printable
from conformance.cases import Case
from conformance.cases.corpus import Corpus
from conformance.protocol.chat.error_messages import why_incomplete
from conformance.protocol.exchange import Exchange
from conformance.runs.archive.archive_error import ArchiveError
from conformance.runs.archive.layout import MANIFEST, Manifest, case_of
from conformance.runs.archive.origin import foreign_host, origin_of, write_note
from conformance.runs.archive.unpacking import unpack
from conformance.runs.cassette_check import answers_case, problems
from conformance.traffic.cassette_writer import cassette, keep
from conformance.traffic.formats.cassette import read
from conformance.traffic.redaction.redact import redact

MAX_CASSETTE = 32 << 10
"""The most bytes of a cassette that is shipped with the suite."""

_LONGEST_REASON = 200
"""The most characters of a reason that quotes an answer."""

MAX_DAYS = 365
"""The most days since an answer was recorded."""


@dataclass(frozen=True, slots=True)
class Imported:
    """The result of an import.

    Attributes:
        folder: The folder of the target.
        written: The cases whose cassettes were written.
        left_out: The other cases of the archive, each with the reason.
    """

    folder: Path
    written: tuple[str, ...]
    left_out: Mapping[str, str]


def import_archive(
    archive: Path,
    cassettes: Path,
    corpus: Corpus,
    today: date,
    source: str = "",
    *,
    any_host: bool = False,
) -> Imported:
    """Write the answers of an archive as cassettes, and where they come from into a README.

    Nothing is written unless the whole archive is acceptable. Left out are answers to cases that
    are not in the corpus or send another request now, incomplete answers, and those that are too
    large to be shipped.

    Args:
        archive: The archive.
        cassettes: The folder of all cassettes; the target gets a folder of its own in it.
        corpus: The cases.
        today: The date, from which the age of the answers is counted.
        source: Where the archive comes from, such as the URL of an issue; "" if not known.
        any_host: Accept answers of hosts that are not Google's, although those of the profile are.

    Raises:
        ArchiveError: the archive must not be used; the message says why.
        OSError: the archive cannot be read, or a cassette cannot be written.
    """
    manifest, files = unpack(archive)
    if date.fromisoformat(manifest.collected) > today + timedelta(days=1):
        raise ArchiveError(
            f"{MANIFEST}: collected on {manifest.collected}, in the future; today is {today}"
        )
    usable: dict[str, list[Exchange]] = {}
    left_out: dict[str, str] = {}
    for name, content in sorted(files.items()):
        if case := case_of(name):
            turns = _turns(name, content, case, manifest, any_host=any_host)
            if why := _unusable(turns, corpus.cases.get(case)):
                left_out[case] = why
            else:
                usable[case] = turns
    if not usable:
        raise ArchiveError(
            f"no answer of {many(len(left_out), 'case')} can be used"
            + next((f"; the first: {why}" for why in left_out.values()), "")
        )
    cases = [corpus.cases[case] for case in usable]
    _check(usable, cases, manifest.target, today)
    folder = cassettes / manifest.target
    written = [case.id for case in cases if keep(usable[case.id], case, folder)]
    left_out |= {case: "there is a better answer already" for case in usable if case not in written}
    kept = [turn for case in written for turn in usable[case]]
    if kept:
        digest = sha256(archive.read_bytes()).hexdigest()
        write_note(folder, manifest, len(written), origin_of(kept, digest, source))
    return Imported(folder, tuple(written), left_out)


def _turns(
    name: str, content: bytes, case: str, manifest: Manifest, *, any_host: bool
) -> list[Exchange]:
    """Return the exchanges of an answer file, redacted, under the name of the target.

    Raises:
        ArchiveError: the file is not a cassette of a live answer to this case, or the host is not
            one of the profile.
    """
    if not content.startswith(b"interactions:"):
        raise ArchiveError(f"{name} is not a cassette")
    turns: list[Exchange] = []
    for outcome in read(io.BytesIO(content), name):
        if not isinstance(outcome, Exchange):
            raise ArchiveError(f"{printable(outcome.where)}: {printable(outcome.why)[:200]}")
        expected = {"provenance": "recorded", "case": case, "target": manifest.target}
        for fact, value in expected.items():
            if outcome.meta.get(fact) != value:
                found = printable(str(outcome.meta.get(fact)))[:60]
                raise ArchiveError(f"{name}: {fact} is {found!r}, expected {value!r}")
        if outcome.meta.get("profile", manifest.profile) != manifest.profile:
            raise ArchiveError(f"{name}: it was judged by another profile than {manifest.profile}")
        turn = redact(outcome)
        if not any_host and (host := foreign_host(turn, manifest.profile)):
            raise ArchiveError(
                f"{name}: {printable(host)[:60]} answered, but the profile {manifest.profile} is"
                " for hosts of Google over https; --any-host accepts it"
            )
        turns.append(turn)
    return turns


def _unusable(turns: Sequence[Exchange], case: Case | None) -> str:
    """Return why the answers to a case cannot be cassettes of this repository, "" if they can."""
    if case is None:
        return "there is no such case"
    if not answers_case(turns[0], case) or len(turns) > 1 + len(case.then):
        return "the case sends another request now"
    if why := next(filter(None, map(why_incomplete, turns)), ""):
        return printable(why)[:_LONGEST_REASON]
    if len(cassette(*turns).encode()) > MAX_CASSETTE:
        return f"larger than {MAX_CASSETTE >> 10} KB"
    return ""


def _check(
    answers: Mapping[str, Sequence[Exchange]], cases: Sequence[Case], target: str, today: date
) -> None:
    """Do what ``conformance cassettes check`` does, before the cassettes are written.

    Raises ArchiveError with the first problem.
    """
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / target
        for case in cases:
            write_atomic(folder / f"{case.id}.yaml", cassette(*answers[case.id]).encode())
        found = list(problems(sorted(folder.iterdir()), cases, today, MAX_DAYS))
    if found:
        more = f" ({many(len(found) - 1, 'more problem')})" if len(found) > 1 else ""
        raise ArchiveError(printable(found[0])[:300] + more)
