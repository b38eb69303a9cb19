"""Secrets in addresses: a policy writes `${NAME}`, the value is filled in when the message goes."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, unquote

from activities.letters import Refused

_NAME = re.compile(r"\$\{([^{}]*)\}")


@dataclass(frozen=True)
class Address:
    """An address ready for use; what is printed of it is as the policy writes it."""

    written: str
    filled_in: str = field(repr=False)
    secrets: Mapping[str, str] = field(repr=False)
    """Name → value, of those that stand in it."""

    @property
    def scheme(self) -> str:
        """`mailto` for a mail address, else what stands before `://`."""
        return self.written.partition(":")[0]

    def hide(self, text: str) -> str:
        """The text with every secret of this address written as its name again."""
        shapes = [
            (shape, name)
            for name, value in self.secrets.items()
            for shape in {value, quote(value), quote(value, safe=""), unquote(value)}
            if shape
        ]
        for shape, name in sorted(shapes, key=lambda pair: -len(pair[0])):
            text = text.replace(shape, f"${{{name}}}")
        return text


def fill_in(written: str, values: Mapping[str, str]) -> Address:
    """An address with its secrets.

    Raises:
        Refused: a name has no value, or one that cannot stand in an address; it says which name,
            never which value.
    """
    secrets = {}
    for name in _NAME.findall(written):
        value = values.get(name, "")
        if not value:
            msg = f"${{{name}}} has no value: whoever runs the worker sets it there"
            raise Refused(msg)
        if not value.isprintable() or " " in value:
            msg = f"${{{name}}} holds white space: whoever runs the worker mends it there"
            raise Refused(msg)
        secrets[name] = value
    return Address(written, _NAME.sub(lambda found: secrets[found[1]], written), secrets)
