"""A domain of your own: all of it with one name and one certificate, nothing of it without."""

from typing import Any

import pytest

from tests.support.aws.template import deployed, template, transformed

OF_THE_DOMAIN = {"ApiDomain": "HasDomain", "ApiDomainMapping": "HasDomain", "ApiDomainRecord": "HasHostedZone"}


def _of(name: str) -> dict[str, Any]:
    found: dict[str, Any] = deployed()[name]
    return found


def test_these_resources_are_there_only_if_there_is_a_domain():
    assert {name: found["Condition"] for name, found in deployed().items() if "Domain" in name} == OF_THE_DOMAIN


def test_the_domain_leads_to_the_stage_that_is_served():
    mapping = _of("ApiDomainMapping")["Properties"]
    stage = mapping["Stage"]["Ref"]
    assert deployed()[stage]["Type"] == "AWS::ApiGatewayV2::Stage"
    assert mapping["ApiId"] == {"Ref": "HttpApi"}
    assert mapping["DomainName"] == {"Ref": "ApiDomain"}
    assert "ApiMappingKey" not in mapping, "paths are as they are without a domain"


def test_its_address_in_dns_is_that_of_the_region():
    record = _of("ApiDomainRecord")["Properties"]
    assert record["AliasTarget"]["DNSName"] == {"Fn::GetAtt": ["ApiDomain", "RegionalDomainName"]}
    assert record["AliasTarget"]["HostedZoneId"] == {"Fn::GetAtt": ["ApiDomain", "RegionalHostedZoneId"]}
    (configuration,) = _of("ApiDomain")["Properties"]["DomainNameConfigurations"]
    assert (configuration["EndpointType"], configuration["SecurityPolicy"]) == ("REGIONAL", "TLS_1_2")


ADDRESS = {"Fn::Sub": "https://${ApiDomainName}"}


def test_tokens_are_issued_in_its_name():
    variables = template()["Globals"]["Function"]["Environment"]["Variables"]
    assert variables["API_BASE_URL"] == {"Fn::If": ["HasDomain", ADDRESS, {"Ref": "ApiBaseUrl"}]}


@pytest.mark.parametrize("stage", ["staging", "production"])
def test_the_stack_says_where_it_answers(stage: str):
    outputs = transformed(stage)["Outputs"]
    assert outputs["ApiUrl"]["Value"]["Fn::If"][:2] == ["HasDomain", ADDRESS]
    assert outputs["ApiDomainTarget"]["Condition"] == "HasDomain"
