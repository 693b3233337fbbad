"""The stored side of a comparison: NEW of a saved one, a saved run, or a recording."""

from dataclasses import replace
from pathlib import Path

from conformance.cases.corpus import shipped_corpus
from conformance.runs.compare import saved
from conformance.runs.compare.settings import Settings
from conformance.runs.compare.stored_side import aligned, old_side_of
from conformance.traffic.cassette_writer import write
from tests.runs.compare.made_pairs import case, exchange, sample

SETTINGS = Settings("a at u", "b at v", "1 own question", 3, new_profile="openai")


def test_of_a_saved_comparison_it_is_new(tmp_path: Path) -> None:
    samples = [sample("q", side, number) for side in ("old", "new") for number in (1, 2, 3, 4)]
    saved.write_all(tmp_path, SETTINGS, samples)
    stored = old_side_of(tmp_path)
    assert (stored.words, stored.about, stored.profile) == ("b at v", "1 own question", "openai")
    assert [(s.side, s.number) for s in stored.as_samples(None)] == [
        ("old", 1),
        ("old", 2),
        ("old", 3),  # the fourth was asked again, for a suspicion
    ]
    assert [s.number for s in stored.as_samples(2)] == [1, 2]


def test_of_a_saved_run_it_is_the_answers_to_first_turns(tmp_path: Path) -> None:
    (tmp_path / "report.json").write_text("{}")
    known = shipped_corpus().cases["chat-plain"]
    first = exchange(known.request_for("m"), case="chat-plain")
    folder = tmp_path / "answers" / "t"
    write(folder / "chat-plain.yaml", first)
    write(folder / "other.yaml", exchange(case("other").body, case="other"))
    write(tmp_path / "answers.before" / "t" / "chat-plain.yaml", first)
    stored = old_side_of(tmp_path)
    (only,) = stored.as_samples(None)
    assert (only.case, only.asked, only.number, only.position) == ("chat-plain", known, 1, None)
    assert len(stored.exchanges) == 2


def test_answers_of_old_get_the_place_where_new_was_asked() -> None:
    old, new = sample("q", "old"), replace(sample("q", "new"), position=5)
    lone = sample("r", "old")
    assert [each.position for each in aligned([old, new, lone])] == [5, 5, None]
