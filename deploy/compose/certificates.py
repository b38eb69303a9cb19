"""Makes an authority, and what it signs: a certificate of the Temporal server, one of its clients.

What is there is not touched, so that it may run at every start; a certificate that has less than a
month left is made anew, and whoever shows it is to be started again. The authority's key is in a
volume that no other service mounts. A file is readable by every user within the containers that
mount its volume, and by root alone on the machine.
"""

import sys
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

NAMES: Final = ("temporal", "localhost")
"""What its clients call the server, among the containers and on this machine."""

_AUTHORITY_FOR: Final = timedelta(days=3650)
_GOOD_FOR: Final = timedelta(days=397)
_ANEW: Final = timedelta(days=30)


def main(folder: Path) -> None:
    """Make what is missing in the volumes, which are mounted below the folder."""
    key, authority = _authority(folder / "authority")
    for name in ("server", "client"):
        written = authority.public_bytes(Encoding.PEM)
        _write(folder / name / "ca.pem", written)
        _signed(folder / name, name, key, authority)


def _authority(folder: Path) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    if not (folder / "authority.pem").exists():
        key = ec.generate_private_key(ec.SECP256R1())
        name = _named("escalade authority")
        made = (
            _certificate(name, name, key, _AUTHORITY_FOR)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .sign(key, SHA256())
        )
        _write(folder / "authority.key", _pem(key), mode=0o400)
        _write(folder / "authority.pem", made.public_bytes(Encoding.PEM))
    kept = load_pem_private_key((folder / "authority.key").read_bytes(), None)
    if not isinstance(kept, ec.EllipticCurvePrivateKey):
        msg = f"{folder}/authority.key is not the key that was made there: restore it from a copy"
        raise TypeError(msg)
    return kept, x509.load_pem_x509_certificate((folder / "authority.pem").read_bytes())


def _signed(
    folder: Path, name: str, by: ec.EllipticCurvePrivateKey, authority: x509.Certificate
) -> None:
    file = folder / f"{name}.pem"
    if file.exists():
        known = x509.load_pem_x509_certificate(file.read_bytes())
        if known.not_valid_after_utc - datetime.now(UTC) > _ANEW:
            return
    key = ec.generate_private_key(ec.SECP256R1())
    hosts = [*map(x509.DNSName, NAMES), x509.IPAddress(ip_address("127.0.0.1"))]
    uses = [ExtendedKeyUsageOID.SERVER_AUTH] if name == "server" else []
    made = (
        _certificate(_named(name), authority.subject, key, _GOOD_FOR)
        .add_extension(x509.SubjectAlternativeName(hosts), critical=False)
        # A server's parts are each other's clients, too.
        .add_extension(
            x509.ExtendedKeyUsage([*uses, ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False
        )
        .sign(by, SHA256())
    )
    _write(folder / f"{name}.key", _pem(key))
    _write(file, made.public_bytes(Encoding.PEM))


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, good_for: timedelta
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + good_for)
    )


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _write(file: Path, content: bytes, mode: int = 0o444) -> None:
    if file.exists() and file.read_bytes() == content:
        return
    new = file.with_suffix(".new")
    new.write_bytes(content)
    new.chmod(mode)
    new.rename(file)
    sys.stdout.write(f"made {file}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
