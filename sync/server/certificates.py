"""The agency's certificate authority: X.509 for device keys, so that `openssl` alone can check seals."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from sync.proof.trust import LOG_USAGE

AUTHORITY_YEARS = 20
LOG_YEARS = 20
DEVICE_YEARS = 2


def make_authority(organisation: str, now_ms: int) -> tuple[bytes, bytes]:
    """A new root key and its certificate: (PKCS#8 PEM without passphrase, certificate PEM)."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name(organisation, "Qingcha CA")
    builder = (
        _builder(name, name, key.public_key(), now_ms, AUTHORITY_YEARS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(authority=True), critical=True)
    )
    certificate = builder.sign(key, hashes.SHA256())
    return _key_pem(key), certificate.public_bytes(serialization.Encoding.PEM)


def certify(
    public_key_der: bytes,
    *,
    device: str,
    organisation: str,
    authority: tuple[bytes, bytes],
    now_ms: int,
    log: bool = False,
) -> str:
    """The certificate (PEM) of a device key; it names the device, never a person.

    Args:
        device: the common name.
        log: for the key that signs the log: marked as such, and for as long as the authority lasts.

    Raises:
        ValueError: when the bytes are no P-256 public key.
    """
    public_key = serialization.load_der_public_key(public_key_der)
    if not isinstance(public_key, ec.EllipticCurvePublicKey):
        raise ValueError("not a P-256 public key")
    key, certificate = _load(authority)
    builder = (
        _builder(
            _name(organisation, device),
            certificate.subject,
            public_key,
            now_ms,
            LOG_YEARS if log else DEVICE_YEARS,
        )
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(authority=False), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
    )
    if log:
        builder = builder.add_extension(x509.ExtendedKeyUsage([LOG_USAGE]), critical=False)
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


def _load(authority: tuple[bytes, bytes]) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    key = serialization.load_pem_private_key(authority[0], None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ValueError("the authority's key is not an elliptic-curve key")
    return key, x509.load_pem_x509_certificate(authority[1])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now_ms: int, years: int
) -> x509.CertificateBuilder:
    # an hour of grace: the verifier's clock may be behind ours
    begin = datetime.fromtimestamp(now_ms // 1000, UTC) - timedelta(hours=1)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + timedelta(days=365 * years))
    )


def _name(organisation: str, common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation[:64]),
            x509.NameAttribute(NameOID.COMMON_NAME, common[:64]),
        ]
    )


def _usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=not authority,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
