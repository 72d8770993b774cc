"""What our own clients know of each service: where it is, how it is spoken to, and which of its operations are used.

All of it follows the models that botocore carries, and the tests compare the two. A service or an operation that is
not here is added here, in a line.
"""

from collections.abc import Mapping
from typing import NamedTuple


class Operation(NamedTuple):
    """One request of a service's API. Members in braces go into the path, the others into the body."""

    name: str
    method: str = "POST"
    path: str = "/"
    blobs: tuple[str, ...] = ()
    """Members of the answer that are bytes, which JSON has in base 64."""


class Service(NamedTuple):
    """A service of AWS."""

    name: str
    """As boto3 names its client."""
    operations: Mapping[str, Operation]
    """By the names of boto3's methods."""
    target: str = ""
    """Before an operation's name, in the header that names it. Empty: the path names it, and this is REST."""
    content_type: str = "application/json"
    host: str = ""
    """The first part of its addresses, `https://<host>.<region>.amazonaws.com`, if that is not its name."""
    scope: str = ""
    """What requests to it are signed for, if that is not its host."""
    id: str = ""
    """What ends the variable of its address, `AWS_ENDPOINT_URL_<ID>`, if that is not its name."""
    was_xml: bool = False
    """Spoke XML once (`awsQueryCompatible`): if it is asked to, it says the codes of errors of that time as well."""
    repeated: frozenset[str] = frozenset()
    """Errors that its model says may be tried again, beside those of all services."""

    @property
    def first_part(self) -> str:
        """Of its addresses."""
        return self.host or self.name

    @property
    def signed_for(self) -> str:
        """The name in the scope of signatures."""
        return self.scope or self.first_part

    @property
    def variable(self) -> str:
        """What the environment may say its address by."""
        return f"AWS_ENDPOINT_URL_{self.id or self.name.upper().replace('-', '_')}"


_JSON_1_0, _JSON_1_1 = "application/x-amz-json-1.0", "application/x-amz-json-1.1"

DYNAMODB = Service(
    "dynamodb",
    {
        "batch_get_item": Operation("BatchGetItem"),
        "batch_write_item": Operation("BatchWriteItem"),
        "delete_item": Operation("DeleteItem"),
        "get_item": Operation("GetItem"),
        "put_item": Operation("PutItem"),
        "query": Operation("Query"),
        "scan": Operation("Scan"),
        "transact_write_items": Operation("TransactWriteItems"),
        "update_item": Operation("UpdateItem"),
    },
    target="DynamoDB_20120810",
    content_type=_JSON_1_0,
    repeated=frozenset({"ReplicatedWriteConflictException"}),
)

_ALL = (
    DYNAMODB,
    Service(
        "connect",
        {
            "describe_contact": Operation("DescribeContact", "GET", "/contacts/{InstanceId}/{ContactId}"),
            "search_contacts": Operation("SearchContacts", path="/search-contacts"),
            "start_outbound_voice_contact": Operation("StartOutboundVoiceContact", "PUT", "/contact/outbound-voice"),
            "stop_contact": Operation("StopContact", path="/contact/stop"),
        },
    ),
    Service(
        "kms",
        {
            "get_public_key": Operation("GetPublicKey", blobs=("PublicKey",)),
            "sign": Operation("Sign", blobs=("Signature",)),
        },
        target="TrentService",
        content_type=_JSON_1_1,
    ),
    Service(
        "pinpoint-sms-voice-v2",
        {"send_text_message": Operation("SendTextMessage")},
        host="sms-voice",
        target="PinpointSMSVoiceV2",
        content_type=_JSON_1_0,
        repeated=frozenset({"InternalServerException", "ThrottlingException"}),
    ),
    # It speaks no JSON: `slotline.aws.s3`.
    Service(
        "s3",
        {
            "abort_multipart_upload": Operation("AbortMultipartUpload", "DELETE"),
            "complete_multipart_upload": Operation("CompleteMultipartUpload"),
            "create_multipart_upload": Operation("CreateMultipartUpload"),
            "delete_object": Operation("DeleteObject", "DELETE"),
            "get_object": Operation("GetObject", "GET"),
            "head_object": Operation("HeadObject", "HEAD"),
            "list_parts": Operation("ListParts", "GET"),
            "put_object": Operation("PutObject", "PUT"),
            "upload_part": Operation("UploadPart", "PUT"),
            "upload_part_copy": Operation("UploadPartCopy", "PUT"),
        },
    ),
    Service(
        "scheduler",
        {"create_schedule": Operation("CreateSchedule", path="/schedules/{Name}")},
    ),
    Service(
        "secretsmanager",
        {"get_secret_value": Operation("GetSecretValue")},
        target="secretsmanager",
        content_type=_JSON_1_1,
        id="SECRETS_MANAGER",
    ),
    Service(
        "sesv2",
        {"send_email": Operation("SendEmail", path="/v2/email/outbound-emails")},
        host="email",
        scope="ses",
    ),
    Service(
        "socialmessaging",
        {"send_whatsapp_message": Operation("SendWhatsAppMessage", path="/v1/whatsapp/send")},
        host="social-messaging",
        repeated=frozenset({"DependencyException", "InternalServiceException", "ThrottledRequestException"}),
    ),
    Service(
        "sqs",
        {"send_message": Operation("SendMessage"), "send_message_batch": Operation("SendMessageBatch")},
        target="AmazonSQS",
        content_type=_JSON_1_0,
        was_xml=True,
    ),
)

SERVICES = {service.name: service for service in _ALL}
