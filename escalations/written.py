"""Values that people write as one word: durations, windows, periods of a day."""

from abc import abstractmethod
from typing import Any, ClassVar, Self

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, SchemaSerializer, core_schema


class Written:
    """A value that people write as one word: Pydantic reads it from that word, JSON holds it."""

    __slots__ = ()
    # Where nothing says what the value is (a field of Any, a payload of its own), JSON holds the
    # word as well; Pydantic would take a dataclass apart.
    __pydantic_serializer__: ClassVar = SchemaSerializer(
        core_schema.any_schema(serialization=core_schema.to_string_ser_schema())
    )
    _pattern: ClassVar[str]
    _examples: ClassVar[list[str]]

    @classmethod
    @abstractmethod
    def parse(cls, text: str) -> Self:
        """The value that `text` means.

        Raises:
            ValueError: it means none; the message says what was found and what is allowed.
        """

    @classmethod
    def _read(cls, value: object) -> Self:
        if isinstance(value, cls):
            return value
        if not isinstance(value, str):
            msg = f"found {value!r}: write it as text, such as {' or '.join(cls._examples[:2])}"
            raise ValueError(msg)
        return cls.parse(value)

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: type[Any], handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            cls._read, serialization=core_schema.to_string_ser_schema()
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"type": "string", "pattern": cls._pattern, "examples": cls._examples}
