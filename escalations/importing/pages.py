"""A policy's data as a YAML file that people read first at its top."""

from typing import Any

import yaml

from escalations.model import printable

WIDTH = 100


class _Writer(yaml.SafeDumper):
    """Writes the items of a list below their key, set in, as a person does."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def page(data: dict[str, Any], head: list[str], to_fill: list[str]) -> str:
    """The file's text: comments, then the keys in the order of the data."""
    comments = [*head]
    if to_fill:
        comments += ["To be filled in or checked before it is used:", *(f"- {x}" for x in to_fill)]
    written = "".join(f"# {printable(line, 300)}\n" for line in comments)
    body = yaml.dump(
        data,
        Dumper=_Writer,
        sort_keys=False,
        allow_unicode=True,
        default_flow_style=False,
        width=WIDTH,
    )
    return f"{written}\n{body}"
