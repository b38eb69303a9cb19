"""iCalendar read by the letter of RFC 5545, to hold what we write against."""

import unicodedata


def properties(entry: str) -> list[tuple[str, dict[str, str], str]]:
    """The lines of an entry, read by RFC 5545 §3.1 and nothing else: name, parameters, value."""
    assert not any(unicodedata.category(each) == "Cc" for each in entry.replace("\r\n", ""))
    found = []
    for line in entry.replace("\r\n ", "").removesuffix("\r\n").split("\r\n"):
        quoted, at = False, 0
        while quoted or line[at] != ":":
            quoted ^= line[at] == '"'
            at += 1
        name, *parameters = _split(line[:at])
        pairs = (parameter.partition("=") for parameter in parameters)
        found.append((name, {key: value.strip('"') for key, _, value in pairs}, line[at + 1 :]))
    return found


def _split(head: str) -> list[str]:
    parts, quoted = [""], False
    for character in head:
        quoted ^= character == '"'
        if character == ";" and not quoted:
            parts.append("")
        else:
            parts[-1] += character
    return parts


def plain(value: str) -> str:
    """A TEXT value without its escapes."""
    marks = {"\\n": "\n", "\\N": "\n", "\\,": ",", "\\;": ";", "\\\\": "\\"}
    out, at = "", 0
    while at < len(value):
        pair = value[at : at + 2]
        out += marks.get(pair, value[at])
        at += 2 if pair in marks else 1
    return out
