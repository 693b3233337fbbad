"""Where to send: what options, the environment and ``conformance.toml`` say, in that order, made
into one target."""

from collections.abc import Iterator, Mapping

from conformance.endpoints.client.config_file import KEYS, NAME, File, Rank, Setting, is_variable
from conformance.endpoints.client.google_urls import Place, base_url
from conformance.endpoints.client.live_target import LiveTarget, TargetError, url_of
from conformance.endpoints.client.target_from_url import auth_at, target_at
from conformance.judging.profiles import FALLBACK, UnknownProfile, profile, profile_for_url

VARIABLES = {key: f"CONFORMANCE_{key.upper()}" for key in KEYS if key != "api_key_env"}
"""The environment variable of each setting."""
AMBIENT = {"project": "GOOGLE_CLOUD_PROJECT", "location": "GOOGLE_CLOUD_LOCATION"}
"""Variables that Google's own tools read, for what a URL has a place for."""
API_KEY, ACCESS_TOKEN = "CONFORMANCE_API_KEY", "CONFORMANCE_ACCESS_TOKEN"
"""The variables that hold a key, and a token for a target of Google's, where none is named."""

Settings = Mapping[str, Setting]

_OF_A_PLACE = ("project", "location", "endpoint", "project_number", "api_version")
_NOWHERE = (
    "nowhere to send: give --base-url URL, or --profile NAME with --project and --location of"
    " Google Cloud"
)


def resolve(
    options: Mapping[str, str | None], environ: Mapping[str, str], file: File | None = None
) -> LiveTarget:
    """The target that is described. ``options`` are by setting, and ``target`` among them names it.
    Raises TargetError, one line that says the mend."""
    name = options.get("target") or None
    found = _found(options, environ, _table(file, name))
    url = _url(found, file)
    if "model" not in found:
        raise TargetError(
            f"no model: give --model ID, or set {VARIABLES['model']}, or write model into {NAME}"
        )
    told = found["profile"].value if "profile" in found else None
    try:
        auth = auth_at(url.value, told or profile_for_url(url_of(url.value)) or FALLBACK)
        return target_at(
            url.value,
            found["model"].value,
            _key_variable(found, environ, auth),
            told,
            name,
            given=url.where,
        )
    except UnknownProfile as error:
        raise TargetError(f"{found['profile'].where}: {error}") from None


def missing_key(target: LiveTarget) -> str:
    """Why a target will refuse every request, "" where nothing tells: it is known by its URL, wants
    a key, and there is none."""
    if target.keyed or profile_for_url(url_of(target.base_url)) is None:
        return ""
    return (
        f"no API key for {target.name}: name the environment variable that holds it, --api-key-env"
        f" VAR, or set {API_KEY}"
    )


def option(key: str) -> str:
    """How a setting is called on the command line."""
    return f"--{key.replace('_', '-')}"


def _found(
    options: Mapping[str, str | None], environ: Mapping[str, str], table: Settings
) -> dict[str, Setting]:
    """The strongest setting of each key."""
    return {
        key: first for key in KEYS if (first := next(_given(key, options, environ, table), None))
    }


def _given(
    key: str, options: Mapping[str, str | None], environ: Mapping[str, str], table: Settings
) -> Iterator[Setting]:
    if value := options.get(key):
        yield Setting(value, option(key), Rank.OPTION)
    for names, rank in ((VARIABLES, Rank.ENVIRONMENT), (AMBIENT, Rank.AMBIENT)):
        if value := environ.get(names.get(key, ""), "").strip():
            yield Setting(value, names[key], rank)
    if key in table:
        yield table[key]


def _table(file: File | None, name: str | None) -> Settings:
    """The table of a target; one that is named and has none is not that of ``[live]`` where others
    have names."""
    if file is None:
        return {}
    if name is None or not file.targets:
        return file.live
    return file.targets.get(name, {})


def _url(found: Settings, file: File | None) -> Setting:
    """The base URL that is given, or that of the place that is given; what is stronger of both."""
    at, place = (
        found.get("base_url"),
        [found[key] for key in _OF_A_PLACE if key in found and found[key].rank != Rank.AMBIENT],
    )
    nearest = min((each.rank for each in place), default=None)
    if at and (nearest is None or at.rank < nearest):
        return at
    if at and at.rank == nearest:
        other = next(each for each in place if each.rank == nearest)
        raise TargetError(
            f"{at.where} and {other.where}: give the one or the other, a whole URL or a place on"
            " Google Cloud"
        )
    if "profile" not in found:
        others = (
            f"; {file.path} has the targets {', '.join(file.targets)}"
            if file and file.targets
            else ""
        )
        raise TargetError(
            f"{place[0].where} needs --profile, such as vertex-gemini"
            if place
            else f"{_NOWHERE}, or write them into {NAME}{others}"
        )
    return _url_of_place(found)


def _url_of_place(found: Settings) -> Setting:
    name = found["profile"].value
    try:
        expected = profile(name)
    except UnknownProfile as error:
        raise TargetError(f"{found['profile'].where}: {error}") from None
    templates = " ".join(expected.url_templates)
    known = {
        key: found[key]
        for key in _OF_A_PLACE
        if key in found and (found[key].rank != Rank.AMBIENT or f"{{{key}}}" in templates)
    }
    values = {"version" if key == "api_version" else key: each.value for key, each in known.items()}
    try:
        return Setting(base_url(expected, Place(**values)), f"the URL of {name}", Rank.OPTION)
    except TargetError as error:
        elsewhere = ", ".join(each.where for each in known.values() if each.rank != Rank.OPTION)
        raise TargetError(f"{error}{f' (given by {elsewhere})' if elsewhere else ''}") from None


def _key_variable(found: Settings, environ: Mapping[str, str], auth: str) -> str:
    """The variable that holds the key or token, "" for none."""
    own = ACCESS_TOKEN if auth == "google" else API_KEY
    named = found.get("api_key_env")
    if named is None or (named.rank != Rank.OPTION and environ.get(own)):
        return own if environ.get(own) else ""
    if not is_variable(named.value):
        raise TargetError(
            f"{named.where}: write the name of an environment variable, not the key itself"
        )
    return named.value
