"""Search attributes as Temporal takes them."""

from collections.abc import Callable
from typing import Any, Final

from temporalio.common import SearchAttributeKey, SearchAttributeUpdate

from escalations.names import SEARCH_ATTRIBUTES, SearchAttribute

_KEY_OF_TYPE: Final[dict[str, Callable[[str], SearchAttributeKey[Any]]]] = {
    "Keyword": SearchAttributeKey.for_keyword,
    "KeywordList": SearchAttributeKey.for_keyword_list,
    "Int": SearchAttributeKey.for_int,
    "Bool": SearchAttributeKey.for_bool,
    "Datetime": SearchAttributeKey.for_datetime,
}


def update_of(name: SearchAttribute, value: Any) -> SearchAttributeUpdate[Any]:
    """The change that gives a search attribute this value; `None` takes it away."""
    key = _KEY_OF_TYPE[SEARCH_ATTRIBUTES[name]](name)
    return key.value_unset() if value is None else key.value_set(value)
