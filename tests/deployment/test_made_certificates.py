"""The certificates that the compose file makes: once, for whom they are, and anew in time."""

import runpy
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from tests.deployment.processes import ROOT


@pytest.fixture
def volumes(tmp_path: Path) -> Path:
    """The volumes, empty."""
    for name in ("authority", "server", "client"):
        (tmp_path / name).mkdir()
    return tmp_path


def made(volumes: Path, **changed: Any) -> dict[str, bytes]:
    """What is in the volumes after a start."""
    script = runpy.run_path(str(ROOT / "deploy" / "compose" / "certificates.py"))
    main = script["main"]
    main.__globals__.update(changed)
    main(volumes)
    files = (file for file in volumes.rglob("*") if file.is_file())
    return {str(file.relative_to(volumes)): file.read_bytes() for file in files}


def test_a_start_makes_what_each_needs_and_the_next_one_nothing(volumes: Path) -> None:
    """Server and clients have each a certificate that the authority has signed, and its key; what
    signs is with nobody else. Another start changes no file."""
    first = made(volumes)

    assert sorted(first) == [
        *("authority/authority.key", "authority/authority.pem"),
        *("client/ca.pem", "client/client.key", "client/client.pem"),
        *("server/ca.pem", "server/server.key", "server/server.pem"),
    ]
    authority = x509.load_pem_x509_certificate(first["authority/authority.pem"])
    for name in ("server", "client"):
        signed = x509.load_pem_x509_certificate(first[f"{name}/{name}.pem"])
        signed.verify_directly_issued_by(authority)
        assert first[f"{name}/ca.pem"] == first["authority/authority.pem"]
    server = x509.load_pem_x509_certificate(first["server/server.pem"])
    hosts = server.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert hosts.get_values_for_type(x509.DNSName) == ["temporal", "localhost"]
    assert (volumes / "authority/authority.key").stat().st_mode & 0o077 == 0
    assert made(volumes) == first


def test_a_certificate_is_made_anew_in_its_last_month(volumes: Path) -> None:
    """By the same authority, so that those who trust it go on trusting it."""
    first = made(volumes, _GOOD_FOR=timedelta(days=29))
    second = made(volumes)

    assert second["authority/authority.pem"] == first["authority/authority.pem"]
    for file in ("server/server.pem", "server/server.key", "client/client.pem"):
        assert second[file] != first[file]
