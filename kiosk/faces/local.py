"""Our own pipeline as a face service: the core's side of the faces process.

The process looks and judges; its sealed probe comes back here as `rawdata`. With the channel's
authinfo it goes to the wallet's own service, which names the holder by a face code that pays once.
A faces process that dies in an attempt ends that attempt and nothing else.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping

import httpx

from kiosk.channels.channel import Authinfo, PayOrder, Token, TokenKind
from kiosk.faces.service import (
    Ended,
    EndReason,
    FaceListener,
    Guided,
    RawdataReady,
    Recognised,
)
from kiosk.messages import (
    CameraState,
    Captured,
    CaptureEnded,
    Guiding,
    Message,
    OpenCamera,
    StartCapture,
    StopCapture,
)

TIMEOUT = 5.0  # seconds the wallet's service has to answer
_REPORTED = ("mch_id", "sub_mch_id")  # who was paid, in the report of an order
_REASONS = {
    "attack": EndReason.ATTACK,
    "unproven": EndReason.UNPROVEN,
    "time-out": EndReason.TIMED_OUT,
    "camera": EndReason.CAMERA,
    "model": EndReason.MODEL,
    "stopped": EndReason.STOPPED,
}

log = logging.getLogger(__name__)


class LocalFaces:
    """Implements `FaceService` over the faces process and the wallet's service at `wallet_url`."""

    def __init__(
        self,
        send: Callable[[Message], bool],
        listener: FaceListener,
        wallet_url: str,
        merchant: Mapping[str, str],
        timeout: float = TIMEOUT,
    ) -> None:
        """`merchant` says who is paid and how, in the channel's words: appid, mch_id, store_id,
        face_code_type.
        """
        self._send = send
        self._listener = listener
        self._merchant = merchant
        self._http = httpx.Client(base_url=wallet_url, timeout=timeout)
        self._lock = threading.Lock()
        self._attempt = ""
        self._camera = CameraState(usable=False, cause="the faces process is not there")

    # --- the contract ---------------------------------------------------------------------------

    def prepare(self) -> None:
        self._send(OpenCamera())

    def start(self, attempt: str) -> None:
        with self._lock:
            self._attempt = attempt
        if not self._send(StartCapture(attempt)):
            self._end(attempt, EndReason.CAMERA, "the faces process is not there")

    def authorise(self, attempt: str, authinfo: Authinfo, order: PayOrder) -> None:
        with self._lock:
            if attempt != self._attempt:
                return
        request = {
            **self._merchant,
            "authinfo": authinfo.value,
            "out_trade_no": order.out_trade_no,
            "total_fee": str(order.amount.fen),
            "face_authtype": "FACEPAY",
            "ask_face_permit": "0",
        }
        try:
            response = self._http.post("/face/getwxpayfacecode", json=request)
            answer = response.json()
        except (httpx.HTTPError, ValueError) as error:
            self._end(attempt, EndReason.UNREACHABLE, str(error))
            return
        self._conclude(attempt, answer)

    def refuse(self, attempt: str, cause: str) -> None:
        self._end(attempt, EndReason.UNREACHABLE, cause)

    def stop(self, attempt: str) -> None:
        with self._lock:
            if attempt == self._attempt:
                self._attempt = ""
        self._send(StopCapture(attempt))

    def report_order(self, out_trade_no: str) -> bool:
        named = {name: self._merchant[name] for name in _REPORTED if name in self._merchant}
        try:
            response = self._http.post(
                "/face/reportorder", json={**named, "out_trade_no": out_trade_no}
            )
            answer = response.json()
        except (httpx.HTTPError, ValueError) as error:
            log.info("report without answer out_trade_no=%s cause=%s", out_trade_no, error)
            return False
        return isinstance(answer, dict) and answer.get("return_code") == "SUCCESS"

    def usable(self) -> tuple[bool, str]:
        return self._camera.usable, self._camera.cause

    def mend(self) -> str:
        return self._camera.mend

    # --- what the faces process says ------------------------------------------------------------

    def receive(self, message: Message) -> None:
        """A message of the faces process; one of another attempt is dropped."""
        match message:
            case CameraState():
                self._camera = message
            case Guiding(attempt=attempt) if attempt == self._attempt:
                self._listener(Guided(attempt, message.guidance, message.progress, message.asked))
            case Captured(attempt=attempt, rawdata=rawdata) if attempt == self._attempt:
                self._listener(RawdataReady(attempt, rawdata))
            case CaptureEnded(attempt=attempt, reason=reason) if attempt == self._attempt:
                self._end(attempt, _REASONS.get(reason, EndReason.CAMERA), reason)
            case _:
                log.debug("faces: %s", type(message).__name__)

    def lost(self) -> None:
        """The faces process went away."""
        self._camera = CameraState(usable=False, cause="the faces process is not there")
        with self._lock:
            attempt = self._attempt
        if attempt:
            self._end(attempt, EndReason.CAMERA, self._camera.cause)

    def _conclude(self, attempt: str, answer: object) -> None:
        fields = answer if isinstance(answer, dict) else {}
        code = fields.get("face_code")
        if fields.get("return_code") == "SUCCESS" and isinstance(code, str) and code:
            with self._lock:
                current = attempt == self._attempt
                self._attempt = ""
            if current:
                self._listener(Recognised(attempt, Token(TokenKind.FACE, code)))
            return
        unknown_face = fields.get("err") == "FACE_NOT_FOUND"
        reason = EndReason.NOT_RECOGNISED if unknown_face else EndReason.UNREACHABLE
        self._end(attempt, reason, str(fields.get("return_msg", "")))

    def _end(self, attempt: str, reason: EndReason, cause: str) -> None:
        with self._lock:
            if attempt != self._attempt:
                return
            self._attempt = ""
        self._listener(Ended(attempt, reason, cause))
