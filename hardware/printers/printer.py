"""A receipt printer that speaks ESC/POS, whatever line it hangs on.

    ask DLE EOT ─► send in pieces ─► GS ( H or GS r ─► wait for its answer ─► DONE | PROBABLE
    paper, cover: raise      line lost, no answer: UNKNOWN       fault seen: FAILED

A job is sent once, on one line: what did not end well ends its line, so that the bytes that wait
there never follow when the printer comes back. The drivers (``serial``, ``usblp``, ``libusb``,
``tcp``) only differ in the line they open.
"""

from __future__ import annotations

import threading
import time
import zlib
from dataclasses import dataclass

from hardware.devices import Condition, Health, PrinterStatus, PrintOutcome, PrintResult, Report
from hardware.errors import Busy, CoverOpen, DeviceError, NotFound, Offline, OutOfPaper, TimedOut
from hardware.link import Backoff, Connect
from hardware.loop import DeviceLoop
from hardware.printers.answers import AutomaticStatus, Block, Single
from hardware.printers.conversation import Conversation
from hardware.printers.escpos import kick
from hardware.printers.profile import Profile
from hardware.printers.status import FREE_THE_KNIFE, from_automatic, health_of, stops

CHUNK = 512
BARRIER = b"\x1d\x72\x01" * 2  # asked twice: one byte of noise on the line is no answer
RECOVER = b"\x10\x05\x02"  # DLE ENQ 2: on line again after a jam, its old job forgotten
PROCESS_ID_ANSWER = b"\x22"
PLENTY = 100_000.0  # bytes a second that network and USB carry at least
RELOAD = "Mend it, then look whether the slip is complete; print a copy if it is not."
LOOK = "Look at the printer: is there a slip? Print a copy only if there is none."


@dataclass(frozen=True, slots=True)
class Patience:
    """Deadlines in seconds."""

    status: float = 0.5  # one DLE EOT; makes answer within 50 ms
    write: float = 20.0  # the whole job, beyond what its bytes need on the line
    finish: float = 20.0  # from the last byte to the acknowledgement
    silence: float = 1.0  # before the status is asked while waiting for the acknowledgement
    fault: float = 2.0  # how long a fault must last to end a job
    settle: float = 1.0  # from the barrier to the status: consumed is not yet printed
    retake: float = 2.0  # to take up a line that was ended


class EscposPrinter:
    """One printer. ``print`` and ``status`` come from any thread but the loop's own.

    ``connect`` opens its line anew; ``pace`` is how many bytes a second that line carries.
    """

    def __init__(
        self,
        connect: Connect,
        profile: Profile,
        *,
        name: str = "printer",
        pace: float = PLENTY,
        patience: Patience | None = None,
        backoff: Backoff | None = None,
        loop: DeviceLoop | None = None,
    ) -> None:
        self._profile = profile
        self._name = name
        self._pace = pace
        self._patience = patience or Patience()
        self._own_loop = loop is None
        self._loop = loop or DeviceLoop()
        self._talk = Conversation(name, self._loop, connect, backoff or Backoff())
        self._one_job = threading.Lock()
        self._jobs = 0
        self._tells = False  # whether it told its status before the job
        self._told = Health(Condition.UNKNOWN, "not asked yet")
        self._report: Report = _nobody

    @property
    def name(self) -> str:
        return self._name

    @property
    def profile(self) -> Profile:
        """What slips for this printer are encoded for."""
        return self._profile

    def open(self, report: Report | None = None) -> None:
        if report is not None:
            self._report = report
            self._talk.line_changed = self._line_changed
        self._loop.start()
        try:
            self._talk.link.open()
        except DeviceError:
            self.close()
            raise

    def close(self) -> None:
        self._talk.link.close()
        if self._own_loop:
            self._loop.stop()

    def check_health(self) -> Health:
        if not self._talk.link.up:
            error = self._talk.link.last_error
            return _line_health(error or Offline(self._name, "the printer is not open"))
        if (status := self._asked()) is not None:
            self._told = health_of(status)
        return self._told

    def status(self) -> PrinterStatus:
        return self._asked() or PrinterStatus()

    def _asked(self) -> PrinterStatus | None:
        """None: a job is running, and its own result tells more."""
        if not self._one_job.acquire(timeout=4 * self._patience.status):
            return None
        try:
            return self._ask()
        except DeviceError:
            return PrinterStatus()
        finally:
            self._one_job.release()

    def print(self, job: bytes, job_id: str) -> PrintResult:
        """As ``ReceiptPrinter.print``; an unanswered status request does not stop the job."""
        self._take_turn()
        try:
            before = self._ready()
            self._refuse_faults(before)
            self._tells = before != PrinterStatus()
            losses = self._talk.link.losses
            self._jobs += 1
            mark = process_mark(job_id, self._jobs)
            tail = BARRIER
            if self._profile.process_id:
                tail = b"\x1d\x28\x48\x06\x00\x30\x30" + mark + BARRIER
            result = self._send(job + tail, losses) or self._await_end(mark, losses)
            if result.outcome in {PrintOutcome.UNKNOWN, PrintOutcome.FAILED}:
                self._end_line(losses)
            return result
        finally:
            self._one_job.release()

    def kick(self, pin: int, on_ms: int) -> None:
        """Open the drawer through the print buffer, which an off-line printer does not work on."""
        pulse = kick(pin, on_ms)
        self._take_turn()
        try:
            if self._ask().online is Condition.BAD:
                raise Offline(self._name, "the printer is off line and would open it much later")
            losses = self._talk.link.losses
            if self._talk.send(pulse, self._soon(), losses) < len(pulse):
                self._end_line(losses)
                raise TimedOut(self._name, "the printer does not take the drawer pulse")
        finally:
            self._one_job.release()

    def sense_high(self) -> bool | None:
        """Level of the drawer connector's pin 3 (DLE EOT 1, bit 2); None without an answer."""
        if not self._one_job.acquire(timeout=self._patience.status):
            return None  # a job is running
        try:
            self._talk.pin3_high = None
            self._talk.forget()
            if self._profile.realtime:
                self._talk.ask(self._patience.status, requests=(1,))
            return self._talk.pin3_high
        except DeviceError:
            return None
        finally:
            self._one_job.release()

    def _line_changed(self, error: DeviceError | None) -> None:
        if error is not None:
            self._report(_line_health(error))
            return
        # The loop's thread cannot wait for the answers.
        threading.Thread(target=self._report_health, name=f"ask {self._name}", daemon=True).start()

    def _report_health(self) -> None:
        """How a printer is that has come back, unless it has gone again meanwhile."""
        losses = self._talk.link.losses
        health = self.check_health()
        if self._talk.link.losses == losses:
            self._report(health)

    def _take_turn(self) -> None:
        if self._loop.in_loop:
            raise RuntimeError("a job waits for answers that only the loop's thread can bring")
        if not self._talk.link.up:
            raise self._talk.link.last_error or Offline(self._name, "the printer is not open")
        if not self._one_job.acquire(timeout=1.0):
            raise Busy(self._name, "another job is being printed")

    def _soon(self) -> float:
        return time.monotonic() + self._patience.status

    def _end_line(self, losses: int) -> None:
        """What waits on the line of that job must not follow later.

        Waits until the line is up again, or known to be gone, so that the next job finds it.
        """
        link = self._talk.link
        if link.losses != losses:
            return
        link.reset("the line was ended after a job that did not end")
        until = time.monotonic() + self._patience.retake
        while time.monotonic() < until and not (link.up or isinstance(link.last_error, NotFound)):
            time.sleep(0.01)

    def _ready(self) -> PrinterStatus:
        """The status before a job; a jam that was freed is told to the printer, once."""
        status = self._ask()
        if status.cutter is Condition.BAD:
            self._talk.send(RECOVER, self._soon(), self._talk.link.losses)
            time.sleep(self._patience.silence)
            status = self._ask()
        return status

    def _ask(self) -> PrinterStatus:
        self._talk.forget()
        return self._look()

    def _look(self) -> PrinterStatus:
        """Ask, keeping answers that belong to the running job."""
        if not self._profile.realtime:
            return PrinterStatus()
        return self._talk.ask(self._patience.status)

    def _refuse_faults(self, status: PrinterStatus) -> None:
        if status.paper is Condition.BAD:
            raise OutOfPaper(self._name, "the paper has run out")
        if status.cover is Condition.BAD:
            raise CoverOpen(self._name, "the cover is open")
        if status.cutter is Condition.BAD:
            raise Offline(self._name, "the cutter is jammed", FREE_THE_KNIFE)
        if status.online is Condition.BAD:
            raise Offline(self._name, "the printer is off line")

    def _send(self, data: bytes, losses: int) -> PrintResult | None:
        """None when every byte was taken; raises only if none was."""
        deadline = time.monotonic() + len(data) / self._pace + self._patience.write
        sent = 0
        while sent < len(data):
            piece = data[sent : sent + CHUNK]
            try:
                taken = self._talk.send(piece, deadline, losses)
            except DeviceError as error:
                if sent == 0:
                    raise
                return PrintResult(PrintOutcome.UNKNOWN, error.cause, LOOK)
            sent += taken
            if taken < len(piece):
                if sent == 0:
                    self._end_line(losses)
                    raise TimedOut(self._name, "the printer takes no data")
                return self._judge("the printer stopped taking data")
        return None

    def _await_end(self, mark: bytes, losses: int) -> PrintResult:
        """Wait for the id or the barrier; look for a fault after each silence.

        The id must be this job's, byte for byte, and the barrier's two answers alike: noise on a
        line is no acknowledgement.
        """
        until = time.monotonic() + self._patience.finish
        consumed = False
        before: int | None = None
        faulty_since: float | None = None
        while (now := time.monotonic()) < until:
            answer = self._talk.next_answer(min(until, now + self._patience.silence), losses)
            if self._talk.link.losses != losses:
                return PrintResult(PrintOutcome.UNKNOWN, "the line was lost", LOOK)
            match answer:
                case Block(0x37, body) if body == PROCESS_ID_ANSWER + mark:
                    return PrintResult(PrintOutcome.DONE)
                case Single(byte) if not consumed:
                    consumed, before = byte == before and byte < 0x10, byte
                    if consumed:
                        until = min(until, time.monotonic() + self._patience.settle)
                case AutomaticStatus(data):
                    faulty_since = (faulty_since or now) if stops(from_automatic(data)) else None
                case None if not consumed:
                    faulty_since = (faulty_since or now) if self._seems_stopped() else None
                case _:
                    pass
            if faulty_since is not None and now - faulty_since >= self._patience.fault:
                return self._judge("the printer reported a fault")
        if consumed:
            return self._judge("consumed, no fault reported", PrintOutcome.PROBABLE)
        return self._judge("the printer did not acknowledge the end of the job")

    def _seems_stopped(self) -> bool:
        try:
            return stops(self._look())
        except DeviceError:
            return False  # the lost line is noticed by its own count

    def _judge(self, cause: str, clean: PrintOutcome = PrintOutcome.UNKNOWN) -> PrintResult:
        """FAILED if the printer tells of a fault, else ``clean`` because of ``cause``."""
        try:
            status = self._look()
        except DeviceError as error:
            return PrintResult(PrintOutcome.UNKNOWN, error.cause, LOOK)
        if stops(status):
            return PrintResult(PrintOutcome.FAILED, health_of(status).cause, RELOAD)
        if clean is PrintOutcome.PROBABLE and self._tells and status == PrinterStatus():
            clean, cause = (
                PrintOutcome.UNKNOWN,
                "consumed, but the printer tells its status no more",
            )
        return PrintResult(clean, cause, "" if clean is PrintOutcome.PROBABLE else LOOK)


def process_mark(job_id: str, number: int) -> bytes:
    """Four characters for GS ( H that stand for the job that was the ``number``-th of its driver.

    The number is in it, so that a late answer to a job is none to its copy.
    """
    digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    left = zlib.crc32(f"{number} {job_id}".encode()) % 36**4
    return "".join(digits[left // 36**place % 36] for place in (3, 2, 1, 0)).encode("ascii")


def _line_health(error: DeviceError | None) -> Health:
    if error is None:
        return Health(Condition.GOOD)
    return Health(Condition.BAD, error.cause, error.mend)


def _nobody(health: Health) -> None:
    """Nobody listens yet."""
