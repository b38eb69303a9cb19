"""Certificates for a test: an authority, and what it signs."""

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Final, Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

A_DAY: Final = timedelta(days=1)
Set = Callable[[dict[str, str]], None]
"""Sets what Temporal's settings are."""


@dataclass(frozen=True)
class Pair:
    """A certificate and its key, as files."""

    certificate: Path
    key: Path


@dataclass(frozen=True)
class Authority:
    """Signs certificates into its folder."""

    folder: Path
    name: x509.Name
    key: ec.EllipticCurvePrivateKey

    @classmethod
    def new(cls, folder: Path, name: str) -> Self:
        """One that nobody trusts yet; its own certificate is `ca.pem`."""
        folder.mkdir()
        key = ec.generate_private_key(ec.SECP256R1())
        authority = cls(folder, _named(name), key)
        certificate = (
            authority._certificate(authority.name, key.public_key(), A_DAY)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_may_sign(), critical=True)
            .sign(key, hashes.SHA256())
        )
        authority.certificate.write_bytes(certificate.public_bytes(Encoding.PEM))
        return authority

    @property
    def certificate(self) -> Path:
        """What whoever trusts it is given."""
        return self.folder / "ca.pem"

    def sign(self, who: str, *, address: str = "127.0.0.1", good_for: timedelta = A_DAY) -> Pair:
        """A certificate, for a server of that address or for a client; its days may be over."""
        key = ec.generate_private_key(ec.SECP256R1())
        uses = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
        signed = (
            self._certificate(_named(who), key.public_key(), good_for)
            .add_extension(
                x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))]), critical=False
            )
            .add_extension(x509.ExtendedKeyUsage(uses), critical=False)
            .sign(self.key, hashes.SHA256())
        )
        pair = Pair(self.folder / f"{who}.pem", self.folder / f"{who}.key")
        pair.certificate.write_bytes(signed.public_bytes(Encoding.PEM))
        pair.key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        return pair

    def _certificate(
        self, subject: x509.Name, key: ec.EllipticCurvePublicKey, good_for: timedelta
    ) -> x509.CertificateBuilder:
        now = datetime.now(UTC)
        return (
            x509.CertificateBuilder()
            .issuer_name(self.name)
            .subject_name(subject)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - 2 * A_DAY)
            .not_valid_after(now + good_for)
        )


def server_side(pair: Pair, clients_of: Path | None) -> ssl.SSLContext:
    """TLS for a gRPC server that lets in clients of one authority, or everybody."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pair.certificate, pair.key)
    context.set_alpn_protocols(["h2"])
    if clients_of is not None:
        context.load_verify_locations(clients_of)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _may_sign() -> x509.KeyUsage:
    no = dict.fromkeys(
        (
            "content_commitment",
            "key_encipherment",
            "data_encipherment",
            "key_agreement",
            "encipher_only",
            "decipher_only",
        ),
        False,
    )
    return x509.KeyUsage(digital_signature=True, key_cert_sign=True, crl_sign=True, **no)


@dataclass(frozen=True)
class Trust:
    """Two authorities, of which the server knows one, and what they signed."""

    ours: Authority
    theirs: Authority
    server: Pair
    worker: Pair

    @property
    def authority(self) -> dict[str, str]:
        """Trust in the server."""
        return {"TEMPORAL_TLS_SERVER_CA_CERT_PATH": str(self.ours.certificate)}

    @property
    def everything(self) -> dict[str, str]:
        """All that is needed to be let in."""
        return self.authority | shown(self.worker)


def shown(pair: Pair) -> dict[str, str]:
    """The settings that show a pair to the server."""
    return {
        "TEMPORAL_TLS_CLIENT_CERT_PATH": str(pair.certificate),
        "TEMPORAL_TLS_CLIENT_KEY_PATH": str(pair.key),
    }
