"""Whom our own clients believe: a server is asked only if a known authority vouches for its address."""

import ssl
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from botocore.exceptions import SSLError
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from slotline.aws.credentials import FoundCredentials
from slotline.aws.direct import DirectClient
from slotline.aws.endpoint import Endpoint
from slotline.aws.repeating import Repeating
from slotline.aws.services import DYNAMODB
from slotline.clock import InvocationDeadline
from tests.support.aws.faulty_server import Fault, FaultyServer

ROW = {
    "TableName": "t",
    "Item": {"pk": {"S": "a"}, "by": {"S": "me"}},
    "ConditionExpression": "attribute_not_exists(pk)",
}
Authority = tuple[x509.Certificate, ec.EllipticCurvePrivateKey]
Opened = Callable[[FaultyServer, str | None], DirectClient]


@pytest.fixture
def opened() -> Iterator[Opened]:
    """Makes clients that believe the authorities of a file, and closes them in the end."""
    made: list[DirectClient] = []

    def client(server: FaultyServer, bundle: str | None) -> DirectClient:
        keys = FoundCredentials({"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret"})
        place = Endpoint(server.url, "eu-west-1", bundle)
        repeating = Repeating(3, sleep=lambda _seconds: None)
        made.append(DirectClient(DYNAMODB, place, InvocationDeadline(), credentials=keys, repeating=repeating))
        return made[-1]

    yield client
    for one in made:
        one.close()


def authority(name: str) -> Authority:
    return certified(name, None, None)


def certified(
    name: str,
    issuer: Authority | None,
    address: str | None,
    since: timedelta = timedelta(days=-1),
) -> Authority:
    """A certificate, of an authority or by one, for two days."""
    key, subject = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    by, by_key = (issuer[0].subject, issuer[1]) if issuer else (subject, key)
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(by, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now + since)
        .not_valid_after(now + since + timedelta(days=2))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(by_key.public_key()), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if issuer is None:
        signs = {name: name in {"key_cert_sign", "crl_sign"} for name in _USAGES}
        made = made.add_extension(x509.KeyUsage(**signs), critical=True)
    if address:
        is_name = address.endswith(".example")
        of = x509.DNSName(address) if is_name else x509.IPAddress(ip_address(address))
        names = x509.SubjectAlternativeName([of])
        made = made.add_extension(names, critical=False)
    return made.sign(by_key, hashes.SHA256()), key


_USAGES = (
    *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"),
    *("key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
)


@pytest.fixture(scope="module")
def known() -> Authority:
    """The authority that is believed."""
    return authority("known")


def serving(folder: Path, made: Authority) -> FaultyServer:
    file, (certificate, key) = folder / "server.pem", made
    pem = serialization.Encoding.PEM
    raw = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file.write_bytes(raw + certificate.public_bytes(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return FaultyServer(tls=context)


def bundle_of(folder: Path, of: Authority) -> str:
    file = folder / "ca.pem"
    file.write_bytes(of[0].public_bytes(serialization.Encoding.PEM))
    return str(file)


def test_a_server_that_a_known_authority_vouches_for_is_asked_on_one_connection(
    opened: Opened, known: Authority, tmp_path: Path
) -> None:
    server = serving(tmp_path, certified("server", known, "127.0.0.1"))
    with server.running():
        client = opened(server, bundle_of(tmp_path, known))
        for _ in range(3):
            client.put_item(**{**ROW, "Item": {"pk": {"S": str(len(server.rows))}}})
        assert (len(server.rows), server.connections) == (3, 1)


def test_an_answer_behind_an_answer_is_given_to_nobody(opened: Opened, known: Authority, tmp_path: Path) -> None:
    server = serving(tmp_path, certified("server", known, "127.0.0.1"))
    server.plan = lambda number: Fault.TOO_MUCH if number == 0 else None
    with server.running():
        client = opened(server, bundle_of(tmp_path, known))
        client.put_item(**ROW)
        assert "Item" not in client.get_item(TableName="t", Key={"pk": {"S": "missing"}})
        assert server.connections == 2


@pytest.mark.parametrize(
    ("why", "address", "since"),
    [
        ("another authority", "127.0.0.1", -1),
        ("no authority of its own", "127.0.0.1", -1),
        ("another address", "127.0.0.2", -1),
        ("another name", "dynamodb.example", -1),
        ("no name at all", None, -1),
        ("over since a day", "127.0.0.1", -3),
        ("not yet begun", "127.0.0.1", 1),
    ],
)
def test_a_wrong_certificate_is_refused_before_anything_is_sent(
    opened: Opened,
    known: Authority,
    tmp_path: Path,
    why: str,
    address: str | None,
    since: int,
) -> None:
    by = authority("stranger") if why == "another authority" else known
    server = serving(tmp_path, certified("127.0.0.1", by, address, timedelta(days=since)))
    bundle = None if why == "no authority of its own" else bundle_of(tmp_path, known)
    with server.running(), pytest.raises(SSLError, match="certificate verify failed"):
        opened(server, bundle).put_item(**ROW)
    assert (server.requests, server.rows) == ([], {})
