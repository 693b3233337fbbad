"""Make the base URL of a Google endpoint from a profile's URL template and a place."""

import re
from dataclasses import dataclass
from string import Formatter

from conformance.endpoints.client.live_target import TargetError
from conformance.judging.profiles import Profile

MULTI_REGIONS = ("us", "eu")
"""The locations that stand for several regions; their hosts have a form of their own."""

_GLOBAL = "/locations/global/"
"""The part of a template for the location ``global``, whose host has no region."""

_MULTI_REGION = ".rep.googleapis.com/"
"""The part of a template for the locations of ``MULTI_REGIONS``."""

_DEDICATED_HOST = "{project_number}"
"""The part of a template for an endpoint with a dedicated host."""

_FORMS = {
    "project": (
        "the id of a project, such as my-project-1",
        r"([a-z0-9.-]+:)?[a-z][a-z0-9-]{4,28}[a-z0-9]|[0-9]+",
    ),
    "location": (
        "global, us, eu, or a region such as us-central1",
        r"[a-z]+-[a-z]+[0-9]{1,2}|global|us|eu",
    ),
    "endpoint": ("the id of an endpoint, such as 1234567890", r"[a-z0-9][a-z0-9-]{0,62}"),
    "project_number": ("the number of the project, such as 123456789", r"[0-9]+"),
    "version": ("v1 or v1beta1", r"v1(beta1)?"),
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where on Google Cloud a target is; "" for a part that is not given.

    ``location`` is ``global``, ``us``, ``eu`` or a region. ``endpoint`` is the endpoint of a model
    that the user deployed; ``project_number`` is given if that endpoint has a dedicated host.
    """

    project: str = ""
    location: str = ""
    endpoint: str = ""
    project_number: str = ""
    version: str = "v1"


def base_url(profile: Profile, place: Place) -> str:
    """Return the base URL that a profile has for a place.

    Raises:
        TargetError: A part of the place is missing or malformed, or the profile does not use it.
    """
    template = _template(profile, place)
    fields = {name for _, name, _, _ in Formatter().parse(template) if name}
    if unsupported := sorted(fields - _FORMS.keys()):
        raise TargetError(
            f"--base-url is missing: profile {profile.name} needs the whole URL, as no option gives"
            f" its {', '.join(unsupported)}"
        )
    for name in ("project", "endpoint"):
        if name not in fields and getattr(place, name):
            raise TargetError(
                f"{_option(name)}: profile {profile.name} does not use it; leave it out"
            )
    return template.format_map({name: _checked(name, place, profile) for name in fields})


def _template(profile: Profile, place: Place) -> str:
    """Return the template for the location and host of a place. Raises TargetError without one."""
    fitting = [
        template
        for template in profile.url_templates
        if (_DEDICATED_HOST in template) == bool(place.project_number)
    ]
    if not fitting and place.project_number:
        raise TargetError(
            f"{_option('project_number')}: profile {profile.name} does not use it; leave it out"
        )
    if not fitting:
        raise TargetError(f"--base-url is missing: profile {profile.name} has no default URL")
    chosen = next(
        (url for url in fitting if _serves(url) == _kind_of_location(place.location)), None
    )
    if chosen is None:
        raise TargetError(
            f"{_option('location')}: profile {profile.name} has no URL for {place.location!r}"
        )
    return chosen


def host_of(location: str) -> str:
    """Return the host name of Vertex AI that serves a location."""
    if location == "global":
        return "aiplatform.googleapis.com"
    if location in MULTI_REGIONS:
        return f"aiplatform.{location}.rep.googleapis.com"
    return f"{location}-aiplatform.googleapis.com"


def _serves(template: str) -> str:
    """Return the kind of location that a template is for: global, multi-region or region."""
    return (
        "global"
        if _GLOBAL in template
        else "multi-region"
        if _MULTI_REGION in template
        else "region"
    )


def _kind_of_location(location: str) -> str:
    """Return the kind of a location: global, multi-region or region."""
    return (
        "global"
        if location == "global"
        else "multi-region"
        if location in MULTI_REGIONS
        else "region"
    )


def _checked(name: str, place: Place, profile: Profile) -> str:
    """Return a part of a place. Raises TargetError if it is missing or malformed."""
    value = str(getattr(place, name))
    expected, form = _FORMS[name]
    if not value:
        raise TargetError(
            f"{_option(name)} is missing: profile {profile.name} needs it ({expected})"
        )
    if not re.fullmatch(form, value):
        raise TargetError(f"{_option(name)} must be {expected}, not {value!r}")
    return value


def _option(name: str) -> str:
    """Return the command-line option of a part of a place."""
    return "--api-version" if name == "version" else f"--{name.replace('_', '-')}"
