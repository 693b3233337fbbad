"""All targets by name."""

from tests.fuzz import answering, judging, reading, redacting, saved_files, seeds
from tests.fuzz.target import Target

TARGETS = {
    "jsonl": Target(reading.file_named("x.jsonl"), seeds.logs),
    "har": Target(reading.file_named("x.har"), seeds.hars),
    "cassette": Target(reading.file_named("x.yaml"), seeds.cassettes),
    "unnamed": Target(
        reading.file_named("x"), lambda: [*seeds.logs(), *seeds.hars(), *seeds.cassettes()]
    ),
    "compressed": Target(reading.file_named("x.gz"), seeds.compressed),
    "body": Target(reading.file_named("x.json"), lambda: [*seeds.bodies(), *seeds.records()]),
    "event-stream": Target(reading.event_stream_of, seeds.streams),
    "json-text": Target(reading.json_text_of, seeds.json_bodies),
    "fold": Target(judging.fold_exchange, seeds.records),
    "judge": Target(judging.judge, seeds.records),
    "groups": Target(judging.groups, seeds.pairs),
    "lint": Target(judging.lint_log, seeds.logs),
    "run": Target(judging.run_answers, seeds.pairs),
    "redact": Target(redacting.redact_exchange, seeds.records),
    "report": Target(saved_files.report, seeds.reports),
    "settings": Target(saved_files.settings, seeds.tables),
    "cases": Target(saved_files.case_file, seeds.case_files),
    "resume": Target(saved_files.answers_of_before, seeds.cassettes),
    "archive": Target(saved_files.archive, seeds.archives),
    "error": Target(answering.error_answer, seeds.errors),
    "reference": Target(answering.reference_answer, seeds.requests),
}
