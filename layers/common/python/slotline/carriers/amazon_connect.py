"""Amazon Connect: calls into a flow, by StartOutboundVoiceContact.

Connect knows an order by its client token for a week, so what is sent twice rings once. Nothing is sent twice all the
same: a second sending would place a call whose hour has passed. What is known of an answer that was lost is searched by
the attempt's attribute, which finds it only where the instance makes that attribute searchable; where it finds nothing
nobody knows, and the attempt stays Unknown.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
)

from slotline.aws import NoTimeLeftError, Patience
from slotline.domain.dialing.carrier_orders import RINGS_FOR, Order, Report
from slotline.domain.dialing.statuses import DialStatus
from slotline.ports.dialing import CarrierRefused, CarrierUnknownError

if TYPE_CHECKING:
    from mypy_boto3_connect import ConnectClient

PLACING = Patience(connect_seconds=3, read_seconds=10, tries=1)
"""Not repeated here: the order's hour may have passed by then."""

ATTEMPT, CALL = "slotline_attempt", "slotline_call_id"

_FOR_GOOD = frozenset(
    {
        "DestinationNotAllowedException",
        "InvalidParameterException",
        "InvalidRequestException",
        "OutboundContactNotPermittedException",
    }
)
_FOR_NOW = frozenset(
    {"AccessDeniedException", "LimitExceededException", "ResourceNotFoundException", "ThrottlingException"}
)
_NOT_SENT = (ConnectTimeoutError, EndpointConnectionError, NoCredentialsError, NoTimeLeftError)
_MACHINES = frozenset({"FAX_MACHINE_DETECTED", "VOICEMAIL_BEEP", "VOICEMAIL_NO_BEEP"})
_ENDED_AS = {
    "AMD_UNANSWERED": DialStatus.NO_ANSWER,
    "SIT_TONE_BUSY": DialStatus.BUSY,
    "SIT_TONE_DETECTED": DialStatus.FAILED,
    "SIT_TONE_INVALID_NUMBER": DialStatus.FAILED,
}
_ERRORS = frozenset({"OUTBOUND_DESTINATION_ENDPOINT_ERROR", "OUTBOUND_RESOURCE_ERROR", "TELECOM_PROBLEM"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectCarrier:
    """`Carrier` on one Amazon Connect instance. `client` must not repeat requests (`PLACING`)."""

    client: "ConnectClient"
    instance_id: str
    flow_id: str

    def dial(self, order: Order) -> str:
        """One StartOutboundVoiceContact; the contact's id. Raises CarrierRefused or CarrierUnknownError."""
        request: dict[str, Any] = {
            "InstanceId": self.instance_id,
            "ContactFlowId": self.flow_id,
            "DestinationPhoneNumber": order.to,
            "SourcePhoneNumber": order.from_number,
            "ClientToken": order.token,
            "RingTimeoutInSeconds": int(RINGS_FOR.total_seconds()),
            "Attributes": {
                ATTEMPT: order.token,
                CALL: order.call_id,
                "slotline_use_case_id": order.use_case_id,
                "slotline_max_seconds": str(int(order.max_duration.total_seconds())),
            },
        }
        if order.detects_machines and order.campaign_id:  # only traffic of campaigns has it
            request |= {
                "TrafficType": "CAMPAIGN",
                "CampaignId": order.campaign_id,
                "AnswerMachineDetectionConfig": {
                    "EnableAnswerMachineDetection": True,
                    "AwaitAnswerMachinePrompt": order.waits_for_the_tone,
                },
            }
        try:
            return str(self.client.start_outbound_voice_contact(**request)["ContactId"])
        except ClientError as error:
            code = str(error.response.get("Error", {}).get("Code", ""))
            if code in _FOR_GOOD or code in _FOR_NOW:
                raise CarrierRefused(code, may_pass=code in _FOR_NOW) from None
            raise CarrierUnknownError(code) from None
        except ParamValidationError as error:
            raise CarrierRefused(type(error).__name__) from None
        except _NOT_SENT as error:
            raise CarrierRefused(type(error).__name__, may_pass=True) from None
        except BotoCoreError as error:
            raise CarrierUnknownError(type(error).__name__) from None

    def look_up(self, order: Order, carrier_call_id: str | None, claimed_at: datetime) -> Report | None:
        """One DescribeContact, after one SearchContacts where the contact's id is not known."""
        with _or_nobody_knows():
            contact_id = carrier_call_id or self._found(order, claimed_at)
            contact = self.client.describe_contact(InstanceId=self.instance_id, ContactId=contact_id)["Contact"]
            return report_of(contact)

    def hang_up(self, carrier_call_id: str) -> None:
        """One StopContact."""
        with _or_nobody_knows():
            self.client.stop_contact(InstanceId=self.instance_id, ContactId=carrier_call_id)

    def _found(self, order: Order, claimed_at: datetime) -> str:
        answer = self.client.search_contacts(
            InstanceId=self.instance_id,
            TimeRange={
                "Type": "INITIATION_TIMESTAMP",
                "StartTime": claimed_at - timedelta(minutes=1),
                "EndTime": claimed_at + timedelta(hours=1),
            },
            SearchCriteria={
                "SearchableContactAttributes": {"Criteria": [{"Key": ATTEMPT, "Values": [order.token]}]},
            },
        )
        if not answer["Contacts"]:
            raise CarrierUnknownError("no contact has been found")
        return str(answer["Contacts"][0]["Id"])


def report_of(contact: Any) -> Report:
    """What a contact tells of its attempt."""
    heard = contact.get("AnsweringMachineDetectionStatus")
    is_machine = True if heard in _MACHINES else False if heard == "HUMAN_ANSWERED" else None
    return Report(status=_status_of(contact, heard), carrier_call_id=contact["Id"], answered_by_machine=is_machine)


def _status_of(contact: Any, heard: str | None) -> DialStatus:
    was_connected = contact.get("ConnectedToSystemTimestamp") is not None
    if contact.get("DisconnectTimestamp") is None:
        return DialStatus.IN_PROGRESS if was_connected else DialStatus.INITIATED
    if heard in _ENDED_AS:
        return _ENDED_AS[heard]
    if was_connected:
        return DialStatus.COMPLETED
    return DialStatus.FAILED if contact.get("DisconnectReason") in _ERRORS else DialStatus.NO_ANSWER


@contextmanager
def _or_nobody_knows() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        raise CarrierUnknownError(str(error.response.get("Error", {}).get("Code", ""))) from None
    except BotoCoreError as error:
        raise CarrierUnknownError(type(error).__name__) from None
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        raise CarrierUnknownError("the answer cannot be read") from error
