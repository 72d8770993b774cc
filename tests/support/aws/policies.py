"""The stack's policies as IAM gets them: every function of the template taken away, with all that a deployment may set.

What a reference stands for is made up, but has the form that the service gives it.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from tests.support.aws.moto_tables import REGION
from tests.support.aws.template import deployed

ACCOUNT = "123456789012"
_AT = f"{REGION}:{ACCOUNT}"
PSEUDO = {
    "AWS::Partition": "aws",
    "AWS::Region": REGION,
    "AWS::AccountId": ACCOUNT,
    "AWS::URLSuffix": "amazonaws.com",
    "AWS::StackName": "slotline",
}
PARAMETERS = {
    "EmailIdentityArn": f"arn:aws:ses:{_AT}:identity/example.com",
    "EmailConfigurationSet": "slotline",
    "SmsOriginationIdentity": f"arn:aws:sms-voice:{_AT}:pool/pool-0123456789abcdef0123456789abcdef",
    "SmsConfigurationSet": "slotline",
    "WhatsAppPhoneNumberArn": f"arn:aws:social-messaging:{_AT}:phone-number-id/0123456789abcdef",
    "GenesysSecretArn": f"arn:aws:secretsmanager:{_AT}:secret:genesys-AbCdEf",
    "RelaySecretArn": f"arn:aws:secretsmanager:{_AT}:secret:relays-AbCdEf",
    "TwilioSecretArn": f"arn:aws:secretsmanager:{_AT}:secret:twilio-AbCdEf",
    "ConnectInstanceId": "01968c2e-7a00-7000-8000-00000000c011",
    "OtherSigningKeyId": "01968c2e-7a00-7000-8000-00000000c012",
    "SigningKeyId": "01968c2e-7a00-7000-8000-00000000c013",
}
"""Every parameter that a policy names."""
ARNS = {
    "AWS::DynamoDB::Table": "dynamodb:{at}:table/{name}",
    "AWS::IAM::ManagedPolicy": "iam::{account}:policy/{name}",
    "AWS::IAM::Role": "iam::{account}:role/{name}",
    "AWS::KMS::Key": "kms:{at}:key/{name}",
    "AWS::Lambda::Alias": "lambda:{at}:function:{name}:live",
    "AWS::Lambda::Function": "lambda:{at}:function:{name}",
    "AWS::Logs::LogGroup": "logs:{at}:log-group:{name}:*",
    "AWS::S3::Bucket": "s3:::{name}",
    "AWS::SecretsManager::Secret": "secretsmanager:{at}:secret:{name}-AbCdEf",
    "AWS::Scheduler::ScheduleGroup": "scheduler:{at}:schedule-group/{name}",
    "AWS::SNS::Topic": "sns:{at}:{name}",
    "AWS::SQS::Queue": "sqs:{at}:{name}",
}
_BY_ARN = {"AWS::Lambda::Alias", "AWS::IAM::ManagedPolicy", "AWS::SecretsManager::Secret", "AWS::SNS::Topic"}
"""What a `Ref` answers with its ARN."""
_HOLDERS = ("PolicyDocument", "KeyPolicy", "AssumeRolePolicyDocument")


def policies() -> dict[str, dict[str, Any]]:
    """Every policy of the stack, by its resource and its place in it."""
    return {
        f"{name}.{place}": resolved(document)
        for name, resource in deployed().items()
        for place, document in _documents(resource.get("Properties", {}))
    }


def _documents(properties: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for holder in _HOLDERS:
        if holder in properties:
            yield holder, properties[holder]
    for policy in properties.get("Policies", ()):
        yield policy["PolicyName"], policy["PolicyDocument"]


def resolved(value: Any) -> Any:
    """A value of the template as CloudFormation hands it on, if every condition holds. Raises LookupError."""
    match value:
        case {"Fn::If": [_, holds, _]}:
            return resolved(holds)
        case {"Ref": "AWS::NoValue"}:
            return None
        case {"Ref": str(name)}:
            return _ref(name)
        case {"Fn::GetAtt": [name, attribute]}:
            return _attribute(name, attribute)
        case {"Fn::Sub": str(text)}:
            return _filled(text, {})
        case {"Fn::Sub": [str(text), dict(names)]}:
            return _filled(text, {name: resolved(own) for name, own in names.items()})
        case dict():
            return {key: resolved(inner) for key, inner in value.items()}
        case list():
            return [inner for inner in map(resolved, value) if inner is not None]
    return value


def _filled(text: str, names: Mapping[str, str]) -> str:
    return re.sub(r"\$\{([^}]+)\}", lambda found: names.get(found[1]) or _named(found[1]), text)


def _named(name: str) -> str:
    resource, _, attribute = name.partition(".")
    return _attribute(resource, attribute) if attribute else _ref(name)


def _ref(name: str) -> str:
    if name in PSEUDO or name in PARAMETERS:
        return PSEUDO.get(name) or PARAMETERS[name]
    kind = deployed()[name]["Type"]
    return _arn(name) if kind in _BY_ARN else _physical(name)


def _attribute(name: str, attribute: str) -> str:
    match attribute:
        case "Arn":
            return _arn(name)
        case "StreamArn":
            return f"{_arn(name)}/stream/2026-11-29T00:00:00.000"
    raise LookupError(f"{name}.{attribute}")


def _arn(name: str) -> str:
    form = ARNS[deployed()[name]["Type"]]
    return "arn:aws:" + form.format(at=_AT, account=ACCOUNT, name=_physical(name))


def _physical(name: str) -> str:
    """S3 takes no capitals."""
    return name.lower() if deployed()[name]["Type"] == "AWS::S3::Bucket" else name
