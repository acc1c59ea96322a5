"""Requests made up from the machine interface's own description: it keeps what it promises."""

from __future__ import annotations

import secrets
from urllib.parse import urlsplit

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from requests.auth import AuthBase
from schemathesis.specs.openapi.checks import positive_data_acceptance

from fleet.app import application
from fleet.clock import wall_ms
from fleet.database import Database
from fleet.register import Register
from kiosk.domain.signed import Seal, content_digest, signature_base, signed_headers
from tests.fleet.server import Server
from tests.fleet.shop import Shop, once

pytestmark = once

EXAMPLES = 30  # of each route

_app = application(Database("sqlite://"), Register(Database("sqlite://"), secrets.randbelow))
schema = schemathesis.openapi.from_dict(_app.openapi())


@schemathesis.serializer("application/x-ndjson")
def lines(_context, value):
    """A batch is what it is."""
    return value.encode() if isinstance(value, str) else b"{}"


class Signed(AuthBase):
    """The hand of a terminal that has joined, on whatever request it is handed."""

    def __init__(self, who, key):
        self._who, self._key = who, key

    def __call__(self, request):
        where = urlsplit(request.url)
        body = request.body or b""
        body = body.encode() if isinstance(body, str) else body
        seal = Seal(str(self._who), wall_ms() // 1000, secrets.token_urlsafe(16))
        digest = content_digest(body)
        base = signature_base(request.method, where.path, where.query, digest, seal)
        request.headers.update(signed_headers(digest, seal, self._key.sign(base)))
        return request


@pytest.fixture(scope="module")
def server(fleet_database, database_url):
    server = Server(database_url)
    yield server
    server.kill()


@pytest.fixture(scope="module")
def hand(fleet_database):
    return Signed(*Shop(fleet_database).join())


@schema.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
def test_it_answers_as_described_to_whoever_signed(case, hand, server):
    if case.operation.path == "/v1/down" and isinstance(case.body, dict):
        wait = case.body.get("wait", 25)
        if type(wait) in (int, float) and 0 <= wait <= 25:
            case.body["wait"] = 0  # a kiosk's patience is not tried here
    # What a line of the ledger is no schema says.
    lines = case.operation.path == "/v1/entries"
    excluded = [positive_data_acceptance] if lines else []
    case.call_and_validate(base_url=server.address, auth=hand, excluded_checks=excluded)


@schema.parametrize()
@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
def test_nobody_is_answered_who_did_not_sign(case, server):
    answer = case.call(base_url=server.address)
    assert answer.status_code in (400, 401, 404, 405, 413, 415)
