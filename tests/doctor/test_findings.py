"""How checks are asked, and the findings that no healthy machine can be brought to show."""

from __future__ import annotations

import os
import tempfile
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from hardware.devices import Condition, PrinterStatus
from kiosk.channels.channel import OutcomeUnknown
from kiosk.config import Config, Faces
from kiosk.doctor import certificates, channels, faces, ledger, machine, table
from kiosk.doctor.devices import facts
from kiosk.doctor.finding import Check, Finding, bad, examine, good
from kiosk.settings import Driver


def test_checks_run_at_the_same_time_and_answer_in_their_order():
    met = threading.Barrier(2, timeout=5)  # breaks unless both are there at once

    def ask(name):
        met.wait()
        return [good(name, "")]

    found = examine([Check(name, lambda name=name: ask(name)) for name in ("one", "two")])
    assert [(one.what, one.state) for one in found] == [
        ("one", Condition.GOOD),
        ("two", Condition.GOOD),
    ]


def test_a_check_that_hangs_is_left_behind_and_is_bad():
    ends = threading.Event()

    def hang():
        ends.wait(30)
        return [good("camera", "")]

    began = time.monotonic()
    found = examine([Check("camera", hang, 0.2), Check("clock", lambda: [good("clock", "")])])
    ends.set()
    assert time.monotonic() - began < 5
    assert [one.state for one in found] == [Condition.BAD, Condition.GOOD]
    assert found[0].says == "gave no answer within 0.2 s"


def test_a_defect_in_a_check_is_a_finding_without_a_trace():
    def defect():
        yield good("model yunet", "")
        raise RuntimeError("first line\nsecond line")

    before, found = examine([Check("models", defect)])
    assert before == good("model yunet", "")
    assert found.state is Condition.BAD
    assert found.says == "could not be looked at (RuntimeError: first line)"
    assert found.mend == "Tell the service provider."


def test_a_clock_without_a_battery_is_bad_and_a_plausible_one_is_not():
    (found,) = machine.clock(datetime(1970, 1, 1, tzinfo=UTC))
    assert found.state is Condition.BAD
    assert "1970-01-01" in found.says
    (found,) = machine.clock(datetime(2026, 3, 1, tzinfo=UTC))
    assert found.state is not Condition.BAD


@pytest.mark.parametrize(
    ("ahead", "state", "says"),
    [
        (0.9, Condition.GOOD, "agrees"),
        (-30.0, Condition.GOOD, "30 s behind"),
        (301.0, Condition.BAD, "301 s ahead"),
        (None, Condition.GOOD, "does not tell"),
    ],
)
def test_the_channels_clock_is_compared_with_ours(ahead, state, says):
    found = channels._with_clock("channel", "answers", ahead)
    assert found.state is state
    assert says in found.says


@pytest.mark.parametrize(
    ("sandbox", "passive_only", "challenge", "state", "says"),
    [
        (True, True, "off", Condition.GOOD, "no money moves"),
        (False, True, "off", Condition.BAD, "pictures of a person may pay"),
        (False, True, "doubt", Condition.BAD, "pictures of a person may pay"),
        (False, True, "always", Condition.GOOD, "every shopper is asked to move"),
        (False, False, "off", Condition.BAD, "too weak to stand alone"),
        (False, False, "doubt", Condition.GOOD, "every shopper is asked to move"),
    ],
)
def test_a_weak_attack_detection_is_good_only_where_no_money_moves_or_shoppers_are_asked_to_move(
    tmp_path, sandbox, passive_only, challenge, state, says
):
    config = Config(
        "0001",
        faces=Faces(passive_only=passive_only, challenge=challenge),
        channels={"wechatpay": Driver("wechatpay", {"sandbox": sandbox})},
    )
    # An empty weights folder: the best set is not here, so the last one would be in force.
    (found,) = faces.attack_detection(config, tmp_path)
    assert found.state is state
    assert says in found.says


def test_a_machine_without_a_camera_offers_no_face_and_that_is_no_fault():
    (check,) = faces.checks(Config("0001"), running=False)
    (found,) = check.ask()
    assert found.state is Condition.GOOD


def test_a_channel_that_refuses_our_clock_says_so_and_how_to_set_it():
    found = channels._refused("channel wechatpay_native", OutcomeUnknown("clock", "Set it."))
    assert found.state is Condition.BAD
    assert "clock" in found.says
    assert "timedatectl" in found.mend


def test_no_channel_at_all_is_bad():
    (check,) = channels.checks(Config("0001"))
    (found,) = check.ask()
    assert found.state is Condition.BAD


def test_a_fact_the_printer_did_not_tell_is_neither_good_nor_bad():
    status = PrinterStatus(online=Condition.GOOD, paper=Condition.GOOD, near_end=Condition.BAD)
    assert facts(status) == "on line, paper in, nearly at its end, not told: cover, cutter"
    silent = facts(replace(status, online=Condition.UNKNOWN))
    assert "on line" not in silent
    assert "not told: online, cover, cutter" in silent


def test_the_file_system_of_a_path_is_that_of_the_longest_mount_point(tmp_path):
    mounts = tmp_path / "mountinfo"
    mounts.write_text(
        "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n"
        "2 1 0:20 / /run rw - tmpfs tmpfs rw\n"
        "3 1 8:2 / /run/my\\040disk rw - xfs /dev/sdb1 rw\n",
        "utf-8",
    )
    kinds = [
        machine.file_system(Path(path), mounts)
        for path in ("/run/kiosk", "/run/my disk/kiosk", "/running")
    ]
    assert kinds == ["tmpfs", "xfs", "ext4"]


def test_a_directory_that_takes_no_writes_is_bad(open_folder):
    state, run = open_folder / "state", open_folder / "run"
    for path in (state, run):
        path.mkdir(0o555)
    found = as_a_plain_user(lambda: [*ledger.examined(state), machine.run_directory("run", run)])
    assert found == [
        f"bad: {state} does not take writes",
        f"bad: {run} does not take writes",
    ]


def test_what_this_user_may_not_see_asks_for_another_user(open_folder):
    (open_folder / "state").mkdir(0o000)
    check = Check("ledger", lambda: ledger.examined(open_folder / "state" / "kiosk"))
    (found,) = as_a_plain_user(lambda: examine([check]))
    assert found == f"bad: this user may not look at {open_folder}/state/kiosk"


def test_findings_as_json_and_as_text_say_the_same():
    found = [good("fonts", "ready"), Finding("clock", Condition.UNKNOWN, "not told"),
             bad("printer", "the cover is open", "Close it.")]  # fmt: skip
    text = table.as_text(found, 60)
    assert text == (
        "state    what     says\n"
        "good     fonts    ready\n"
        "unknown  clock    not told\n"
        "BAD      printer  the cover is open\n"
        "                  → Close it.\n"
        "\n"
        "1 good, 1 BAD, 1 unknown\n"
    )
    assert '"good": false' in table.as_json(found)
    assert '"good": true' in table.as_json(found[:2])


@pytest.fixture
def open_folder():
    """A folder that other users may enter, which pytest's own is not."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder
        for path in folder.iterdir():
            path.chmod(0o755)


def as_a_plain_user(look) -> list[str]:
    """What `look` finds; as root in a child that has become nobody, whom permissions bind."""
    if os.geteuid() != 0:
        return [f"{one.state.value}: {one.says}" for one in look()]
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
            said = "\n".join(f"{one.state.value}: {one.says}" for one in look())
        except BaseException as error:  # noqa: BLE001  the child must end here
            said = repr(error)
        os.write(writing, said.encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    return said.splitlines()


@pytest.fixture
def certificate(tmp_path):
    """A merchant's certificate of a year from New Year 2026, and its key, as two files."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "1900000109")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2027, 1, 1, tzinfo=UTC))
        .sign(key, hashes.SHA256())
    )
    path, key_path = tmp_path / "apiclient_cert.pem", tmp_path / "apiclient_key.pem"
    path.write_bytes(made.public_bytes(Encoding.PEM))
    form = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    key_path.write_bytes(key.private_bytes(*form))
    return path, key_path


@pytest.mark.parametrize(
    ("day", "state", "says"),
    [
        ((2026, 6, 1), Condition.GOOD, "lasts until 2027-01-01"),
        ((2026, 12, 12), Condition.GOOD, "lasts until 2027-01-01"),
        ((2027, 1, 2), Condition.BAD, "was over on 2027-01-01"),
        ((2025, 12, 30), Condition.BAD, "begins in the future"),
    ],
)
def test_a_certificate_that_ends_is_told_in_time(certificate, day, state, says):
    found = certificates.lasting("certificate x", certificate[0], datetime(*day, tzinfo=UTC))
    assert (found.state, says in found.says) == (state, True)
    assert bool(found.mend) == (day != (2026, 6, 1))


def test_a_certificate_is_checked_beside_its_key(certificate, tmp_path):
    path, key = certificate
    other = tmp_path / "other.pem"
    form = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    other.write_bytes(ec.generate_private_key(ec.SECP256R1()).private_bytes(*form))

    def found(**options):
        driver = Driver("wechatpay", {name: str(one) for name, one in options.items()})
        checks = certificates.checks(Config("0001", channels={"w": driver}))
        return [one for check in checks for one in check.ask()]

    assert found() == []
    assert found(certificate_path=path, private_key_path=key)[0].state is Condition.GOOD
    assert "is not the key of" in found(certificate_path=path, private_key_path=other)[0].says
    assert "holds no certificate" in found(certificate_path=key)[0].says
    assert "cannot be read" in found(certificate_path=tmp_path / "none")[0].says
