"""The software that a live run used, without anything about the machine or its user."""

import platform
import re
import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from typing import Any

from conformance import __version__
from conformance.runs.archive.archive_error import ArchiveError

_VERSION = re.compile(r"[\w .()+~:-]{1,80}", re.ASCII)
_PACKAGE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
_MAX_PACKAGES = 100


@dataclass(frozen=True, slots=True)
class Environment:
    """The versions of the software that asked.

    ``system`` is the operating system with its version, ``machine`` the kind of processor,
    ``packages`` the versions of the packages that the suite depends on, by name.
    """

    suite: str
    python: str
    system: str
    machine: str
    packages: dict[str, str]

    @staticmethod
    def from_json(content: Any) -> "Environment":
        """Return the environment in a manifest. Raises ArchiveError if it is malformed."""
        names = ("suite", "python", "system", "machine")
        if not isinstance(content, dict) or content.keys() != {*names, "packages"}:
            raise ArchiveError("the environment has missing or unknown members")
        packages = content["packages"]
        if not isinstance(packages, dict) or len(packages) > _MAX_PACKAGES:
            raise ArchiveError("the packages of the environment are malformed")
        texts = [content[name] for name in names] + list(packages.values())
        if not all(isinstance(text, str) and _VERSION.fullmatch(text) for text in texts):
            raise ArchiveError("a version of the environment is malformed")
        if not all(map(_PACKAGE.fullmatch, packages)):
            raise ArchiveError("the name of a package of the environment is malformed")
        return Environment(**content)


def environment_here() -> Environment:
    """Return the environment of this process.

    Left out are all names of users, machines, folders and kernels.
    """
    python = f"{platform.python_version()} ({sys.implementation.name})"
    return Environment(
        __version__, _plain(python), _plain(_system()), _plain(platform.machine()), _packages()
    )


def _system() -> str:
    name = platform.system()
    if name == "Linux":  # its release is that of the kernel, which may bear a name given by hand
        try:
            release = platform.freedesktop_os_release()
        except OSError:
            return name
        return f"{name} {release.get('ID', '')} {release.get('VERSION_ID', '')}".rstrip()
    return f"{name} {platform.mac_ver()[0] or platform.release()}".rstrip()


def _packages() -> dict[str, str]:
    """Return the versions of the packages that every installation of the suite has."""
    needed = requires("chat-conformance") or []
    names = {
        re.split(r"[^\w.-]", line, maxsplit=1)[0].lower()
        for line in needed
        if "extra ==" not in line
    }
    versions = {}
    for name in sorted({*names, "certifi", "h11", "httpcore", "requests"}):
        try:
            versions[name] = _plain(version(name))
        except PackageNotFoundError:
            continue
    return versions


def _plain(text: str) -> str:
    """Return the text with everything that a manifest cannot have replaced, "unknown" for ""."""
    return re.sub(r"[^\w .()+~:-]", "-", text, flags=re.ASCII)[:80].strip() or "unknown"
