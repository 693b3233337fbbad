"""What an archive of a live run contains: names of its files, its manifest, its limits."""

import re
from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Any

from conformance.judging.profiles import profile_names
from conformance.runs.archive.archive_error import ArchiveError
from conformance.runs.archive.environment import Environment

FORMAT = 1
"""The version of the archive format; the reader refuses other versions."""

MANIFEST = "manifest.json"
REPORTS = ("report.json", "report.txt")
ANSWERS = "answers/"
"""The folder of the cassettes inside an archive; each is named CASE.yaml."""

MAX_ATTACHMENT = 25 << 20
"""The most bytes that GitHub accepts as an attachment of an issue."""
MAX_ARCHIVE = 64 << 20
"""The most bytes of an archive that is read."""
MAX_FILE = 16 << 20
"""The most bytes of one unpacked file."""
MAX_TOTAL = 256 << 20
"""The most bytes of all unpacked files together."""
MAX_FILES = 5000

_CASE = re.compile(r"[a-z0-9][a-z0-9.-]{0,99}")
_MODEL = re.compile(r"[\w./:@-]{0,200}", re.ASCII)
_DIGEST = re.compile(r"[0-9a-f]{16}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


@dataclass(frozen=True, slots=True)
class Manifest:
    """What was asked, with what, and the digest of each file.

    Attributes:
        profile: The profile that judged the answers.
        model: The model that was requested.
        corpus: The digest of all cases of the suite that asked.
        collected: The date on which the archive was written, YYYY-MM-DD in UTC.
        environment: The versions of the software that asked.
        files: The SHA-256 of each other file of the archive, by name.
    """

    profile: str
    model: str
    corpus: str
    collected: str
    environment: Environment
    files: dict[str, str]

    @property
    def target(self) -> str:
        """The name of the target, and of its folder of cassettes."""
        return target_name(self.profile, self.model)

    def as_json(self) -> dict[str, Any]:
        """Return the content of the file ``manifest.json``."""
        return {"format": FORMAT, **asdict(self)}


def target_name(profile: str, model: str) -> str:
    """Return the name of a target: the profile and the model without its publisher.

    The name can be used as a folder: it has only small letters, digits, dots and dashes, and begins
    with the profile. ``vertex-gemini`` and ``google/gemini-3.5-flash`` give
    ``vertex-gemini-gemini-3.5-flash``.
    """
    words = re.findall(r"[a-z0-9]+(?:\.[a-z0-9]+)*", model.rpartition("/")[2].lower())
    return "-".join([profile, *words])[:100].rstrip("-.")


def answer_file(case: str) -> str:
    """Return the name of the file with the answers to a case."""
    return f"{ANSWERS}{case}.yaml"


def case_of(name: str) -> str:
    """Return the case whose answers a file has, "" for any other file."""
    stem = name.removeprefix(ANSWERS).removesuffix(".yaml")
    return stem if name == answer_file(stem) and _CASE.fullmatch(stem) else ""


def manifest_of(content: Any) -> Manifest:
    """Return the manifest that a parsed ``manifest.json`` describes.

    Raises:
        ArchiveError: a member is missing, unknown or malformed.
    """
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise ArchiveError(f"{MANIFEST}: expected an object with format {FORMAT}")
    members = {key: value for key, value in content.items() if key != "format"}
    if members.keys() != {field.name for field in fields(Manifest)}:
        raise ArchiveError(f"{MANIFEST}: members are missing or unknown")
    if members["profile"] not in profile_names():
        raise ArchiveError(f"{MANIFEST}: unknown profile")
    for member, form in (("model", _MODEL), ("corpus", _DIGEST), ("collected", _DATE)):
        _check(members[member], form, member)
    try:
        date.fromisoformat(members["collected"])
    except ValueError:
        raise ArchiveError(f"{MANIFEST}: collected is not a date") from None
    files = members["files"]
    if not isinstance(files, dict) or len(files) > MAX_FILES:
        raise ArchiveError(f"{MANIFEST}: files must be an object with at most {MAX_FILES} members")
    for name, digest in files.items():
        if name not in REPORTS and not case_of(name):
            raise ArchiveError(f"{MANIFEST}: {name[:60]!r} is not a file of an archive")
        _check(digest, _SHA256, f"files.{name}")
    environment = Environment.from_json(members["environment"])
    return Manifest(**{**members, "environment": environment})


def _check(value: object, form: re.Pattern[str], member: str) -> None:
    if not isinstance(value, str) or not form.fullmatch(value):
        raise ArchiveError(f"{MANIFEST}: {member} is malformed")
