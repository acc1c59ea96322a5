"""The ESC/POS driver against the simulated printer, over a pseudo terminal."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from hardware.devices import Condition, DrawerPort, PrintOutcome, ReceiptPrinter
from hardware.errors import Busy, Offline, TimedOut
from hardware.link import Backoff
from hardware.loop import DeviceLoop
from hardware.printers.answers import Block
from hardware.printers.conversation import Conversation
from hardware.printers.escpos import Slip, kick
from hardware.printers.mechanism import Mechanism, Pulse
from hardware.printers.peer import PrinterPeer
from hardware.printers.printer import EscposPrinter, Patience, process_mark
from hardware.printers.serial import escpos_serial
from hardware.testing import JOB, PrinterContract, PrinterRig, wait_until
from hardware.transport import memory_pair

QUICK = Patience(status=0.12, write=0.6, finish=0.7, silence=0.1, fault=0.1, settle=0.1)


def driver(path: Path, **options) -> EscposPrinter:
    settings = {"patience": QUICK, "backoff": Backoff(0.02, 0.05)} | options
    return escpos_serial(path=str(path), **settings)


@contextmanager
def printer_and_peer(folder: Path, **options):
    peer = PrinterPeer(folder / "printer", folder / "slips")
    peer.start()
    printer = driver(folder / "printer", **options)
    try:
        yield printer, peer
    finally:
        printer.close()
        peer.stop()


class _OnPty(PrinterContract):
    knows_process_id = True

    @contextmanager
    def rig(self, folder):
        with printer_and_peer(folder, process_id=self.knows_process_id) as (printer, peer):
            peer.mechanism.process_id = self.acknowledges is PrintOutcome.DONE
            yield PrinterRig(
                printer=printer,
                person=peer.order,
                printed=lambda: peer.paper.slips,
                unplug=lambda: peer.order("unplug"),
                plug=lambda: peer.order("plug"),
            )


class TestWithProcessId(_OnPty):
    pass


class TestCloneThatIgnoresTheProcessId(_OnPty):
    acknowledges = PrintOutcome.PROBABLE


class TestCloneKnownToHaveNone(_OnPty):
    acknowledges = PrintOutcome.PROBABLE
    knows_process_id = False


@pytest.fixture
def pair(tmp_path):
    with printer_and_peer(tmp_path) as (printer, peer):
        printer.open()
        yield printer, peer


def test_the_driver_is_a_printer_and_a_drawer_port(pair):
    assert isinstance(pair[0], ReceiptPrinter)
    assert isinstance(pair[0], DrawerPort)


def test_the_job_ends_with_its_mark_and_the_barrier(pair):
    printer, peer = pair
    assert printer.print(JOB, "slip-1").outcome is PrintOutcome.DONE
    tail = b"\x1d(H\x06\x00\x30\x30" + process_mark("slip-1", 1) + b"\x1d\x72\x01" * 2
    assert wait_until(lambda: peer.paper.slips == [JOB + tail])


def test_marks_are_printable_and_differ():
    marks = {process_mark(f"slip-{number}", 1) for number in range(500)}
    assert len(marks) > 495
    assert process_mark("slip-1", 1) != process_mark("slip-1", 2)
    assert all(len(mark) == 4 and mark.isalnum() for mark in marks)


def test_the_answer_to_another_job_does_not_count(pair):
    printer, peer = pair
    peer.mechanism.process_id = False
    pushed = threading.Timer(0.05, lambda: peer._line.write(b"\x37\x22ZZZZ\x00"))
    pushed.start()
    assert printer.print(JOB, "slip-1").outcome is PrintOutcome.PROBABLE


def test_a_line_lost_between_two_pieces_is_unknown_and_raises_nothing(pair):
    printer, peer = pair
    peer.order("unplug after 60")
    result = printer.print(b"x" * 200_000, "slip-1")  # more than the line holds
    assert result.outcome is PrintOutcome.UNKNOWN
    assert result.mend


def test_an_answer_that_came_too_late_is_not_taken_for_the_next_one(pair):
    printer, peer = pair
    peer._line.write(b"\x1a")  # "off line", to a question long given up
    assert wait_until(lambda: len(printer._talk._answers) == 1)
    assert printer.print(JOB, "slip-1").outcome is PrintOutcome.DONE


def test_the_acknowledgement_is_kept_while_the_status_is_asked():
    pair = memory_pair("printer")
    loop = DeviceLoop()
    loop.start()
    talk = Conversation("printer", loop, lambda: pair.near, Backoff())
    talk.link.open()
    pair.far.write(b"\x37\x220001\x00\x16", time.monotonic() + 1)
    assert talk.ask(0.5, requests=(2,)).cover is Condition.BAD
    assert talk.next_answer(time.monotonic() + 1, talk.link.losses) == Block(0x37, b"\x220001")
    talk.link.close()
    loop.stop()


def test_paper_that_ends_in_the_job_is_a_failure_with_its_mend(tmp_path):
    patient = replace(QUICK, finish=10.0)
    with printer_and_peer(tmp_path, patience=patient) as (printer, peer):
        printer.open()
        peer.order("paper 3")
        job = Slip(printer.profile).text("a\n" * 20).cut().encode()
        begun = time.monotonic()
        result = printer.print(job, "slip-1")
        assert time.monotonic() - begun < 8, "the fault is looked for, not waited out"
    assert result.outcome is PrintOutcome.FAILED
    assert "paper" in result.reason
    assert result.mend
    assert len(peer.paper.slips[0]) < len(job), "the slip is incomplete"


def test_a_jammed_cutter_is_a_failure(pair):
    printer, peer = pair
    peer.order("jam")
    result = printer.print(JOB, "slip-1")
    assert result.outcome is PrintOutcome.FAILED
    assert "cutter" in result.reason


def test_near_end_still_prints_and_is_told(pair):
    printer, peer = pair
    peer.order("near end")
    assert printer.print(JOB, "slip-1").outcome is PrintOutcome.DONE
    assert printer.status().near_end is Condition.BAD
    assert "roll" in printer.check_health().mend


def test_an_off_line_printer_refuses_before_the_first_byte(pair):
    printer, peer = pair
    peer.order("offline")
    with pytest.raises(Offline):
        printer.print(JOB, "slip-1")
    with pytest.raises(Offline):
        printer.kick(2, 100)
    peer.order("online")
    time.sleep(0.1)
    assert peer.paper.slips == []
    assert peer.mechanism.pulses == []


def test_a_printer_that_takes_nothing_is_timed_out_and_not_unknown(tmp_path):
    hasty = Patience(write=0.05)
    with printer_and_peer(tmp_path, realtime=False, baud=460800, patience=hasty) as (printer, peer):
        printer.open()
        peer.mechanism.buffer_size = 0
        while printer._talk.link.write(b"x" * 4096, time.monotonic() + 0.05):
            pass  # the line holds some thousand bytes, then takes no more
        begun = time.monotonic()
        with pytest.raises(TimedOut) as raised:
            printer.print(JOB, "slip-1")
        assert time.monotonic() - begun < 0.5
        assert raised.value.mend


def test_a_slow_printer_is_waited_for(tmp_path):
    with printer_and_peer(tmp_path, patience=replace(QUICK, finish=5.0)) as (printer, peer):
        printer.open()
        peer.mechanism.mm_per_s = 200
        begun = time.monotonic()
        job = Slip(printer.profile).text("a\n" * 20).cut().encode()
        assert printer.print(job, "slip-1").outcome is PrintOutcome.DONE
        assert time.monotonic() - begun > 0.3


def test_one_job_at_a_time(tmp_path):
    with printer_and_peer(tmp_path, patience=replace(QUICK, finish=1.3)) as (printer, peer):
        printer.open()
        peer.order("mute")
        first = threading.Thread(target=lambda: printer.print(JOB, "slip-1"))
        first.start()
        time.sleep(0.05)
        with pytest.raises(Busy):
            printer.print(JOB, "slip-2")
        first.join()
        assert printer.status().paper is Condition.UNKNOWN


def test_a_kick_reaches_the_socket_and_the_switch_is_read(pair):
    printer, peer = pair
    assert printer.sense_high() is False
    printer.kick(5, 100)
    assert wait_until(lambda: peer.mechanism.pulses == [Pulse(5, 100, 400)])
    assert printer.sense_high() is True
    peer.order("mute")
    assert printer.sense_high() is None


def test_one_loop_serves_several_printers(tmp_path):
    loop = DeviceLoop()
    peers = [PrinterPeer(tmp_path / f"p{n}") for n in range(2)]
    printers = [driver(tmp_path / f"p{n}", loop=loop) for n in range(2)]
    try:
        for peer, printer in zip(peers, printers, strict=True):
            peer.start()
            printer.open()
        outcomes = [printer.print(JOB, "slip").outcome for printer in printers]
        assert outcomes == [PrintOutcome.DONE, PrintOutcome.DONE]
        printers[0].close()
        assert printers[1].print(JOB, "again").outcome is PrintOutcome.DONE
    finally:
        for part in (*printers, *peers):
            part.close() if isinstance(part, EscposPrinter) else part.stop()
        loop.stop()


def mechanism(**options) -> tuple[Mechanism, list[bytes]]:
    paper: list[bytes] = []
    return Mechanism(paper.append, **options), paper


def test_the_simulated_printer_obeys_requests_inside_graphics():
    printer, _ = mechanism()
    picture = bytes.fromhex("1D763000 0500 0100 1014010001")
    printer.receive(picture)
    assert printer.pulses == [Pulse(2, 100, 100)], "a picture has opened the drawer"


@pytest.mark.parametrize(
    ("order", "answers"),
    [
        ("", "12 12 12 12"),
        ("cover open", "1A 16 12 12"),
        ("paper out", "1A 32 12 7E"),
        ("near end", "12 12 12 1E"),
        ("offline", "1A 12 12 12"),
    ],
)
def test_the_simulated_printer_answers_as_the_manual_says(order, answers):
    printer, _ = mechanism()
    if order:
        assert printer.obey_person(order)
    asked = b"".join(printer.receive(bytes((0x10, 0x04, n))) for n in (1, 2, 3, 4))
    assert asked == bytes.fromhex(answers)


def test_the_simulated_printer_finds_requests_split_over_reads():
    printer, _ = mechanism()
    answers = b"".join(printer.receive(bytes([byte])) for byte in b"\x10\x04\x01\x10\x04\x04")
    assert answers == b"\x12\x12"


def test_the_simulated_printer_pushes_status_when_asked_to():
    printer, _ = mechanism()
    printer.receive(b"\x1d\x61\x0f")
    assert printer.work(0.0) == bytes.fromhex("10000000")
    assert printer.work(0.0) == b""
    printer.obey_person("cover open")
    assert printer.work(0.0) == bytes.fromhex("38000000")


def test_the_simulated_printer_keeps_what_it_cannot_print():
    printer, paper = mechanism(paper_lines=1)
    printer.receive(b"a\nb\n\x1d\x72\x01")
    assert printer.work(0.0) == b""
    assert b"".join(paper) == b"a\n"
    printer.obey_person("paper in")
    assert printer.work(0.0) == b"\x00"
    assert b"".join(paper) == b"a\nb\n\x1d\x72\x01"


def test_recovery_clears_the_jam_and_the_buffer():
    printer, paper = mechanism()
    printer.obey_person("jam")
    printer.receive(b"\x1d\x56\x00rest\n")
    printer.work(0.0)
    assert printer.receive(b"\x10\x04\x03") == b"\x1a"
    printer.receive(b"\x10\x05\x02")
    printer.work(0.0)
    assert printer.receive(b"\x10\x04\x03") == b"\x12"
    assert b"rest" not in b"".join(paper)


@pytest.mark.parametrize(
    ("request_bytes", "answer"),
    [
        ("1D4902", "03"),
        ("1D4942", "5F 53494D554C41544544 00"),
        ("1D7202", "00"),
        ("1D284806003030 41424344", "3722 41424344 00"),
    ],
)
def test_the_simulated_printer_identifies_itself(request_bytes, answer):
    printer, _ = mechanism()
    printer.receive(bytes.fromhex(request_bytes))
    assert printer.work(0.0) == bytes.fromhex(answer)


def test_the_drawer_opens_in_the_order_of_the_buffer():
    printer, paper = mechanism()
    printer.receive(b"slip\n" + kick(2, 100))
    assert printer.pulses == []
    printer.work(0.0)
    assert printer.pulses == [Pulse(2, 100, 400)]
    assert printer.obey_person("dance") is False
    assert paper[-1] == kick(2, 100)
