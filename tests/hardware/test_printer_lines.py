"""The same printer on each of its lines: TCP and USB, and lines that fail."""

from __future__ import annotations

import itertools
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.devices import Condition, Health, PrintOutcome
from hardware.errors import DeviceError, NotFound, Offline, TimedOut
from hardware.link import Backoff
from hardware.netline import NetLine
from hardware.printers.conversation import MOST_ANSWERS
from hardware.printers.peer import PrinterPeer, Wire
from hardware.printers.printer import EscposPrinter, Patience
from hardware.printers.profile import profile_for
from hardware.printers.serial import escpos_serial
from hardware.printers.tcp import escpos_tcp
from hardware.printers.usb import escpos_usb
from hardware.printers.usblp import escpos_usblp
from hardware.printers.usbpeer import VENDOR, UsbLine
from hardware.testing import JOB, PrinterContract, PrinterRig, wait_until
from hardware.transport import memory_pair

QUICK = Patience(status=0.12, write=0.2, finish=0.8, silence=0.1, fault=0.1, settle=0.1)
SETTINGS = {"patience": QUICK, "backoff": Backoff(0.02, 0.05)}


@dataclass
class Hung:
    """A printer on some line, and the line's other end."""

    printer: EscposPrinter
    peer: PrinterPeer
    wire: Wire


def on_serial(folder, **options):
    peer = PrinterPeer(folder / "printer", folder / "slips")
    return Hung(escpos_serial(path=str(folder / "printer"), **options), peer, peer._line)


def on_usblp(folder, **options):
    peer = PrinterPeer(folder / "lp0", folder / "slips")
    return Hung(escpos_usblp(path=str(folder / "lp0"), **options), peer, peer._line)


def on_tcp(folder, **options):
    wire = NetLine()
    wire.plug()
    peer = PrinterPeer(wire, folder / "slips")
    return Hung(escpos_tcp(host="127.0.0.1", port=wire.port, **options), peer, wire)


def on_usb(folder, **options):
    wire = UsbLine()
    peer = PrinterPeer(wire, folder / "slips")
    return Hung(escpos_usb(vendor=VENDOR, backend=wire, **options), peer, wire)


LINES = [on_serial, on_usblp, on_tcp, on_usb]


@contextmanager
def running(make, folder, **options):
    hung = make(folder, **SETTINGS | options)
    hung.printer._pace = 1e9  # no line is slow here, so that the deadline is Patience.write
    hung.peer.start()
    try:
        yield hung
    finally:
        hung.printer.close()
        hung.peer.stop()


class _OnALine(PrinterContract):
    make = staticmethod(on_tcp)

    @contextmanager
    def rig(self, folder):
        with running(self.make, folder) as hung:
            yield PrinterRig(
                printer=hung.printer,
                person=hung.peer.order,
                printed=lambda: hung.peer.paper.slips,
                unplug=lambda: hung.peer.order("unplug"),
                plug=lambda: hung.peer.order("plug"),
            )


class TestOnTcp(_OnALine):
    make = staticmethod(on_tcp)


class TestOnUsblp(_OnALine):
    make = staticmethod(on_usblp)


class TestOnUsb(_OnALine):
    make = staticmethod(on_usb)


@pytest.mark.parametrize("make", LINES)
def test_the_rest_of_a_job_never_reaches_a_printer_that_works_again(make, tmp_path):
    with running(make, tmp_path) as hung:
        hung.printer.open()
        hung.peer.mechanism.buffer_size = 0  # it takes nothing; the kernel still does
        begun = time.monotonic()
        job = JOB + b"x" * 1_000_000
        result = hung.printer.print(job, "slip-1")
        assert time.monotonic() - begun < QUICK.write + 2
        assert result.outcome is PrintOutcome.UNKNOWN
        assert result.mend
        hung.peer.mechanism.buffer_size = 4096
        assert wait_until(lambda: hung.printer.check_health().condition is Condition.GOOD)
        assert hung.printer.print(JOB, "slip-2").outcome is PrintOutcome.DONE
        *before, last = hung.peer.paper.slips
        assert last.startswith(JOB + b"\x1d(H")
        assert sum(map(len, before)) < len(job)


@pytest.mark.parametrize("make", LINES)
def test_a_printer_that_vanishes_in_the_middle_of_a_write_is_told_at_once(make, tmp_path):
    told: list[Health] = []
    with running(make, tmp_path, realtime=False, patience=replace(QUICK, write=5.0)) as hung:
        hung.printer.open(told.append)
        hung.peer.mechanism.buffer_size = 0
        pulled = threading.Timer(0.1, hung.peer.order, ["unplug"])
        pulled.start()
        begun = time.monotonic()
        result = hung.printer.print(b"x" * 4_000_000, "slip-1")
        assert time.monotonic() - begun < 2, "well before the deadline"
        assert result.outcome is PrintOutcome.UNKNOWN
        assert wait_until(lambda: [health.condition for health in told] == [Condition.BAD])
        with pytest.raises((Offline, NotFound)):
            hung.printer.print(JOB, "slip-2")
        hung.peer.mechanism.buffer_size = 4096
        hung.peer.order("plug")
        assert wait_until(lambda: told[-1].condition is Condition.UNKNOWN), "it is not asked here"
        assert hung.printer.print(JOB, "slip-3").outcome is PrintOutcome.DONE


def test_what_came_back_is_asked_how_it_is_and_not_taken_for_good(tmp_path):
    told: list[Health] = []
    with running(on_tcp, tmp_path) as hung:
        hung.printer.open(told.append)
        hung.peer.order("unplug")
        assert wait_until(lambda: len(told) == 1)
        hung.peer.order("paper out")
        hung.peer.order("plug")
        assert wait_until(lambda: len(told) == 2)
        assert "paper" in told[1].cause


@pytest.mark.parametrize("make", LINES)
def test_half_an_acknowledgement_is_none(make, tmp_path):
    with running(make, tmp_path, realtime=False, patience=replace(QUICK, finish=0.15)) as hung:
        hung.printer.open()
        hung.peer.order("mute")
        half = threading.Timer(0.05, hung.wire.write, [b"\x37\x22AB"])
        half.start()
        assert hung.printer.print(JOB, "slip-1").outcome is PrintOutcome.UNKNOWN


@pytest.mark.parametrize(
    "noise",
    [
        b"\x00",  # a break on the line
        b"\x03\x00",
        b"\x37\x22ZZZZ\x00",
        b"\x37\x37\x22%s\x00",
        b"\x37\x22%sX\x00",
        b"\x37\x23%s\x00",
        b"\x5f\x22%s\x00",
        b"\x37\x22\x00",
        b"\xff" * 300,
    ],
)
def test_noise_is_no_acknowledgement(noise, tmp_path):
    with running(on_tcp, tmp_path, realtime=False, patience=replace(QUICK, finish=0.1)) as hung:
        hung.printer.open()
        hung.peer.order("mute")

        def answer() -> None:
            wait_until(lambda: b"\x1d(H" in b"".join(hung.peer.paper.slips))
            mark = b"".join(hung.peer.paper.slips).split(b"\x1d(H\x06\x00\x30\x30")[1][:4]
            hung.wire.write(noise.replace(b"%s", mark))

        threading.Thread(target=answer).start()
        assert hung.printer.print(JOB, "slip-1").outcome is PrintOutcome.UNKNOWN


def test_the_next_job_finds_the_line_again_that_was_ended_after_the_last_one(tmp_path):
    with running(on_tcp, tmp_path, realtime=False, process_id=False) as hung:
        hung.printer.open()
        hung.peer.order("mute")
        for number in range(2):  # a make that answers nothing at all
            result = hung.printer.print(JOB, f"slip-{number}")
            assert result.outcome is PrintOutcome.UNKNOWN
        assert wait_until(lambda: len(hung.peer.paper.slips) == 2)


def test_a_freed_jam_is_told_to_the_printer_and_its_old_job_is_forgotten(tmp_path):
    with running(on_serial, tmp_path) as hung:
        hung.printer.open()
        hung.peer.order("jam")
        assert hung.printer.print(JOB + b"rest\n", "slip-1").outcome is PrintOutcome.FAILED
        assert wait_until(lambda: hung.printer._talk.link.up)
        assert hung.printer.print(JOB, "slip-2").outcome is PrintOutcome.DONE
        assert hung.peer.mechanism.recoveries == 1
        assert b"rest" not in b"".join(hung.peer.paper.slips)


def test_a_drawer_pulse_that_is_not_taken_whole_is_timed_out_and_not_given_later(tmp_path):
    with running(on_serial, tmp_path, realtime=False) as hung:
        hung.printer.open()
        hung.peer.mechanism.buffer_size = 0
        while hung.printer._talk.link.write(b"x" * 4096, time.monotonic() + 0.02):
            pass
        with pytest.raises(TimedOut):
            hung.printer.kick(2, 100)
        hung.peer.mechanism.buffer_size = 4096
        assert wait_until(lambda: hung.printer._talk.link.up)
        assert hung.printer.print(JOB, "slip-1").outcome is PrintOutcome.DONE
        assert hung.peer.mechanism.pulses == []


HASTY = Patience(
    status=0.004, write=0.2, finish=0.03, silence=0.008, fault=0.004, settle=0.004, retake=0.0
)


@given(st.lists(st.binary(min_size=1, max_size=12), min_size=1, max_size=8))
@settings(max_examples=40)
def test_whatever_a_printer_babbles_the_job_ends_in_time_and_is_sent_once(babble):
    pair, heard = memory_pair("printer"), bytearray()
    printer = EscposPrinter(lambda: pair.near, profile_for(80), patience=HASTY, backoff=Backoff(9))
    printer.open()
    ended = threading.Event()

    def talk() -> None:
        for part in itertools.chain(babble, itertools.repeat(b"")):
            with suppress(Offline):
                heard.extend(pair.far.read())
                pair.far.write(part, time.monotonic() + 0.01)
            if ended.wait(0.002):
                return

    talking = threading.Thread(target=talk)
    talking.start()
    begun = time.monotonic()
    outcome = None
    with suppress(DeviceError):
        outcome = printer.print(JOB, "slip-1").outcome
    took = time.monotonic() - begun
    ended.set()
    talking.join()
    with suppress(Offline):
        heard.extend(pair.far.read())
    printer.close()
    pair.far.close()
    assert took < 2
    assert outcome is not PrintOutcome.DONE
    assert bytes(heard).count(JOB) == (outcome is not None), "refused: nothing; else once"


def test_a_flood_of_answers_is_bounded(tmp_path):
    with running(on_tcp, tmp_path) as hung:
        hung.printer.open()
        assert hung.printer.print(JOB, "slip-0").outcome is PrintOutcome.DONE
        hung.peer.order("mute")
        hung.wire.write(b"\x12" * 4000)
        assert wait_until(lambda: len(hung.printer._talk._answers) == MOST_ANSWERS)
        time.sleep(0.05)
        assert len(hung.printer._talk._answers) == MOST_ANSWERS
        hung.peer.order("unmute")
        assert wait_until(lambda: hung.printer.check_health().condition is Condition.GOOD)
        assert hung.printer.print(JOB, "slip-1").outcome is PrintOutcome.DONE


def test_a_printer_that_grew_silent_in_the_job_has_not_probably_printed_it(tmp_path):
    with running(on_tcp, tmp_path) as hung:
        hung.printer.open()
        hung.peer.mechanism.process_id = False
        to_paper = hung.peer.mechanism.on_paper

        def on_paper(raw: bytes) -> None:
            to_paper(raw)
            if raw == b"\x1d\x72\x01":
                threading.Timer(0.03, hung.peer.order, ["mute"]).start()

        hung.peer.mechanism.on_paper = on_paper
        result = hung.printer.print(JOB, "slip-1")
        assert result.outcome is PrintOutcome.UNKNOWN
        assert "consumed" in result.reason


# --- options --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("driver", "options", "word"),
    [
        (escpos_serial, {"path": ""}, "path"),
        (escpos_serial, {"path": "tcp://192.0.2.7:9100"}, "escpos-tcp"),
        (escpos_serial, {"path": "/dev/x", "baud": 12345}, "baud"),
        (escpos_serial, {"path": "/dev/x", "flow": "magic"}, "flow"),
        (escpos_serial, {"path": "/dev/x", "paper": 57}, "paper"),
        (escpos_tcp, {"host": ""}, "host"),
        (escpos_tcp, {"host": "tcp://x"}, "host"),
        (escpos_tcp, {"host": "x", "port": 0}, "port"),
        (escpos_tcp, {"host": "x", "connect_s": 0}, "connect_s"),
        (escpos_usblp, {"path": ""}, "path"),
        (escpos_usblp, {"labels": "1D0"}, "labels"),
        (escpos_usblp, {"labels": "41"}, "labels"),
        (escpos_usb, {"vendor": 70000}, "vendor"),
    ],
)
def test_a_bad_option_is_refused_with_its_name(driver, options, word):
    with pytest.raises(ValueError, match=word):
        driver(**options)


def test_a_file_that_is_no_device_is_not_found(tmp_path):
    (tmp_path / "lp0").write_bytes(b"")
    with pytest.raises(NotFound):
        escpos_usblp(path=str(tmp_path / "lp0")).open()
