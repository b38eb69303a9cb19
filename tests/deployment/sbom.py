"""`python -m tests.deployment.sbom FILE`: what a worker is made of, as CycloneDX 1.6 in JSON.

From `requirements.txt`, so every package with its version and hashes, and from what is installed,
so each with its licence and what it needs. Neither of `uv export` and `cyclonedx-py` has all of
it: the one wants a lock of its own and knows no licences, the other knows licences or hashes. With
`--licences` it writes `docs/licences.md`.
"""

import argparse
import re
import sys
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from email.message import Message
from importlib.metadata import metadata, requires
from pathlib import Path
from typing import Any, Final, cast
from uuid import NAMESPACE_URL, uuid5

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import LicenseExpression
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL
from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name

ROOT: Final = Path(__file__).parent.parent.parent
LOCK: Final = ROOT / "requirements.txt"

ALLOWED: Final = {
    "MIT": "asks for its notice",
    "MIT-0": "asks for nothing",
    "ISC": "asks for its notice",
    "BSD-2-Clause": "asks for its notice",
    "BSD-3-Clause": "asks for its notice",
    "Apache-2.0": "asks for its notice; ours, too",
    "PSF-2.0": "asks for its notice",
    "LGPL-3.0-only": "asks that it can be replaced by another version, and a package of Python can",
    "MPL-2.0": "asks for the source of its own files where they are changed, and we change none",
}
"""SPDX id → why it may be in what we hand out under Apache-2.0. What is not here needs a look by
somebody who answers for it."""

_AS_WRITTEN: Final = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache Software License": "Apache-2.0",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}
"""How packages write their licences that do not write SPDX."""
_LOOKED_UP: Final = {
    "jinja2": "BSD-3-Clause",
    "python-dateutil": "Apache-2.0 OR BSD-3-Clause",
}
"""Package → what its file of licences says, where its metadata say less."""
_LICENCES: Final = LicenseFactory()
_PIN: Final = re.compile(r"^([\w.-]+)==(\S+).*\\\n((?: +--hash=sha256:[0-9a-f]{64}.*\n)+)", re.M)


class LicenceUnknown(Exception):
    """A package does not say under which licence it is. Look it up, and write it into `sbom.py`."""


@dataclass(frozen=True)
class Pin:
    """One line of the lock."""

    name: str
    version: str
    hashes: tuple[str, ...]
    """SHA-256 of each file that may be installed as this version."""


def pins(lock: str) -> list[Pin]:
    """What a lock pins."""
    return [
        Pin(name, version, tuple(re.findall(r"sha256:([0-9a-f]{64})", hashes)))
        for name, version, hashes in _PIN.findall(lock)
    ]


def licence_of(package: str) -> str:
    """SPDX expression of an installed package.

    Raises:
        LicenceUnknown: it does not say.
    """
    return _LOOKED_UP.get(package) or licence(cast(Message, metadata(package)))


def licence(said: Message) -> str:
    """SPDX expression of what a package says of itself.

    Raises:
        LicenceUnknown: it does not say.
    """
    classifiers = [each.rpartition(" :: ")[2] for each in said.get_all("Classifier") or []]
    written = [said.get("License-Expression"), said.get("License"), *classifiers]
    for each in filter(None, written):
        spdx: str = _AS_WRITTEN.get(each, each)
        if _is_spdx(spdx):
            return spdx
    msg = f"{said['Name']} says {[each for each in written if each]}"
    raise LicenceUnknown(msg)


def is_allowed(spdx: str) -> bool:
    """Whether one of the licences to choose from is allowed."""
    return not ALLOWED.keys().isdisjoint(spdx.split(" OR "))


def _is_spdx(written: str) -> bool:
    made = _LICENCES.make_from_string(written)
    return isinstance(made, LicenseExpression) or made.id is not None


def bill(lock: str) -> str:
    """The bill of materials of a lock; its serial number is the lock's.

    Raises:
        LicenceUnknown: a package does not say its licence.
    """
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    whole = Component(
        name=project["name"],
        version=project["version"],
        type=ComponentType.APPLICATION,
        bom_ref=project["name"],
        licenses=[_LICENCES.make_from_string(project["license"])],
    )
    parts = {canonicalize_name(each.name): _component(each) for each in pins(lock)}
    bom = Bom(
        components=parts.values(),
        serial_number=uuid5(NAMESPACE_URL, lock),
    )
    bom.metadata.component = whole
    bom.register_dependency(whole, [parts[each] for each in _our_needs(project, parts)])
    for name, part in parts.items():
        bom.register_dependency(part, [parts[each] for each in _needs(name, parts)])
    return str(JsonV1Dot6(bom).output_as_string(indent=1))


def _component(pin: Pin) -> Component:
    spdx = licence_of(pin.name)
    return Component(
        name=pin.name,
        version=pin.version,
        type=ComponentType.LIBRARY,
        bom_ref=pin.name,
        purl=PackageURL("pypi", None, canonicalize_name(pin.name), pin.version),
        licenses=[_LICENCES.make_from_string(spdx)],
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=each) for each in pin.hashes],
    )


def _needs(package: str, among: Iterable[NormalizedName]) -> list[NormalizedName]:
    """What a package needs here, of those."""
    return _named((requires(package) or []), among)


def _our_needs(project: dict[str, Any], among: Iterable[NormalizedName]) -> list[NormalizedName]:
    """What a worker needs; of the extras of ours that it needs, what those need."""
    extras, wanted = project["optional-dependencies"], list(project["dependencies"])
    ahead = ["worker"]
    while ahead:
        for each in extras[ahead.pop()]:
            needed = Requirement(each)
            if needed.name == project["name"]:
                ahead += needed.extras
            else:
                wanted.append(each)
    return _named(wanted, among)


def _named(wanted: list[str], among: Iterable[NormalizedName]) -> list[NormalizedName]:
    needed = {
        canonicalize_name(each.name)
        for each in map(Requirement, wanted)
        if each.marker is None or each.marker.evaluate({"extra": ""})
    }
    return sorted(needed.intersection(among))


def licences(lock: str) -> str:
    """`docs/licences.md`."""
    by_licence: dict[str, list[str]] = {}
    for pin in pins(lock):
        by_licence.setdefault(licence_of(pin.name), []).append(pin.name)
    rows = [f"| {spdx} | {', '.join(names)} |" for spdx, names in sorted(by_licence.items())]
    reasons = [f"| {spdx} | {why} |" for spdx, why in ALLOWED.items()]
    return "\n".join(
        [
            "# Licences",
            "",
            "Escalade is under Apache-2.0. What a worker is made of, all of `requirements.txt`, is "
            "under:",
            "",
            "| licence | packages |",
            "| --- | --- |",
            *rows,
            "",
            "With `OR` one may choose. Allowed are:",
            "",
            "| licence | because it |",
            "| --- | --- |",
            *reasons,
            "",
            "`make licences` writes this page; versions and hashes are in the bill of materials, "
            "`make sbom`.",
            "",
        ]
    )


def main(arguments: list[str]) -> None:
    """Write what is asked for."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.deployment.sbom",
        description="Writes the bill of materials of requirements.txt, CycloneDX 1.6.",
    )
    parser.add_argument("file", type=Path, help="where to, such as build/escalade.cdx.json")
    parser.add_argument("--licences", action="store_true", help="write docs/licences.md instead")
    options = parser.parse_args(arguments)
    lock = LOCK.read_text("utf-8")
    options.file.parent.mkdir(parents=True, exist_ok=True)
    options.file.write_text(licences(lock) if options.licences else bill(lock), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
