"""A small project of its own, so that these tests do not depend on the product's functions."""

import asyncio
import builtins
import contextlib
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import httpx
import pytest

from local import console
from local.carrier import LocalCarrier, Manners
from local.clock import LocalClock
from local.feedback import Feedback
from local.gateway.app import Gateway
from local.gateway.pages import pages
from local.gateway.start_page import StartPage
from local.host.door import PATH, Door
from local.host.pool import Pool
from local.inbox import Inbox
from local.providers import Providers
from local.server import make_server, stop
from local.sockets import listen
from local.template import read_template
from tests.support import patient

TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Parameters:
  Stage: {Type: String}
  ApiBaseUrl: {Type: String}
Globals:
  Function:
    Runtime: python3.13
    Handler: app.handler
    Timeout: 5
    AutoPublishAlias: live
    Layers: [!Ref CommonLayer]
    Environment: {Variables: {STAGE: !Ref Stage, SCHEDULING_TABLE: !Ref Things, API: !Ref ApiBaseUrl}}
Resources:
  CommonLayer:
    Type: AWS::Serverless::LayerVersion
    Properties: {ContentUri: layers/common}
  Api:
    Type: AWS::Serverless::HttpApi
    Properties:
      Auth:
        DefaultAuthorizer: Guard
        Authorizers:
          Guard:
            FunctionArn: !Ref Guard.Alias
            AuthorizerPayloadFormatVersion: "2.0"
            EnableSimpleResponses: true
            Identity: {Headers: [Authorization], ReauthorizeEvery: 0}
      DefinitionBody:
        openapi: "3.0.1"
        info: {title: Things, version: "1.0"}
        paths:
          "/echo/{id}":
            x-amazon-apigateway-any-method:
              security: [{NONE: []}]
              x-amazon-apigateway-integration: {$ref: "#/components/x-amazon-apigateway-integrations/Echo"}
          /guarded:
            get:
              x-amazon-apigateway-integration: {$ref: "#/components/x-amazon-apigateway-integrations/Echo"}
          "/odd/{case}":
            x-amazon-apigateway-any-method:
              security: [{NONE: []}]
              x-amazon-apigateway-integration: {$ref: "#/components/x-amazon-apigateway-integrations/Odd"}
          "/hasty/{case}":
            get:
              security: [{NONE: []}]
              x-amazon-apigateway-integration: {$ref: "#/components/x-amazon-apigateway-integrations/Hasty"}
          "/slow/{case}":
            get:
              security: [{NONE: []}]
              x-amazon-apigateway-integration:
                type: aws_proxy
                httpMethod: POST
                payloadFormatVersion: "2.0"
                timeoutInMillis: 300
                uri: !Sub "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Slow.Arn}/invocations"
          /broken:
            get:
              security: [{NONE: []}]
              x-amazon-apigateway-integration: {$ref: "#/components/x-amazon-apigateway-integrations/Broken"}
        components:
          x-amazon-apigateway-integrations:
            Echo:
              type: aws_proxy
              httpMethod: POST
              payloadFormatVersion: "2.0"
              uri: !Sub
                - "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Live}/invocations"
                - {Live: !Ref Echo.Alias}
            Odd:
              type: aws_proxy
              httpMethod: POST
              payloadFormatVersion: "2.0"
              uri: !Sub "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Odd.Alias}/invocations"
            Hasty:
              type: aws_proxy
              httpMethod: POST
              payloadFormatVersion: "2.0"
              uri: !Sub "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Hasty.Alias}/invocations"
            Broken:
              type: aws_proxy
              httpMethod: POST
              payloadFormatVersion: "2.0"
              uri: !Sub "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Broken.Alias}/invocations"
  Echo:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: functions/echo}
  Odd:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: functions/odd, Timeout: 29}
  Hasty:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: functions/odd, Timeout: 1}
  Slow:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: functions/odd, Timeout: 29}
  Guard:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: functions/guard}
  Queued:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: functions/odd, Timeout: 29}
  QueuedDue:
    Type: AWS::Lambda::EventSourceMapping
    Properties: {FunctionName: !Ref Queued.Alias, EventSourceArn: !GetAtt Q.Arn, ScalingConfig: {MaximumConcurrency: 3}}
  Twice:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: functions/odd, Timeout: 29}
  TwiceDue:
    Type: AWS::Lambda::EventSourceMapping
    Properties: {FunctionName: !Ref Twice.Alias, EventSourceArn: !GetAtt Q.Arn, ScalingConfig: {MaximumConcurrency: 3}}
  TwiceLate:
    Type: AWS::Lambda::EventSourceMapping
    Properties: {FunctionName: !Ref Twice.Alias, EventSourceArn: !GetAtt R.Arn, ScalingConfig: {MaximumConcurrency: 90}}
  Broken:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: functions/broken}
  Things:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: pk, AttributeType: S}]
      KeySchema: [{AttributeName: pk, KeyType: HASH}]
"""

FILES = {
    "layers/common/shared.py": "GREETING = 'hello'\n",
    "layers/common/rarely/__init__.py": "",
    "layers/common/rarely/needed.py": "",
    "layers/common/rarely/mistaken.py": "raise SystemExit('a mistake in what is rarely needed')\n",
    "functions/echo/app.py": """
        import json, os
        from shared import GREETING

        def handler(event, context):
            about = {"event": event, "greeting": GREETING, "table": os.environ.get("SCHEDULING_TABLE"),
                     "stage": os.environ.get("STAGE"), "name": context.function_name, "pid": os.getpid(),
                     "left": context.get_remaining_time_in_millis(), "id": context.aws_request_id}
            return {"statusCode": 200, "headers": {"Content-Type": "application/json"}, "body": json.dumps(about)}
        """,
    "functions/guard/app.py": """
        def handler(event, context):
            token = event["identitySource"][0]
            if token == "nonsense":
                return {"yes": 1}
            return {"isAuthorized": token != "no", "context": {"token": token, "body": "body" in event}}
        """,
    "functions/odd/app.py": """
        import importlib, os, sys, time
        from decimal import Decimal

        CURRENT = None

        def exclusive(event):
            global CURRENT
            CURRENT = event["queryStringParameters"]["n"]
            time.sleep(0.02)
            return CURRENT

        CASES = {
            "raises": lambda event: 1 / 0,
            "exits": lambda event: os._exit(3),
            "sleeps": lambda event: time.sleep(30),
            "naps": lambda event: time.sleep(0.6),
            "waits": lambda event: [time.sleep(0.02) for _ in iter(lambda: os.path.exists(event["until"]), True)],
            "spans": lambda event: [time.time(), time.sleep(0.2), time.time()],
            "big": lambda event: {"statusCode": 200, "body": "x" * 6_300_000},
            "unmarshalled": lambda event: object(),
            "dict": lambda event: {"price": Decimal("1.5")},
            "text": lambda event: "just text",
            "nothing": lambda event: None,
            "no-content": lambda event: {"statusCode": 204},
            "plain": lambda event: {"statusCode": 200, "body": "plain"},
            "binary": lambda event: {"statusCode": 200, "body": "AP8=", "isBase64Encoded": True},
            "cookies": lambda event: {"statusCode": 200, "cookies": ["a=1; Secure", "b=2"], "headers": {"X-Count": 7}},
            "challenge": lambda event: {
                "statusCode": 401, "headers": {"WWW-Authenticate": "Bearer", "Upgrade": "h2", "X-Kept": "1"}
            },
            "type": lambda event: event["headers"].get("content-type"),
            "bad-status": lambda event: {"statusCode": "many"},
            "bad-body": lambda event: {"statusCode": 200, "body": {"a": 1}},
            "split": lambda event: {"statusCode": 200, "headers": {"x": "a\\r\\nset-cookie: b"}},
            "length": lambda event: len(event.get("body", "")),
            "exclusive": exclusive,
            "environment": lambda event: dict(os.environ),
            "loaded": lambda event: sorted(name for name in sys.modules if name.startswith("rarely")),
            "mistaken": lambda event: importlib.import_module("rarely.mistaken"),
        }

        def handler(event, context):
            return CASES[event["pathParameters"]["case"]](event)
        """,
    "functions/broken/app.py": "def handler(event, context)\n    return 1\n",
}


def write_project(root: Path) -> Path:
    """The fixture project; its template's path."""
    for name, text in {**FILES, "template.yaml": TEMPLATE}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))
    return root / "template.yaml"


@dataclass
class Live:
    """Gateway and host on real sockets, without an emulator."""

    url: str
    private_url: str


@contextlib.contextmanager
def serving(template: Path, log: Path, environments: int = 16, *, renames_headers: bool = False) -> Iterator[Live]:
    started: Future[tuple[Live, Callable[[], None]]] = Future()

    async def main() -> None:
        public, private = listen(0), listen(0)
        pool = Pool(log, environments)
        inbox, carrier = Inbox(), LocalCarrier(Manners(rings_for=0.01, talks_for=0.01))
        clock = LocalClock()
        gateway = Gateway(pool, renames_headers=renames_headers)
        gateway.show(pages(inbox, carrier, clock, StartPage(clock, {}, gateway.serves)))
        port, private_port = public[0].getsockname()[1], private[0].getsockname()[1]
        server = make_server(gateway, Door(pool), Providers(inbox, carrier, Feedback()), private_port)
        task = asyncio.create_task(server.serve(sockets=[*public, *private]))
        read = read_template(template)
        await pool.load(read, {"SCHEDULING_TABLE": "things", "STAGE": "local"}, {"Echo": "local-Echo"})
        gateway.use(read)
        ended, loop = asyncio.Event(), asyncio.get_running_loop()
        live = Live(f"http://127.0.0.1:{port}", f"http://127.0.0.1:{private_port}{PATH}")
        started.set_result((live, lambda: loop.call_soon_threadsafe(ended.set) and None))
        await ended.wait()
        await stop(server, task)
        await pool.close()

    def body() -> None:
        try:
            asyncio.run(main())
        except BaseException as error:
            if started.done():
                raise
            started.set_exception(error)

    thread = threading.Thread(target=body)
    with log.with_name("output.log").open("w") as output, _said_by(thread, output):
        thread.start()
        live, end = started.result(60)
        try:
            yield live
        finally:
            end()
            thread.join(10)


@contextlib.contextmanager
def _said_by(thread: threading.Thread, output: TextIO) -> Iterator[None]:
    """What a server says on this thread goes into a file. Others say it where a test that looks finds it."""

    def write(text: str, *, file: TextIO, flush: bool) -> None:
        builtins.print(text, file=output if threading.current_thread() is thread else file, flush=flush)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(console, "print", write, raising=False)
        yield


@pytest.fixture(scope="package")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    root = tmp_path_factory.mktemp("project")
    with serving(write_project(root), root / "functions.log") as running:
        yield running


@pytest.fixture
def http(live: Live) -> Iterator[httpx.Client]:
    with patient.Client(base_url=live.url) as client:
        yield client


def eventually(condition: Callable[[], bool], seconds: float = 60) -> None:
    """Wait for a condition, and fail where it does not come true."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not come true in time"
        time.sleep(0.03)
