"""Base URLs of Google's endpoints: a template of a profile with a project, a location and an
endpoint put in."""

import re
from dataclasses import dataclass
from string import Formatter

from conformance.endpoints.client.live_target import TargetError
from conformance.judging.profiles import Profile

_GLOBAL = "/locations/global/"
"""What a template has that is for the location ``global``, which has a host without a region."""

_OWN_HOST = "{project_number}"
"""What a template has that is for an endpoint with a host of its own."""

_FORMS = {
    "project": (
        "the id of a project, such as my-project-1",
        r"([a-z0-9.-]+:)?[a-z][a-z0-9-]{4,28}[a-z0-9]|[0-9]+",
    ),
    "location": ("a region such as us-central1, or global", r"[a-z]+-[a-z]+[0-9]{1,2}|global"),
    "endpoint": ("the id of an endpoint, such as 1234567890", r"[a-z0-9][a-z0-9-]{0,62}"),
    "project_number": ("the number of the project, such as 123456789", r"[0-9]+"),
    "version": ("v1 or v1beta1", r"v1(beta1)?"),
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where on Google Cloud a target is, "" for what is not known.

    ``location`` is a region or ``global``. ``endpoint`` is where a model of one's own is deployed;
    ``project_number`` is given where that endpoint has a host of its own.
    """

    project: str = ""
    location: str = ""
    endpoint: str = ""
    project_number: str = ""
    version: str = "v1"


def base_url(profile: Profile, place: Place) -> str:
    """The base URL of a target of this profile at a place. Raises TargetError for a value that is
    missing, ill-formed or of no use there."""
    template = _template(profile, place)
    fields = {name for _, name, _, _ in Formatter().parse(template) if name}
    if strange := sorted(fields - _FORMS.keys()):
        raise TargetError(
            f"--base-url is missing: profile {profile.name} needs the whole URL, as no option gives"
            f" its {', '.join(strange)}"
        )
    for name in ("project", "endpoint"):
        if name not in fields and getattr(place, name):
            raise TargetError(f"{_option(name)}: profile {profile.name} takes none; leave it out")
    return template.format_map({name: _checked(name, place, profile) for name in fields})


def _template(profile: Profile, place: Place) -> str:
    fitting = [
        each for each in profile.url_templates if (_OWN_HOST in each) == bool(place.project_number)
    ]
    if not fitting and place.project_number:
        raise TargetError(
            f"{_option('project_number')}: profile {profile.name} takes none; leave it out"
        )
    if not fitting:
        raise TargetError(f"--base-url is missing: profile {profile.name} has no URL of its own")
    chosen = next(
        (each for each in fitting if (_GLOBAL in each) == (place.location == "global")), None
    )
    if chosen is None:
        raise TargetError(
            f"{_option('location')}: profile {profile.name} has no URL for {place.location!r}"
        )
    return chosen


def _checked(name: str, place: Place, profile: Profile) -> str:
    value = str(getattr(place, name))
    wanted, form = _FORMS[name]
    if not value:
        raise TargetError(f"{_option(name)} is missing: profile {profile.name} needs it ({wanted})")
    if not re.fullmatch(form, value):
        raise TargetError(f"{_option(name)} must be {wanted}, not {value!r}")
    return value


def _option(name: str) -> str:
    """How the command line calls a part of a place."""
    return "--api-version" if name == "version" else f"--{name.replace('_', '-')}"
