"""The values that make up a profile, and the words that its TOML file may use."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from re import Pattern
from typing import Literal, TypeAlias

from conformance.judging.requirements import Level

Auth: TypeAlias = Literal["google", "bearer", "api-key", "x-goog-api-key"]
"""How a request is authorised: Google access token, bearer key, or a key in the header of that
name."""

Kind: TypeAlias = Literal["completion", "stream", "error"]

CAPABILITIES = (
    "stream",
    "include-usage",
    "n",
    "stop",
    "seed",
    "sampling",
    "penalties",
    "logprobs",
    "json-object",
    "json-schema",
    "tools",
    "parallel-tools",
    "tool-choice-required",
    "tool-choice-named",
    "tool-choice-validated",
    "integer-enum",
    "json-with-tools",
    "unsigned-calls",
    "legacy-functions",
    "prefill",
    "image",
    "audio",
    "image-gif",
    "image-output",
    "audio-output",
    "gcs",
    "reasoning-effort",
    "thinking",
    "thinking-level",
    "thought-tag-marker",
    "stream-function-call-arguments",
    "extra-body",
    "extra-content",
    "cached-content",
    "safety-settings",
    "web-search",
    "service-tier",
    "model-optional",
)
"""What a kind of target supports; a case that needs more is not sent to it. ``sampling``
is temperature and top_p, ``penalties`` frequency_penalty and presence_penalty, ``parallel-tools``
several calls in one answer, ``integer-enum`` an enum of numbers in the parameters of a tool,
``json-with-tools`` tools together with json_object or json_schema, ``unsigned-calls`` a call of the
current turn that is sent back without a thought signature, ``prefill`` an assistant message at the
end, ``cached-content`` a cache that was made before, ``gcs`` a gs:// URI in a content part,
``model-optional`` a request without a model."""

REQUEST_WORDS = (
    "stream",
    "include-usage",
    "n",
    "stop",
    "logprobs",
    "json-object",
    "json-schema",
    "tools",
    "tool-results",
    "tool-choice-required",
    "tool-choice-named",
    "image",
    "reasoning-effort",
    "thinking",
    "thinking-off",
    "thought-tag-marker",
    "stream-function-call-arguments",
    "empty-content",
)
"""Features of a request that a condition can name; ``n`` is an n of 2 or more, ``tool-results``
a tool message in the history, ``empty-content`` an assistant message with tool calls and an empty
string as content, ``thinking`` an effort or a thinking_config that leaves thinking on and
``thinking-off`` one that switches it off."""

ANSWER_WORDS = (
    "tool-calls",
    "filtered",
    "cut",
    "empty",
    "silent",
    "refused",
    "thinking",
    "signature",
    "several-chunks",
    "repeated-usage",
    "swapped-indexes",
    "failure",
    "prompt-filter-results",
)
"""Features of an answer that a condition can name.

- filtered: the finish reason names a content filter
- cut: finish reason ``length``
- empty: a choice that the model ended itself without text, call, refusal or audio
- silent: no choice has text besides thoughts, a call, a refusal or audio, whatever its finish
  reason; or Google says that the prompt was blocked
- refused: a choice has a refusal
- thinking: tokens or text of thoughts; for Google also a total_tokens above the sum of the others
- signature: a thought_signature
- several-chunks: a stream with at least two chunks of one choice, or with one if the end of the
  stream was not recorded or is an error
- repeated-usage: a stream with several usage objects, the last of which has all three counts
- swapped-indexes: two streamed calls, one with index 0 in its first fragment and 1 in all others,
  the other the reverse; one such call is enough if the end of the stream was not recorded or is an
  error
- failure: an error inside a stream
- prompt-filter-results: Azure's ``prompt_filter_results`` in the body or in a chunk
"""


@dataclass(frozen=True, slots=True)
class Condition:
    """When a deviation applies: every key that is given must hold.

    ``kind`` and ``status`` are those of the response. ``model`` is searched in the name of the
    requested model, or of the answering model if the request was not recorded; ``server`` in what
    the recording says about the server; ``actual`` in the actual value of the finding, as JSON. The
    request has all features of ``request`` and none of ``unless_request``; the answer has at least
    one feature of ``answer`` and none of ``unless_answer``. ``since`` and ``until`` are days, both
    included. ``also`` is a condition in words that no recording shows: it restricts nothing, but a
    deviation that has it is never stale.
    """

    kind: Kind | None = None
    status: int | None = None
    model: Pattern[str] | None = None
    server: Pattern[str] | None = None
    actual: Pattern[str] | None = None
    request: tuple[str, ...] = ()
    unless_request: tuple[str, ...] = ()
    answer: tuple[str, ...] = ()
    unless_answer: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    also: str = ""


@dataclass(frozen=True, slots=True)
class Deviation:
    """A known violation of a requirement by a kind of target.

    ``frequency`` is ``always`` if the violation occurs whenever the condition holds, so that its
    absence makes the entry stale, or ``sometimes`` if it depends on model, build or chance.
    ``weak`` marks an entry that rests on a single report or on analogy: it is never stale.
    """

    requirement: str
    seen: str
    frequency: Literal["always", "sometimes"]
    condition: Condition
    source: tuple[str, ...]
    weak: bool = False

    @property
    def must_occur(self) -> bool:
        """True if an answer that meets the condition without this violation makes it stale."""
        return self.frequency == "always" and not self.condition.also and not self.weak

    @property
    def described(self) -> str:
        """What was observed, and its sources in brackets, as reports show it."""
        return f"{self.seen} ({', '.join(self.source)})"


@dataclass(frozen=True, slots=True)
class Models:
    """What some models of a profile cannot do.

    ``pattern`` is searched in the model's name. The models lack the capabilities ``lacks``.
    ``thinks`` is true for models that think before they answer: a token limit then counts their
    thoughts, too.
    """

    pattern: Pattern[str]
    lacks: frozenset[str]
    thinks: bool = False


@dataclass(frozen=True, slots=True)
class Profile:
    """What a kind of target must do, and what it is known to break.

    ``levels`` is by requirement id; other requirements do not apply. ``urls`` are
    searched in the URL of a request; ``url_templates`` are base URLs to which ``/chat/completions``
    is added. ``capabilities`` are those of the kind of target, whatever the model; ``models`` says
    what is different for some models. ``digest`` changes with the profile's content or its levels,
    16 hexadecimal digits. ``rate`` is the requests per second that the smallest plan of the service
    allows, and ``daily`` those per day and model, None if it has no such limit.
    """

    name: str
    title: str
    levels: Mapping[str, Level]
    urls: tuple[Pattern[str], ...]
    url_templates: tuple[str, ...]
    auth: Auth
    capabilities: frozenset[str]
    deviations: tuple[Deviation, ...]
    digest: str
    models: tuple[Models, ...] = ()
    rate: float | None = None
    daily: int | None = None

    def capabilities_of(self, model: str) -> frozenset[str]:
        """What a model can do: the capabilities without those that its kind of model lacks."""
        return self.capabilities.difference(
            *(models.lacks for models in self.models if models.pattern.search(model))
        )

    def thinks(self, model: str) -> bool:
        """True if the model is known to think before it answers."""
        return any(models.thinks and models.pattern.search(model) for models in self.models)

    @property
    def demanded(self) -> frozenset[str]:
        """The ids of the requirements that are a must or a should."""
        return frozenset(row for row, level in self.levels.items() if level != "may")
