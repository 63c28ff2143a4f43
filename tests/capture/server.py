"""AWS on the loopback interface: who asks, and where, stands in the signature of a request."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.capture import wire
from tests.capture.aws import Asked, Aws, Failure

_SIGNATURE = re.compile(r"Credential=([^/]+)/\d+/([^/]+)/([^/]+)/aws4_request")
_SUBRESOURCES = {
    "replication": "GetBucketReplication",
    "versioning": "GetBucketVersioning",
    "location": "GetBucketLocation",
    "policy": "GetBucketPolicy",
    "policyStatus": "GetBucketPolicyStatus",
    "publicAccessBlock": "GetPublicAccessBlock",
    "acl": "GetBucketAcl",
    "ownershipControls": "GetBucketOwnershipControls",
    "encryption": "GetBucketEncryption",
    "object-lock": "GetObjectLockConfiguration",
    "lifecycle": "GetBucketLifecycleConfiguration",
    "requestPayment": "GetBucketRequestPayment",
    "tagging": "GetBucketTagging",
}


class Stage:
    """Where AWS is, and which accounts it has at the moment."""

    def __init__(self, aws: Aws) -> None:
        self.aws = aws
        self.endpoint = ""


@contextmanager
def serving(aws: Aws) -> Iterator[Stage]:
    """Serve accounts for as long as the context lasts."""
    stage = Stage(aws)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Headers and body in one packet: a delayed acknowledgement costs 40 ms a call.
        wbufsize = -1

        def log_message(self, *_: Any) -> None:
            pass

        def do_GET(self) -> None:
            self._serve()

        def do_POST(self) -> None:
            self._serve()

        def do_HEAD(self) -> None:
            self._serve()

        def _serve(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            sent = self.rfile.read(length)
            asked = _asked(self.command, self.path, dict(self.headers.items()), sent)
            aws = stage.aws
            try:
                result = aws.answer(asked)
                status = 200
                said, headers = wire.body(asked.service, asked.operation, result)
            except Failure as failure:
                status = failure.status
                more = {k: v for k, v in failure.more.items() if not k.startswith("x-")}
                headers = {k: v for k, v in failure.more.items() if k.startswith("x-")}
                said = wire.error(asked.service, failure.code, "no", **more)
                if asked.operation.startswith("Head") and asked.params["Bucket"] in aws.buckets:
                    headers["x-amz-bucket-region"] = aws.buckets[asked.params["Bucket"]].region
            if self.command == "HEAD":
                said = b""
            self.send_response(status)
            # The head of an object tells how long its body would be.
            own = {"Content-Length": str(len(said)), "x-amz-request-id": "REQUEST"}
            for name, value in {**own, **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(said)

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        try:
            stage.endpoint = f"http://127.0.0.1:{server.server_port}"
            yield stage
        finally:
            server.shutdown()


def _asked(method: str, path: str, headers: dict[str, str], sent: bytes) -> Asked:
    headers = {name.lower(): value for name, value in headers.items()}
    signature = _SIGNATURE.search(headers["authorization"])
    assert signature is not None, headers
    account, region, service = signature.groups()
    account = account.removeprefix("KEYOF")
    split = urlsplit(path)
    query = {k: v[0] for k, v in parse_qs(split.query, keep_blank_values=True).items()}
    if service in ("iam", "sts"):
        form = {k: v[0] for k, v in parse_qs(sent.decode()).items()}
        operation = form.pop("Action")
        form.pop("Version")
        return Asked(account, service, region, operation, form)
    if "x-amz-target" in headers:
        operation = headers["x-amz-target"].split(".")[1]
        return Asked(account, service, region, operation, json.loads(sent))
    assert method in ("GET", "HEAD"), path
    if "x-amz-account-id" in headers:
        params = {"AccountId": headers["x-amz-account-id"]}
        assert split.path.endswith("/configuration/publicAccessBlock")
        return Asked(account, "s3control", region, "GetPublicAccessBlock", params)
    bucket, _, key = unquote(split.path.removeprefix("/")).partition("/")
    if key:
        named = "HeadObject" if method == "HEAD" else "GetObjectAcl"
        assert method == "HEAD" or query == {"acl": ""}, path
        return Asked(account, "s3", region, named, {"Bucket": bucket, "Key": key})
    if not bucket:
        token = (
            {"ContinuationToken": query["continuation-token"]}
            if "continuation-token" in query
            else {}
        )
        return Asked(account, "s3", region, "ListBuckets", token)
    operation = (
        "HeadBucket"
        if method == "HEAD"
        else next(name for part, name in _SUBRESOURCES.items() if part in query)
    )
    params = {"Bucket": bucket}
    if "x-amz-expected-bucket-owner" in headers:
        params["ExpectedBucketOwner"] = headers["x-amz-expected-bucket-owner"]
    return Asked(account, "s3", region, operation, params)
