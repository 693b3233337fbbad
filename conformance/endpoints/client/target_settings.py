"""Make a target from options, environment variables and ``conformance.toml``, in that order."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from urllib.parse import urlsplit

from conformance._text import did_you_mean
from conformance.endpoints.client.config_file import KEYS, NAME, File, Rank, Setting, is_variable
from conformance.endpoints.client.extra_headers import filled_in, headers_of_options
from conformance.endpoints.client.google_urls import Place, base_url
from conformance.endpoints.client.live_target import (
    ExtraHeaders,
    LiveTarget,
    TargetError,
    url_of,
)
from conformance.endpoints.client.target_from_url import auth_at, target_at
from conformance.judging.profiles import FALLBACK, UnknownProfile, profile, profile_for_url

VARIABLES = {key: f"CONFORMANCE_{key.upper()}" for key in KEYS if key != "api_key_env"}
"""The environment variable of each setting."""
AMBIENT = {"project": "GOOGLE_CLOUD_PROJECT", "location": "GOOGLE_CLOUD_LOCATION"}
"""Variables of Google's own tools, used only if the URL template of the profile needs them."""
API_KEY, ACCESS_TOKEN = "CONFORMANCE_API_KEY", "CONFORMANCE_ACCESS_TOKEN"
"""The default variables of the API key, and of the token for a Google target."""

Settings = Mapping[str, Setting]

_CREDENTIAL_KEYS = ("api_key_env", "auth")
_PLACE_KEYS = ("project", "location", "endpoint", "project_number", "api_version")
_NO_TARGET = (
    "no target: give --base-url URL, or --profile NAME with --project and --location of Google"
    " Cloud"
)


def resolve(
    options: Mapping[str, str | None],
    environ: Mapping[str, str],
    file: File | None = None,
    headers: Iterable[str] = (),
    *,
    model_may_lack: bool = False,
) -> LiveTarget:
    """Return the target that options, environment and file describe.

    The file's ``api_key_env``, ``auth`` and ``headers`` are used only if the URL is that of the
    same table, so that a secret is sent to no host that it is not meant for.

    Args:
        options: The options by setting (see ``KEYS``), and "target" for the name of the target.
        environ: The environment variables.
        file: The settings of ``conformance.toml``, None without a file.
        headers: Header fields to add, each as ``NAME:VALUE``; they replace those of the file.
        model_may_lack: Return a target with the model "" if no model is given.

    Raises:
        TargetError: A setting is missing, malformed or contradictory; one line that says the fix.
    """
    name = options.get("target") or None
    table = _table(file, name)
    settings = _strongest(options, environ, table)
    url = _url(settings, file, name)
    is_own = _is_url_of(table, url)
    withheld = {} if is_own else _credential_of_file(settings)
    settings = {key: value for key, value in settings.items() if key not in withheld}
    if "model" not in settings and not model_may_lack:
        raise TargetError(
            f"no model: give --model ID, or set {VARIABLES['model']}, or set model in {NAME}"
        )
    profile_name = settings["profile"].value if "profile" in settings else None
    try:
        chosen = settings["auth"].value if "auth" in settings else None
        auth = auth_at(
            url.value, profile_name or profile_for_url(url_of(url.value)) or FALLBACK, chosen
        )
        target = target_at(
            url.value,
            settings["model"].value if "model" in settings else "",
            _key_variable(settings, environ, auth),
            profile_name,
            name,
            auth=chosen,
            given=url.where,
        )
    except UnknownProfile as error:
        raise TargetError(f"{settings['profile'].where}: {error}") from None
    own_headers = _headers_of_file(file, name, environ) if is_own else {}
    given = dict(headers_of_options(headers).items)
    target = replace(target, headers=ExtraHeaders(tuple((own_headers | given).items())))
    named = withheld.get("api_key_env")
    if named is None or target.keyed:
        return target
    return replace(
        target,
        withheld_key=f"add --api-key-env {named.value} to send the key that {named.where} names"
        " only for the URL of its own table",
    )


def missing_key(target: LiveTarget) -> str:
    """Return a message if a target needs a key and has none, else "".

    A target is known to need a key if its URL belongs to a profile, or if the user chose to send
    the key in the header ``x-goog-api-key``.
    """
    needs = target.auth == "x-goog-api-key" or profile_for_url(url_of(target.base_url)) is not None
    if target.keyed or not needs:
        return ""
    fix = target.withheld_key or (
        f"name the environment variable that holds it with --api-key-env VAR, or set {API_KEY}"
    )
    return f"no API key for {target.name}: {fix}"


def option(key: str) -> str:
    """Return the command-line option of a setting."""
    return f"--{key.replace('_', '-')}"


def _strongest(
    options: Mapping[str, str | None], environ: Mapping[str, str], table: Settings
) -> dict[str, Setting]:
    """Return the value with the strongest rank for each key that has one."""
    return {
        key: first
        for key in KEYS
        if (first := next(_candidates(key, options, environ, table), None))
    }


def _candidates(
    key: str, options: Mapping[str, str | None], environ: Mapping[str, str], table: Settings
) -> Iterator[Setting]:
    """Yield the values of a key, the strongest first; empty values do not count."""
    if value := options.get(key):
        yield Setting(value, option(key), Rank.OPTION)
    for names, rank in ((VARIABLES, Rank.ENVIRONMENT), (AMBIENT, Rank.AMBIENT)):
        if value := environ.get(names.get(key, ""), "").strip():
            yield Setting(value, names[key], rank)
    if key in table:
        yield table[key]


def _table(file: File | None, name: str | None) -> Settings:
    """Return the settings of a target in the file.

    A name without a table falls back to ``[live]`` only if the file names no targets at all.
    """
    if file is None:
        return {}
    if name is None or not file.targets:
        return file.live
    return file.targets.get(name, {})


def _headers_of_file(
    file: File | None, name: str | None, environ: Mapping[str, str]
) -> dict[str, str]:
    """Return the header fields of a target's table, with the variables in them replaced."""
    if file is None:
        return {}
    table = ("live",) if name is None or not file.targets else ("targets", name)
    return {
        field: filled_in(setting.value, environ, setting.where)
        for field, setting in file.headers.get(table, {}).items()
    }


def _url(settings: Settings, file: File | None, name: str | None) -> Setting:
    """Return the base URL that is given, or the one made from a place; the stronger rank wins.

    ``name`` is that of the target: an unknown one is an error if nothing else says where to send.
    """
    url = settings.get("base_url")
    place = [
        settings[key]
        for key in _PLACE_KEYS
        if key in settings and settings[key].rank != Rank.AMBIENT
    ]
    place_rank = min((setting.rank for setting in place), default=None)
    if url and (place_rank is None or url.rank < place_rank):
        return url
    if url and url.rank == place_rank:
        other = next(setting for setting in place if setting.rank == place_rank)
        raise TargetError(
            f"{url.where} and {other.where}: give only one of them, a base URL or a place on Google"
            " Cloud"
        )
    if "profile" not in settings:
        others = (
            f"; {file.path} has the targets {', '.join(file.targets)}"
            if file and file.targets
            else ""
        )
        if place:
            raise TargetError(f"{place[0].where} needs --profile, such as vertex-gemini")
        if name and others:
            near = did_you_mean(name, file.targets if file else ())
            raise TargetError(
                f"unknown target {name!r}{near}{others}: choose one of them, or give --base-url URL"
            )
        raise TargetError(f"{_NO_TARGET}, or write them into {NAME}{others}")
    return _url_of_place(settings)


def _url_of_place(settings: Settings) -> Setting:
    """Return the base URL that the profile has for the project, location and endpoint.

    Its rank is that of the profile, which decides whose hosts they are.
    """
    name = settings["profile"].value
    try:
        chosen = profile(name)
    except UnknownProfile as error:
        raise TargetError(f"{settings['profile'].where}: {error}") from None
    templates = " ".join(chosen.url_templates)
    used = {
        key: settings[key]
        for key in _PLACE_KEYS
        if key in settings and (settings[key].rank != Rank.AMBIENT or f"{{{key}}}" in templates)
    }
    values = {
        "version" if key == "api_version" else key: setting.value for key, setting in used.items()
    }
    try:
        url = base_url(chosen, Place(**values))
        return Setting(url, f"the URL of {name}", settings["profile"].rank)
    except TargetError as error:
        elsewhere = ", ".join(
            setting.where for setting in used.values() if setting.rank != Rank.OPTION
        )
        raise TargetError(f"{error}{f' (given by {elsewhere})' if elsewhere else ''}") from None


def _is_url_of(table: Settings, url: Setting) -> bool:
    """Return whether a URL is on the host that a table of the file describes.

    The table describes one with its ``base_url``, otherwise with its profile, whatever the place.
    """
    own = table.get("base_url")
    return url.rank == Rank.FILE if own is None else _origin(url.value) == _origin(own.value)


def _origin(url: str) -> tuple[str, str | None, int | None] | str:
    """Return scheme, host and port of a URL; of a malformed one, which equals no other, all."""
    try:
        parts = urlsplit(url)
        default = {"http": 80, "https": 443}.get(parts.scheme)
        return parts.scheme, parts.hostname, parts.port or default
    except ValueError:
        return url


def _credential_of_file(settings: Settings) -> dict[str, Setting]:
    """Return the settings of the credential that come from the file."""
    return {
        key: settings[key]
        for key in _CREDENTIAL_KEYS
        if key in settings and settings[key].rank == Rank.FILE
    }


def _key_variable(settings: Settings, environ: Mapping[str, str], auth: str) -> str:
    """Return the variable that holds the key or token, "" for none."""
    default = ACCESS_TOKEN if auth == "google" else API_KEY
    named = settings.get("api_key_env")
    if named is None or (named.rank != Rank.OPTION and environ.get(default)):
        return default if environ.get(default) else ""
    if not is_variable(named.value):
        raise TargetError(
            f"{named.where}: write the name of an environment variable, not the key itself"
        )
    return named.value
