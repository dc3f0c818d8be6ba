"""An authority of a test's own, and what a server on loopback shows of it."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(frozen=True)
class Authority:
    """Signs certificates; `path` is its own, to be trusted."""

    key: ec.EllipticCurvePrivateKey
    name: x509.Name
    path: Path

    def server(self, folder: Path, address: str, days: int, signs_itself: bool) -> ssl.SSLContext:
        """What a server at `address` shows, valid until so many days from now."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = _named("localhost")
        signer = (key, name) if signs_itself else (self.key, self.name)
        place = x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))])
        built = _builder(name, signer[1], key, days).add_extension(place, critical=False)
        files = folder / "certificate.pem", folder / "key.pem"
        files[0].write_bytes(_pem(built.sign(signer[0], hashes.SHA256())))
        files[1].write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*files)
        return context


def authority(folder: Path) -> Authority:
    """A new one, its certificate in the folder."""
    key, name = ec.generate_private_key(ec.SECP256R1()), _named("Authority of a test")
    basic = x509.BasicConstraints(ca=True, path_length=0)
    built = _builder(name, name, key, 30).add_extension(basic, critical=True)
    path = folder / "authority.pem"
    path.write_bytes(_pem(built.sign(key, hashes.SHA256())))
    return Authority(key, name, path)


def _builder(
    name: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, days: int
) -> x509.CertificateBuilder:
    until = datetime.now(UTC) + timedelta(days=days)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(days=365))
        .not_valid_after(until)
    )


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
