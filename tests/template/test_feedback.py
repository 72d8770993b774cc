"""What providers say of messages finds its way from them to the function that records it, and nothing else does."""

import re
from typing import Any

import pytest

from slotline.channels.aws_feedback import SES_EVENTS, SMS_EVENTS
from tests.support.aws.template import deployed, functions, template

TOPIC = {"Ref": "FeedbackTopic"}
OWN_ACCOUNT = {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
CONDITIONS = {
    "nothing set up": {},
    "all set up": {
        "EmailSender": "calls@slotline.example",
        "SmsOriginationIdentity": "pool",
        "WhatsAppPhoneNumberArn": "arn",
    },
    "sets of the operator": {
        "EmailSender": "calls@slotline.example",
        "EmailConfigurationSet": "mine",
        "SmsOriginationIdentity": "pool",
        "SmsConfigurationSet": "mine",
    },
}
"""Parameters of deployments; what is not named is empty."""


def holds(condition: Any, parameters: dict[str, str]) -> bool:
    """Whether a condition of the template is true of a deployment."""
    match condition:
        case {"Condition": str(name)} | str(name):
            return holds(template()["Conditions"][name], parameters)
        case {"Fn::Not": [inner]}:
            return not holds(inner, parameters)
        case {"Fn::And": [*inner]}:
            return all(holds(one, parameters) for one in inner)
        case {"Fn::Equals": [{"Ref": str(name)}, str(value)]}:
            return parameters.get(name, "") == value
    raise AssertionError(condition)


def chosen(value: Any, parameters: dict[str, str]) -> Any:
    """A value with its conditions decided."""
    match value:
        case {"Fn::If": [str(condition), then, otherwise]}:
            return chosen(then if holds(condition, parameters) else otherwise, parameters)
        case dict():
            return {name: chosen(inner, parameters) for name, inner in value.items()}
        case list():
            decided = [chosen(inner, parameters) for inner in value]
            return [one for one in decided if one != {"Ref": "AWS::NoValue"}]
    return value


def there(name: str, parameters: dict[str, str]) -> bool:
    """Whether a deployment has this resource."""
    resource = deployed()[name]
    return "Condition" not in resource or holds(resource["Condition"], parameters)


def referred(value: Any) -> set[str]:
    """The resources that a value refers to."""
    match value:
        case {"Ref": str(name)}:
            return {name} & deployed().keys()
        case {"Fn::GetAtt": [str(name), _]}:
            return {name}
        case {"Fn::Sub": str(text)}:
            return set(re.findall(r"\$\{(\w+)", text)) & deployed().keys()
        case dict():
            return set().union(*map(referred, value.values()))
        case list():
            return set().union(*map(referred, value))
    return set()


def test_the_services_are_asked_for_what_the_reader_understands() -> None:
    email = deployed()["EmailEventsDestination"]["Properties"]["EventDestination"]
    (sms,) = deployed()["SmsEvents"]["Properties"]["EventDestinations"]
    assert email["MatchingEventTypes"] == list(SES_EVENTS)
    assert sorted(sms["MatchingEventTypes"]) == sorted(SMS_EVENTS)
    assert email["SnsDestination"] == {"TopicARN": TOPIC}
    assert sms["SnsDestination"] == {"TopicArn": TOPIC}
    assert email["Enabled"] is sms["Enabled"] is True


def test_the_topic_brings_each_event_as_it_is_to_the_queue_of_the_function() -> None:
    subscription = deployed()["FeedbackSubscription"]["Properties"]
    queue = {"Fn::GetAtt": ["FeedbackQueue", "Arn"]}
    assert subscription == {"TopicArn": TOPIC, "Protocol": "sqs", "Endpoint": queue, "RawMessageDelivery": True}
    mapping = deployed()["RecordFeedbackFunctionTold"]["Properties"]
    assert mapping["FunctionName"] == {"Ref": "RecordFeedbackFunctionAliaslive"}
    assert mapping["EventSourceArn"] == queue
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert mapping["ScalingConfig"]["MaximumConcurrency"] >= 2


def test_only_the_topic_of_this_account_may_send_to_the_queue() -> None:
    (statement,) = deployed()["FeedbackQueuePolicy"]["Properties"]["PolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": "sns.amazonaws.com"}
    assert statement["Action"] == "sqs:SendMessage"
    assert statement["Condition"] == {"ArnEquals": {"aws:SourceArn": TOPIC}, "StringEquals": OWN_ACCOUNT}


def test_a_message_is_hidden_for_six_times_as_long_as_its_function_may_take() -> None:
    timeout = functions()["reminders/record_feedback"].own["Timeout"]
    assert deployed()["FeedbackQueue"]["Properties"]["VisibilityTimeout"] >= 6 * timeout


@pytest.mark.parametrize("parameters", CONDITIONS.values(), ids=CONDITIONS)
def test_only_the_services_that_send_for_this_stack_may_publish(parameters: dict[str, str]) -> None:
    document = chosen(deployed()["FeedbackTopicPolicy"]["Properties"]["PolicyDocument"], parameters)
    found = {one["Principal"]["Service"].partition(".")[0]: one for one in document["Statement"]}
    sends = {"EmailSender": "ses", "WhatsAppPhoneNumberArn": "social-messaging"}
    assert found.keys() == {"sms-voice", *(service for name, service in sends.items() if name in parameters)}
    for statement in found.values():
        assert (statement["Action"], statement["Resource"]) == ("sns:Publish", TOPIC)
    for service in found.keys() & {"ses", "sms-voice"}:
        assert found[service]["Condition"]["StringEquals"] == OWN_ACCOUNT
        text, names = found[service]["Condition"]["ArnEquals"]["aws:SourceArn"]["Fn::Sub"]
        assert (
            text
            == f"arn:${{AWS::Partition}}:{service}:${{AWS::Region}}:${{AWS::AccountId}}:configuration-set/${{Name}}"
        )
        own = {"ses": "EmailConfigurationSet", "sms-voice": "SmsConfigurationSet"}[service]
        made = {"ses": {"Ref": "EmailEvents"}, "sms-voice": {"Fn::Sub": "${AWS::StackName}-sms"}}[service]
        assert names == {"Name": {"Ref": own} if own in parameters else made}


def test_the_set_that_is_named_in_the_policy_is_the_one_that_is_made() -> None:
    assert deployed()["SmsEvents"]["Properties"]["ConfigurationSetName"] == {"Fn::Sub": "${AWS::StackName}-sms"}


@pytest.mark.parametrize("name", ["EmailEventsDestination", "SmsEvents"])
def test_a_destination_is_made_once_it_may_publish(name: str) -> None:
    assert deployed()[name]["DependsOn"] in ("FeedbackTopicPolicy", ["FeedbackTopicPolicy"])


@pytest.mark.parametrize("parameters", CONDITIONS.values(), ids=CONDITIONS)
def test_a_stack_makes_the_sets_that_it_sends_with_unless_it_is_given_some(parameters: dict[str, str]) -> None:
    variables = chosen(functions()["reminders/send"].own["Environment"]["Variables"], parameters)
    for channel, sends in (("Email", "EmailSender"), ("Sms", "SmsOriginationIdentity")):
        named = f"{channel}ConfigurationSet"
        makes = sends in parameters and named not in parameters
        assert there(f"{channel}Events", parameters) is makes
        used = variables[f"{channel.upper()}_CONFIGURATION_SET"]
        assert used == {"Ref": f"{channel}Events" if makes else named}
    assert there("EmailEventsDestination", parameters) is there("EmailEvents", parameters)
    for alarm in ("EmailBounceRateAlarm", "EmailComplaintRateAlarm"):
        assert there(alarm, parameters) is ("EmailSender" in parameters)


@pytest.mark.parametrize("parameters", CONDITIONS.values(), ids=CONDITIONS)
def test_nothing_refers_to_what_a_deployment_does_not_have(parameters: dict[str, str]) -> None:
    """CloudFormation would refuse the whole stack."""
    for name, resource in deployed().items():
        if there(name, parameters):
            for used in referred(chosen(resource.get("Properties", {}), parameters)) - {"AWS::NoValue"}:
                assert there(used, parameters), f"{name} refers to {used}"


def test_the_rates_that_ring_are_of_this_stacks_mail_and_below_those_at_which_ses_reviews_an_account() -> None:
    """https://docs.aws.amazon.com/ses/latest/dg/faqs-enforcement.html: 5 % and 0.1 %."""
    for name, review in (("EmailBounceRateAlarm", 0.05), ("EmailComplaintRateAlarm", 0.001)):
        alarm = deployed()[name]["Properties"]
        assert 0.5 * review < alarm["Threshold"] < review
        ((dimension, value),) = [(one["Name"], one["Value"]) for one in alarm["Dimensions"]]
        assert dimension == "ses:configuration-set"
        assert chosen(value, {}) == {"Ref": "EmailEvents"}
    assert deployed()["EmailEvents"]["Properties"]["ReputationOptions"] == {"ReputationMetricsEnabled": True}
