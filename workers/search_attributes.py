"""What operators filter by has to be known to the server before the first case."""

from collections.abc import Mapping
from typing import Final

import structlog
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import (
    AddSearchAttributesRequest,
    ListSearchAttributesRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from escalations.errors import EscaladeError, Unreachable

_TYPES: Final = {
    "Keyword": IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
    "KeywordList": IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD_LIST,
    "Int": IndexedValueType.INDEXED_VALUE_TYPE_INT,
    "Bool": IndexedValueType.INDEXED_VALUE_TYPE_BOOL,
    "Datetime": IndexedValueType.INDEXED_VALUE_TYPE_DATETIME,
}
_NOT_FOR_US: Final = (RPCStatusCode.PERMISSION_DENIED, RPCStatusCode.UNIMPLEMENTED)

log = structlog.stdlib.get_logger(__name__)


class NamespaceUnusable(EscaladeError):
    """The namespace is not as Escalade needs it. Whoever runs Temporal mends what is named."""


class NamespaceMissing(Unreachable):
    """There is no such namespace, or not yet. Make it, or set TEMPORAL_NAMESPACE to another."""


async def register(client: Client, attributes: Mapping[str, str]) -> None:
    """Register those that are missing; others of the namespace are left alone.

    Where a worker may not (Temporal Cloud, an authorizer), the log says what has to be there.

    Args:
        client: of the namespace.
        attributes: name → type, as the server names it.

    Raises:
        NamespaceMissing: there is no such namespace, or not yet.
        NamespaceUnusable: it has one of them with another type, or no room for more.
        RPCError: the server does not answer.
    """
    try:
        await _register(client, {name: _TYPES[kind] for name, kind in attributes.items()})
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            msg = f"There is no namespace {client.namespace!r}: make it, or set TEMPORAL_NAMESPACE."
            raise NamespaceMissing(msg) from error
        if error.status is RPCStatusCode.INVALID_ARGUMENT:
            msg = f"Search attributes cannot be registered: {error.message}"
            raise NamespaceUnusable(msg) from error
        if error.status not in _NOT_FOR_US:
            raise
        log.warning("search_attributes.not_checked", why=error.message, needed=dict(attributes))


async def _register(client: Client, wanted: Mapping[str, "IndexedValueType.ValueType"]) -> None:
    operator, namespace = client.operator_service, client.namespace
    answer = await operator.list_search_attributes(ListSearchAttributesRequest(namespace=namespace))
    there = dict(answer.custom_attributes)
    # The server itself takes another type in silence, and keeps the old one.
    wrong = {name for name in wanted.keys() & there.keys() if there[name] != wanted[name]}
    if wrong:
        msg = (
            f"The namespace {namespace!r} has search attributes of our names with other types: "
            f"{', '.join(sorted(wrong))}. Remove them there, or use another namespace."
        )
        raise NamespaceUnusable(msg)
    missing = {name: kind for name, kind in wanted.items() if name not in there}
    if not missing:
        return
    request = AddSearchAttributesRequest(namespace=namespace, search_attributes=missing)
    try:
        await operator.add_search_attributes(request)
    except RPCError as error:
        if error.status is not RPCStatusCode.ALREADY_EXISTS:  # another worker was quicker
            raise
    log.info("search_attributes.registered", names=sorted(missing))
