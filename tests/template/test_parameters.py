"""A parameter that is malformed, or that lacks what belongs to it, stops a deployment before anything is created.

CloudFormation asks `AllowedPattern` (of the whole value) and `Rules` first; docs.aws.amazon.com, "Parameters syntax
reference" and "Rules syntax reference".
"""

import re
from typing import Any

import pytest

from local.stack import settings_of
from tests.support.aws.template import template, transformed

PARAMETERS: dict[str, dict[str, Any]] = template()["Parameters"]
RULES: dict[str, dict[str, Any]] = template().get("Rules", {})
TEXTS = sorted(name for name, said in PARAMETERS.items() if said["Type"] == "String" and "AllowedValues" not in said)
UUID = "1234abcd-12ab-34cd-56ef-1234567890ab"
PARTITIONS = ("aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-eusc")


def _arns(rest: str) -> list[str]:
    return [f"arn:{partition}:{rest}" for partition in PARTITIONS]


GOOD: dict[str, list[str]] = {
    "Release": ["0123456789abcdef"],
    "ApiBaseUrl": [
        "https://api.example.com",
        "https://a-1.b.example:8443",
        "http://localhost:8000",
        "http://127.0.0.1",
    ],
    "VideoBaseUrl": ["https://video.example.com", "http://localhost:41234"],
    "ApiDomainName": ["api.example.com", "a.b-c.example.co"],
    "ApiCertificateArn": _arns(f"acm:cn-north-1:123456789012:certificate/{UUID}"),
    "ApiHostedZoneId": ["Z0123456789ABCDEFGHIJ", "Z2FDTNDATAQYW2"],
    "SigningKeyId": [UUID, "mrk-1234abcd12ab34cd56ef1234567890ab"],
    "OtherSigningKeyId": [UUID, "mrk-1234abcd12ab34cd56ef1234567890ab"],
    "EmailSender": ["calls@example.com", "o'hara+calls@mail.example.co.uk", "a@xn--bcher-kva.example"],
    "EmailIdentityArn": [
        *_arns("ses:us-gov-west-1:123456789012:identity/example.com"),
        "arn:aws:ses:eu-west-1:123456789012:identity/calls@example.com",
    ],
    "EmailConfigurationSet": ["slotline", "slotline-production_1"],
    "SmsOriginationIdentity": [
        *_arns("sms-voice:us-east-1:123456789012:phone-number/phone-0123456789abcdef0123456789abcdef"),
        "arn:aws:sms-voice:eu-west-1:123456789012:pool/pool-0123456789abcdef0123456789abcdef",
        "arn:aws:sms-voice:eu-west-1:123456789012:sender-id/Slotline/GB",
    ],
    "SmsConfigurationSet": ["slotline", "slotline-production_1"],
    "WhatsAppPhoneNumberArn": _arns("social-messaging:us-east-1:123456789012:phone-number-id/0123456789abcdef"),
    "MetaApiVersion": ["v23.0", "v9.12"],
    "GenesysRegion": ["mypurecloud.com", "usw2.pure.cloud", "mypurecloud.com.au"],
    "GenesysIntegrationId": [UUID],
    "GenesysSecretArn": _arns("secretsmanager:us-east-1:123456789012:secret:slotline/genesys-AbC123"),
    "RelaySecretArn": _arns("secretsmanager:us-east-1:123456789012:secret:relays-AbC123"),
    "TwilioSecretArn": _arns("secretsmanager:us-east-1:123456789012:secret:twilio-AbC123"),
    "ConnectInstanceId": [UUID],
    "ConnectFlowId": [UUID],
    "AuthorizerReservedConcurrency": ["1", "50", "900", "9999"],
    "WebhookAllowedNetworks": [
        "10.20.0.0/16",
        "10.20.0.0/16,fd12:3456::/32",
        "127.0.0.1/32, ::1/128",
        "0.0.0.0/0",
        "255.255.255.255/32,2001:db8:1:2:3:4:5:6/128",
    ],
}
_NO_DOMAINS = [
    "https://api.example.com",
    "API.example.com",
    "example",
    "-a.example.com",
    "api.example.com/v1",
    "a b.com",
]
_NO_URLS = [
    *("api.example.com", "http://api.example.com", "https://api.example.com/", "https://api.example.com/v1"),
    *("https://API.example.com", "https://", "https://-a.example.com", "https://a.example?x=1", "https://u@a.example"),
    *("http://localhost.evil.example", "http://localhost:", "ftp://localhost", "https://a b.example"),
]
_NO_UUIDS = [f"alias/{UUID}", UUID[:-1], UUID.upper(), f"arn:aws:kms:us-east-1:123456789012:key/{UUID}", "x"]
_NO_SECRETS = [
    *("twilio", "twilio-AbC123", "arn:aws:secretsmanager:us-east-1:123456789012:secret:twilio"),
    *(
        "arn:aws:secretsmanager:us-east-1:1234:secret:twilio-AbC123",
        "arn:aws:ssm:us-east-1:123456789012:parameter/twilio",
    ),
    "arn:aws:secretsmanager:us-east-1:123456789012:secret:*",
]
BAD: dict[str, list[str]] = {
    "Release": ["", "0123456789ABCDEF", "0123456789abcdef0", "latest"],
    "ApiBaseUrl": _NO_URLS,
    "VideoBaseUrl": _NO_URLS,
    "ApiDomainName": _NO_DOMAINS,
    "ApiCertificateArn": [
        UUID,
        f"arn:aws:iam::123456789012:server-certificate/{UUID}",
        f"arn:aws:acm::1:certificate/{UUID}",
    ],
    "ApiHostedZoneId": ["/hostedzone/Z0123456789ABCDEFGHIJ", "example.com", "z2fdtndataqyw2"],
    "SigningKeyId": _NO_UUIDS,
    "OtherSigningKeyId": _NO_UUIDS,
    "EmailSender": ["example.com", "Calls <calls@example.com>", "calls@example", "a b@example.com", "a@b.com,c@d.com"],
    "EmailIdentityArn": [
        *("example.com", "calls@example.com", "arn:aws:ses:eu-west-1:123456789012:configuration-set/x"),
        *("arn:aws:ses:eu-west-1::identity/example.com", "arn:aws:ses:eu-west-1:123456789012:identity/*"),
        "arn:amazon:ses:eu-west-1:123456789012:identity/example.com",
    ],
    "EmailConfigurationSet": ["arn:aws:ses:eu-west-1:123456789012:configuration-set/x", "a b", "x" * 65],
    "SmsOriginationIdentity": [
        *("+12025550143", "Slotline", "pool-0123", "arn:aws:sns:us-east-1:123456789012:pool/x"),
        "arn:aws:sms-voice:us-east-1:123456789012:*",
    ],
    "SmsConfigurationSet": ["arn:aws:sms-voice:eu-west-1:123456789012:configuration-set/x", "a b", "x" * 65],
    "WhatsAppPhoneNumberArn": [
        *("phone-number-id-0123456789abcdef", "arn:aws:social-messaging:us-east-1:123456789012:waba/0123"),
        "arn:aws:social-messaging:us-east-1:123456789012:phone-number-id/*",
    ],
    "MetaApiVersion": ["23.0", "v23", "V23.0", "latest"],
    "GenesysRegion": ["https://mypurecloud.com", "mypurecloud.com/", "eu-west-1", "EU (Frankfurt)"],
    "GenesysIntegrationId": _NO_UUIDS,
    "GenesysSecretArn": _NO_SECRETS,
    "RelaySecretArn": _NO_SECRETS,
    "TwilioSecretArn": _NO_SECRETS,
    "ConnectInstanceId": [*_NO_UUIDS, f"arn:aws:connect:us-east-1:123456789012:instance/{UUID}"],
    "AuthorizerReservedConcurrency": ["0", "05", "-1", "1.5", "10000", "many", " 5"],
    "ConnectFlowId": [*_NO_UUIDS, f"arn:aws:connect:us-east-1:123456789012:instance/{UUID}/contact-flow/{UUID}"],
    "WebhookAllowedNetworks": [
        *(
            "10.20.0.0",
            "10.20.0.0/33",
            "256.0.0.0/8",
            "10.0.0/8",
            "fd12::/129",
            "fd12",
            "a.example",
            "10.0.0.0/8;11.0.0.0/8",
        ),
        *("10.0.0.0/8,", ",10.0.0.0/8", "/8"),
    ],
}


def _allows(name: str, value: str) -> bool:
    return re.fullmatch(PARAMETERS[name]["AllowedPattern"], value) is not None


def test_every_text_has_a_pattern_that_says_itself_in_words_and_examples_here():
    assert {name for name in TEXTS if "AllowedPattern" not in PARAMETERS[name]} == set()
    assert {name for name in TEXTS if not PARAMETERS[name].get("ConstraintDescription")} == set()
    assert set(TEXTS) == GOOD.keys() == BAD.keys()


@pytest.mark.parametrize("name", TEXTS)
def test_what_is_right_passes_and_what_is_not_fails_at_once(name: str):
    assert _allows(name, PARAMETERS[name].get("Default", GOOD[name][0])), "left alone, a deployment passes"
    assert [value for value in GOOD[name] if not _allows(name, value)] == []
    assert [value for value in BAD[name] if _allows(name, value)] == []


def test_a_number_of_days_is_one_that_cloudwatch_knows():
    """docs.aws.amazon.com, PutRetentionPolicy: any other fails in the middle of a deployment."""
    days = PARAMETERS["LogRetentionDays"]
    assert days["Default"] in days["AllowedValues"]
    assert {1, 30, 365, 3653} < set(days["AllowedValues"])
    assert not {2, 31, 100} & set(days["AllowedValues"])


def test_what_the_local_system_deploys_with_passes_too():
    settings = settings_of("local", "http://localhost:8000", "127.0.0.1/32,::1/128")
    assert [name for name, value in settings.items() if name in TEXTS and not _allows(name, value)] == []


def _holds(condition: Any, given: dict[str, str]) -> bool:
    """A rule's function (Rule-specific intrinsic functions), of the parameters that are given."""
    ((function, of),) = condition.items()
    match function:
        case "Fn::Equals":
            first, second = (given[one["Ref"]] if isinstance(one, dict) else one for one in of)
            return first == second
        case "Fn::Not":
            return not _holds(of[0], given)
        case "Fn::And":
            return all(_holds(one, given) for one in of)
        case "Fn::Or":
            return any(_holds(one, given) for one in of)
    raise NotImplementedError(function)


def _refused(**given: str) -> list[str]:
    """What CloudFormation says of these parameters; the others have their defaults."""
    whole = {name: str(said.get("Default", "")) for name, said in PARAMETERS.items()} | given
    return [
        assertion["AssertDescription"]
        for rule in RULES.values()
        if _holds(rule.get("RuleCondition", {"Fn::Equals": ["", ""]}), whole)
        for assertion in rule["Assertions"]
        if not _holds(assertion["Assert"], whole)
    ]


TOGETHER = [
    ("EmailSender", "EmailIdentityArn"),
    ("WhatsAppPhoneNumberArn", "MetaApiVersion"),
    ("GenesysRegion", "GenesysIntegrationId", "GenesysSecretArn"),
    ("ConnectInstanceId", "ConnectFlowId"),
    ("ApiDomainName", "ApiCertificateArn"),
]
ALONE = [
    "RelaySecretArn",
    "TwilioSecretArn",
    "SmsOriginationIdentity",
    "SigningKeyId",
    "OtherSigningKeyId",
    "ApiBaseUrl",
    "VideoBaseUrl",
]


def _given(*names: str) -> dict[str, str]:
    return {name: GOOD[name][0] for name in names}


@pytest.mark.parametrize("stage", PARAMETERS["Stage"]["AllowedValues"])
def test_without_any_of_them_nothing_is_refused(stage: str):
    assert _refused(Stage=stage) == []


@pytest.mark.parametrize("names", TOGETHER, ids=lambda names: names[0])
def test_what_belongs_together_is_refused_by_halves_and_the_refusal_names_what_is_missing(names: tuple[str, ...]):
    assert _refused(**_given(*names)) == []
    for missing in names:
        said = _refused(**_given(*(name for name in names if name != missing)))
        assert said
        assert all(f"needs {missing}" in one for one in said)
    for alone in names:
        assert {one.split()[2].rstrip(",") for one in _refused(**_given(alone))} == set(names) - {alone}


@pytest.mark.parametrize("name", ALONE)
def test_what_needs_nothing_beside_it_passes_alone(name: str):
    assert _refused(**_given(name)) == []


@pytest.mark.parametrize(
    ("name", "needed"),
    [
        ("EmailConfigurationSet", "EmailSender"),
        ("SmsConfigurationSet", "SmsOriginationIdentity"),
        ("ApiHostedZoneId", "ApiDomainName"),
    ],
)
def test_what_does_nothing_without_another_says_so(name: str, needed: str):
    assert f"{name} needs {needed}, too." in _refused(**_given(name))


def test_an_api_has_one_address():
    (said,) = _refused(**_given("ApiDomainName", "ApiCertificateArn", "ApiBaseUrl"))
    assert "leave ApiBaseUrl empty" in said


def _refs(value: Any) -> set[str]:
    """Every parameter in a piece of the template."""
    if isinstance(value, dict):
        named = {value["Ref"]} if "Ref" in value else set()
        written = set(re.findall(r"\$\{(\w+)\}", value["Fn::Sub"])) if isinstance(value.get("Fn::Sub"), str) else set()
        return {name for name in named | written if name in PARAMETERS}.union(
            *(_refs(one) for one in value.values()), set()
        )
    return set().union(*(_refs(one) for one in value)) if isinstance(value, list) else set()


def _choices(value: Any) -> list[tuple[str, Any]]:
    """Every piece of the template that is there on a condition only, with the condition's name."""
    if isinstance(value, list):
        return [found for one in value for found in _choices(one)]
    if not isinstance(value, dict):
        return []
    if "Fn::If" in value:
        name, then, otherwise = value["Fn::If"]
        return [(name, then), *_choices(then), *_choices(otherwise)]
    own = [(value["Condition"], value)] if isinstance(value.get("Condition"), str) else []
    return own + [found for one in value.values() for found in _choices(one)]


def _conditioned_on() -> dict[str, str]:
    """By the conditions that mean that a parameter is not empty: the parameter."""
    found = {}
    for name, condition in template()["Conditions"].items():
        match condition:
            case {"Fn::Not": [{"Fn::Equals": [{"Ref": parameter}, ""]}]}:
                found[name] = parameter
    return found


@pytest.mark.parametrize("name", sorted(_conditioned_on()))
def test_a_right_that_hangs_on_one_parameter_names_none_that_may_be_empty_then(name: str):
    """A statement with an empty resource would fail when its role is made, in the middle of a deployment."""
    parameter = _conditioned_on()[name]
    pieces = [piece for condition, piece in _choices(transformed()["Resources"]) if condition == name]
    used = set().union(*(_refs(_without_inner_choices(piece)) for piece in pieces), set())
    may_be_empty = {one for one in used - {parameter} if not PARAMETERS[one].get("Default")}
    needed = {said.split()[2].rstrip(",") for said in _refused(**_given(parameter))}
    assert pieces, "the condition decides something"
    assert may_be_empty <= needed


def _without_inner_choices(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_inner_choices(one) for one in value]
    if isinstance(value, dict):
        return {} if "Fn::If" in value else {key: _without_inner_choices(one) for key, one in value.items()}
    return value
