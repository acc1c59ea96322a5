"""The simulated printer and scanner as programs of their own, as the demo starts them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import hardware
from hardware.devices import PrintOutcome, ScanData
from hardware.errors import OutOfPaper
from hardware.printers.printer import EscposPrinter
from hardware.printers.serial import escpos_serial
from hardware.scanners.evdev import EvdevScanner
from hardware.scanners.hidpos import HidposScanner
from hardware.scanners.serial import SerialScanner
from hardware.testing import JOB, wait_until

ROOT = Path(hardware.__file__).parent.parent


@contextmanager
def program(module: str, *arguments: str):
    process = subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline()
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(5) == 0
        for pipe in (process.stdin, process.stdout):
            pipe.close()


def test_the_printer_program_keeps_each_slip_and_takes_orders(tmp_path):
    link, out, control = tmp_path / "printer", tmp_path / "slips", tmp_path / "control"
    arguments = ("--link", str(link), "--out", str(out), "--control", str(control))
    with program("hardware.printers.peer", *arguments) as process:
        printer = escpos_serial(path=str(link))
        printer.open()
        assert printer.print(JOB, "slip-1").outcome is PrintOutcome.DONE
        assert printer.print(JOB, "slip-2").outcome is PrintOutcome.DONE
        files = sorted(path.name for path in out.iterdir())
        assert files == ["slip-0001.bin", "slip-0002.bin"]
        assert all((out / name).read_bytes().startswith(JOB) for name in files)
        process.stdin.write("paper out\n")
        process.stdin.close()
        assert wait_until(lambda: refuses(printer))
        control.write_text("paper in\n")
        assert wait_until(lambda: not refuses(printer))
        printer.close()
    assert not os.path.lexists(link)
    assert not control.exists()


def refuses(printer: EscposPrinter) -> bool:
    try:
        printer.print(JOB, "again")
    except OutOfPaper:
        return True
    return False


def test_the_scanner_program_types_what_it_reads(tmp_path):
    link = tmp_path / "scanner"
    with program("hardware.scanners.peer", "--link", str(link), "--aim") as process:
        codes: list[ScanData] = []
        scanner = SerialScanner(path=str(link))
        scanner.open(codes.append)
        process.stdin.write("6901234567892\n!join 12345670 6901234567892\n")
        process.stdin.flush()
        assert wait_until(lambda: len(codes) == 3)
        assert [code.text for code in codes] == ["6901234567892", "12345670", "6901234567892"]
        scanner.close()
    assert not os.path.lexists(link)


def test_the_keyboard_program_types_in_the_way_of_its_country(tmp_path):
    link, control = tmp_path / "kbd", tmp_path / "control"
    arguments = ("--link", str(link), "--layout", "de", "--control", str(control))
    with program("hardware.scanners.keyboard", *arguments) as process:
        codes: list[ScanData] = []
        scanner = EvdevScanner(path=str(link), layout="de")
        scanner.open(codes.append)
        process.stdin.write("yz-/6901234567892\n")
        process.stdin.flush()
        assert wait_until(lambda: [code.text for code in codes] == ["yz-/6901234567892"])
        control.write_text("!join 1 2\n")
        assert wait_until(lambda: [code.text for code in codes[1:]] == ["1", "2"])
        scanner.close()
    assert not os.path.lexists(link)
    assert not control.exists()


def test_the_program_of_reports_sends_what_it_reads(tmp_path):
    link = tmp_path / "hidraw"
    with program("hardware.scanners.reports", "--link", str(link)) as process:
        codes: list[ScanData] = []
        scanner = HidposScanner(path=str(link))
        scanner.open(codes.append)
        process.stdin.write("6901234567892\n!alien\nhttps://example.cn/1\n")
        process.stdin.flush()
        assert wait_until(lambda: len(codes) == 2)
        assert [code.text for code in codes] == ["6901234567892", "https://example.cn/1"]
        scanner.close()
    assert not os.path.lexists(link)
