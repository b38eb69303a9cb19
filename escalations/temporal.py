"""How this project speaks to Temporal: one plugin for client, worker, replayer and tests.

A malformed start input ends its run at once, with every mistake named; anything else that cannot
be decoded, and any mistake of ours, leaves the run waiting for a worker that can.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, ClassVar, Final

from pydantic import ValidationError
from temporalio import workflow
from temporalio.api.common.v1 import Payload
from temporalio.api.failure.v1 import Failure
from temporalio.client import Client
from temporalio.common import SearchAttributeKey, SearchAttributeUpdate
from temporalio.contrib.pydantic import PydanticPayloadConverter
from temporalio.converter import (
    DataConverter,
    DefaultFailureConverter,
    PayloadCodec,
    PayloadConverter,
)
from temporalio.envconfig import ClientConfig
from temporalio.exceptions import ApplicationError
from temporalio.plugin import SimplePlugin
from temporalio.service import TLSConfig
from temporalio.worker import WorkerConfig

from escalations import errors
from escalations.encryption import Encryption, check_in_plain, read_keys, search_name
from escalations.events import Message
from escalations.in_turn import OnServer
from escalations.mistakes import mistakes
from escalations.names import SEARCH_ATTRIBUTES, SearchAttribute
from escalations.record import Opening
from escalations.retrospective.record import RetrospectiveOpening
from escalations.sandbox import SEARCH_NAME, Reception, sandboxed
from escalations.snapshot import Snapshot
from escalations.unreachable import Shown, settings_mistake, stays_here, why

INVALID_REQUEST: Final = "InvalidRequest"
"""The error type of a run that was started with a malformed input."""

BEING_OPENED: Final = "BeingOpened"
"""The error type of a question or command that comes before the policy is there: ask again."""

BATON: Final = "baton"
"""The tag of a start input that one run hands to the next."""

CONNECT_WITHIN: Final = timedelta(seconds=5)


class RunInputPayloadConverter(PydanticPayloadConverter):
    """Pydantic models as JSON; refuses what a run cannot start with.

    All converters share one set of type adapters, and cases that keep the same snapshot of a policy
    share that.
    """

    run_inputs: ClassVar[frozenset[type]] = frozenset({Opening, RetrospectiveOpening})
    """The types of start inputs that come from outside."""
    _shared: ClassVar = PydanticPayloadConverter().converters

    def __init__(self) -> None:
        # The SDK makes forty converters for one case; what they do is all in these.
        self.converters = self._shared

    def from_payloads(
        self, payloads: Sequence[Payload], type_hints: list[type] | None = None
    ) -> list[Any]:
        """The values behind the payloads.

        Raises:
            ApplicationError: `InvalidRequest`, not retryable: the start input is malformed;
                whoever starts the run mends the fields that the message names.
            PayloadUnreadable: they are encrypted, and there is no key here.
        """
        check_in_plain(payloads)
        hint = type_hints[0] if type_hints else None
        if hint is Snapshot and payloads[0].metadata["encoding"] == b"json/plain":
            return [_snapshot(payloads[0].data)]
        if hint is None or not (hint in self.run_inputs or _is_command(hint)):
            return super().from_payloads(payloads, type_hints)
        try:
            values = super().from_payloads(payloads, type_hints)
        except ValidationError as error:
            if error.errors()[0]["loc"][:1] == (BATON,):
                # Ours, and a case of weeks: it waits for a worker that can read it.
                raise
            raise _invalid(
                "; ".join(map(str, mistakes(error, skip=int(hint in self.run_inputs))))
            ) from None
        except KeyError as error:
            raise _invalid(f"the input: {error.args[0]}; allowed: one JSON object") from None
        if not isinstance(values[0], hint):
            raise _invalid("the input: found nothing or no JSON; allowed: one JSON object")
        return values


class Answers(DefaultFailureConverter):
    """Failures on the wire; what a person is answered is words alone, without a stack trace."""

    words_alone: ClassVar = frozenset({errors.Refused.__name__, INVALID_REQUEST, BEING_OPENED})
    """The error types that somebody can act on without reading our code."""

    def to_failure(
        self, exception: BaseException, payload_converter: PayloadConverter, failure: Failure
    ) -> None:
        """Write the exception down."""
        kind = exception.type if isinstance(exception, ApplicationError) else None
        if (kind or type(exception).__name__) in self.words_alone:
            exception.__traceback__ = None
        super().to_failure(exception, payload_converter, failure)


class EncodedAnswers(Answers):
    """The same; messages and stack traces go through the codec."""

    def __init__(self) -> None:
        super().__init__(encode_common_attributes=True)


def customer_names(connection: Client) -> Callable[[str], str]:
    """What customers are called in search attributes, for a client that encrypts or does not."""
    return partial(search_name, connection.data_converter.payload_codec)


_KEY_OF_TYPE: Final[dict[str, Callable[[str], SearchAttributeKey[Any]]]] = {
    "Keyword": SearchAttributeKey.for_keyword,
    "KeywordList": SearchAttributeKey.for_keyword_list,
    "Int": SearchAttributeKey.for_int,
    "Bool": SearchAttributeKey.for_bool,
    "Datetime": SearchAttributeKey.for_datetime,
}


def search_attribute_key(name: SearchAttribute) -> SearchAttributeKey[Any]:
    """A search attribute with its type."""
    return _KEY_OF_TYPE[SEARCH_ATTRIBUTES[name]](name)


def search_attribute_update(name: SearchAttribute, value: Any) -> SearchAttributeUpdate[Any]:
    """In a workflow: the change that gives a search attribute this value; `None` takes it away."""
    key = search_attribute_key(name)
    if name is SearchAttribute.CUSTOMER:
        value = workflow.extern_functions()[SEARCH_NAME](value)
    return key.value_unset() if value is None else key.value_set(value)


@lru_cache(maxsize=64)
def _snapshot(written: bytes) -> Snapshot:
    return Snapshot.model_validate_json(written)


def _is_command(hint: Any) -> bool:
    """Whether this is what an update takes: a malformed one is refused with its fields named."""
    return isinstance(hint, type) and issubclass(hint, Message)


def _invalid(found: str) -> ApplicationError:
    return ApplicationError(found, type=INVALID_REQUEST, non_retryable=True)


def data_converter(codec: PayloadCodec | None = None) -> DataConverter:
    """Models as JSON; with a codec also failure messages and stack traces go through it."""
    return DataConverter(
        payload_converter_class=RunInputPayloadConverter,
        payload_codec=codec,
        failure_converter_class=(EncodedAnswers if codec else Answers),
    )


class EscaladePlugin(SimplePlugin):
    """What makes client, worker, replayer and tests speak alike."""

    def __init__(self, codec: PayloadCodec | None) -> None:
        super().__init__(
            "escalade",
            data_converter=data_converter(codec),
            workflow_runner=lambda existing: sandboxed(codec),
            interceptors=[Reception(codec)],
        )
        self._codec = codec

    def configure_worker(self, config: WorkerConfig) -> WorkerConfig:
        """As everywhere, and its sandbox can ask the worker's server."""
        config = super().configure_worker(config)
        return config | {"workflow_runner": sandboxed(self._codec, OnServer(config["client"]))}


def encryption(keys_file: Path | None) -> Encryption | None:
    """The codec that encrypts with the keys of a file; `None` where there is none.

    Raises:
        KeysInvalid: the file cannot be used.
    """
    return Encryption(read_keys(keys_file)) if keys_file else None


def plugin(codec: PayloadCodec | None = None) -> SimplePlugin:
    """The plugin, with payloads that go through the codec.

    Given to `Client.connect`, the workers made from that client have it too; a `Replayer` is
    given it as well.
    """
    return EscaladePlugin(codec)


async def connect(
    *,
    address: str | None = None,
    namespace: str | None = None,
    profile: str | None = None,
    codec: PayloadCodec | None = None,
    within: timedelta = CONNECT_WITHIN,
) -> Client:
    """A client for the server that the arguments, else the environment or the profile name.

    Args:
        address: `host:port`; `TEMPORAL_ADDRESS`, the profile's or `localhost:7233` if `None`.
        namespace: `TEMPORAL_NAMESPACE`, the profile's or `default` if `None`.
        profile: a profile of Temporal's configuration file; `TEMPORAL_PROFILE` if `None`.
        codec: the payload codec; payloads are plain if `None`.
        within: how long to try at most.

    Raises:
        Unreachable: nobody answers as a Temporal server there, it does not let us in, or the
            settings cannot be used; the message says who can do what about it.
    """
    try:
        settings = ClientConfig.load_client_connect_config(profile=profile)
    except (RuntimeError, OSError) as error:
        msg = f"Temporal's settings cannot be read: {settings_mistake(error)}. Mend them."
        raise errors.Unreachable(msg) from None
    target = settings["target_host"] = address or settings.get("target_host", "localhost:7233")
    settings["namespace"] = namespace or settings.get("namespace", "default")
    tls = settings.get("tls")
    if settings.get("api_key") and not tls and not stays_here(target):
        msg = f"The API key would go to {target} in the clear. Do not turn TLS off with it."
        raise errors.Unreachable(msg)
    shown = Shown(tls=bool(tls), certificate=isinstance(tls, TLSConfig) and bool(tls.client_cert))
    try:
        async with asyncio.timeout(within.total_seconds()):
            return await Client.connect(**settings, plugins=[plugin(codec)], connect_timeout=within)
    except TimeoutError as error:
        msg = f"Temporal cannot be reached at {target} {why('no answer', shown)}"
        raise errors.Unreachable(msg) from error
    except (RuntimeError, ValueError) as error:
        msg = f"Temporal cannot be reached at {target} {why(str(error), shown)}"
        raise errors.Unreachable(msg) from error
