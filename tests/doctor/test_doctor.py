"""`kiosk doctor` on a shop with everything right, and with each thing wrong in turn."""

from __future__ import annotations

import os
import shutil
import socket

import pytest
from patient import held_by_a_running_kiosk

from hardware.scales.peer import ScalePeer

DOCTORED = (
    "settings", "catalogue", "ledger", "run directory", "fonts", "users", "clock",
    "channel wechatpay", "channel wechatpay_native", "scanner", "printer", "model yunet",
    "model sface", "attack detection", "camera", "wallet key", "face service",
)  # fmt: skip


def test_a_shop_in_order_has_nothing_bad_and_the_code_zero(shop, weights):
    shop.settings(with_faces=True)
    done = shop.run("doctor")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    for what in DOCTORED:
        assert f"  {what}  " in done.stdout
    assert "BAD" not in done.stdout
    said = " ".join(done.stdout.split())
    assert "on line, paper in, enough of it, cover closed, cutter free" in said
    assert "SANDBOX, no money moves; its clock agrees with ours" in said
    assert "hash right, runs on onnxruntime; MIT" in said
    assert "active challenge" in said  # without it, or with stronger networks where they are here
    assert "gives pictures of 640 × 480" in said


def test_every_line_of_the_table_fits_and_its_columns_stand_in_line(shop):
    shop.settings(devices__scanner={"path": "/dev/serial/by-id/no-such-scanner"})
    lines = shop.run("doctor").stdout.splitlines()
    says = lines[0].index("says")
    table = lines[: lines.index("")]
    # A path is never cut, so that it can be copied; it may stick out alone.
    assert all(len(line) <= 100 or " " not in line[says:].removeprefix("→ ") for line in table)
    # What a mend says goes on below its first word, behind the arrow.
    assert all(line[says - 1] == " " and line[says:].removeprefix("  ")[0] != " " for line in table)
    assert any(line.startswith("BAD      scanner") for line in table)
    assert any(line[says:].startswith("→ ") for line in table)


# ---- the face


def test_a_missing_model_is_named_with_the_command_that_brings_it(shop, weights):
    shop.settings(with_faces=True)
    (weights / "yunet_2023mar.onnx").unlink()
    found = shop.doctor().only_bad("model yunet")
    assert "yunet_2023mar.onnx" in found["says"]
    assert "python -m models fetch" in found["mend"]


def test_an_altered_model_is_not_taken(shop, weights):
    shop.settings(with_faces=True)
    path = weights / "sface_2021dec.onnx"
    path.unlink()
    path.write_bytes(b"not a network")
    found = shop.doctor().only_bad("model sface")
    assert "is not the file the manifest names" in found["says"]


def test_camera_wallet_key_and_wallet_are_told_apart(shop, weights):
    (shop.places.folder / "sandbox" / "wallet.pub").write_text("AAAA", "ascii")
    shop.settings(
        with_faces=True,
        faces={"wallet_url": f"http://127.0.0.1:{closed_port()}", "passive_only": False},
        faces__camera={"picture": str(shop.places.folder / "none.png")},
    )
    report = shop.doctor()
    wrong = {"camera", "wallet key", "face service"}
    assert wrong <= set(report.bad) <= wrong | {"attack detection"}
    assert "none.png" in report.findings["camera"]["says"]
    assert "32 bytes" in report.findings["wallet key"]["says"]
    assert "does not answer" in report.findings["face service"]["says"]


# ---- the money


def test_a_wrong_key_is_the_channels_fault_and_says_so(shop):
    (shop.places.folder / "wechatpay.key").write_text("0" * 32, "ascii")
    found = shop.doctor().only_bad("channel wechatpay")
    assert "0" * 32 not in found["says"]


def test_a_credential_that_is_not_there_is_named(shop):
    shop.settings(channels__wechatpay={"key_credential": "/no/such/wechatpay.key"})
    assert "/no/such/wechatpay.key" in shop.doctor().only_bad("channel wechatpay")["says"]


def test_a_key_that_only_the_unit_sees_makes_the_channel_unknown_not_bad(shop):
    shop.settings(channels__wechatpay={"key_credential": "wechatpay.key"})
    report = shop.doctor()
    assert report.code == 0
    found = report.findings["channel wechatpay"]
    assert found["state"] == "unknown"
    assert "systemd-run" in found["mend"]


def test_a_channel_out_of_reach_is_bad(shop):
    shop.settings(channels__wechatpay={"pay_url": f"http://127.0.0.1:{closed_port()}"})
    found = shop.doctor().only_bad("channel wechatpay")
    assert "not reachable" in found["says"]
    assert "network" in found["mend"]


# ---- the channel of the QR


def test_a_third_version_key_that_opens_no_certificate_is_told_and_not_shown(shop):
    (shop.places.folder / "wechatpay_native.key").write_text("0" * 32, "ascii")
    found = shop.doctor().only_bad("channel wechatpay_native")
    assert "certificates cannot be read" in found["says"]
    assert "APIv3 key" in found["mend"]
    assert "0" * 32 not in found["says"]


def test_a_private_key_that_is_not_the_merchants_is_told(shop):
    keys = shop.wallet / "v3"
    shutil.copy(keys / "platform.key", keys / "merchant.key")
    found = shop.doctor().only_bad("channel wechatpay_native")
    assert "HTTP 401" in found["says"]
    assert "private_key_path" in found["mend"]


def test_a_qr_channel_out_of_reach_leaves_the_other_one_good(shop):
    nobody = f"http://127.0.0.1:{closed_port()}"
    shop.settings(channels__wechatpay_native={"pay_url": nobody})
    assert "not reachable" in shop.doctor().only_bad("channel wechatpay_native")["says"]


# ---- the devices


@pytest.mark.parametrize("device", ["scanner", "printer"])
def test_a_device_that_is_not_plugged_in_is_named(shop, device):
    shop.settings(**{f"devices__{device}": {"path": f"/dev/no-such-{device}"}})
    found = shop.doctor().only_bad(device)
    assert f"/dev/no-such-{device}" in found["says"]
    assert "plugged in" in found["mend"]


def test_a_scale_is_asked_whether_it_answers(shop, tmp_path):
    peer = ScalePeer(tmp_path / "scale", "cas")
    peer.start()
    shop.settings(devices__scale={"driver": "cas", "path": str(tmp_path / "scale")})
    assert shop.doctor().findings["scale"]["state"] == "good"
    peer.order("mute")
    told = shop.doctor().findings["scale"]
    peer.stop()
    assert (told["state"], "does not answer" in told["says"]) == ("bad", True)
    assert told["mend"]


def test_an_empty_roll_is_said_with_the_printers_own_facts(shop):
    assert shop.printer.order("paper out")
    found = shop.doctor().only_bad("printer")
    assert found["says"].startswith("the paper has run out (")
    assert "paper out" in found["says"]
    assert "cover closed" in found["says"]
    assert found["mend"] == "Put in a new roll and close the cover."


def test_a_printer_that_tells_nothing_is_unknown(shop):
    shop.settings(devices__printer={"realtime": False})
    report = shop.doctor()
    assert report.code == 0
    assert report.findings["printer"]["state"] == "unknown"
    assert "not told: online, paper, near end, cover, cutter" in report.findings["printer"]["says"]


def test_what_the_running_kiosk_holds_is_said_to_be_in_use_by_it(shop):
    with held_by_a_running_kiosk(shop):
        report = shop.doctor()
    assert report.code == 0
    assert "the kiosk is running" in report.findings["settings"]["says"]
    assert report.findings["ledger"]["state"] == "good"
    for device in ("scanner", "printer"):
        assert report.findings[device]["state"] == "unknown"
    for what in ("ledger", "scanner", "printer"):
        assert "in use by the running kiosk" in report.findings[what]["says"]


# ---- the machine


def test_a_key_nobody_reads_is_the_only_finding_and_has_file_line_and_name(shop):
    shop.settings(shop={"colour": "red"})
    report = shop.doctor()
    assert list(report.findings) == ["settings"]
    lines = shop.config.read_text("utf-8").splitlines()
    line = 1 + next(at for at, text in enumerate(lines) if text.startswith("colour"))
    assert f"{shop.config}:{line}: shop.colour" in report.only_bad("settings")["says"]


def test_an_unknown_driver_lists_the_known_ones(shop):
    shop.settings(devices__printer={"driver": "esc-pos"})
    assert "escpos-serial" in shop.doctor().only_bad("printer")["mend"]


def test_absent_directories_are_named_each_with_its_mend(shop):
    shutil.rmtree(shop.places.folder / "state")
    shop.settings(paths={"run": str(shop.places.folder / "no-run")})
    report = shop.doctor()
    assert report.bad == ["ledger", "run directory"]
    for what in report.bad:
        assert "does not exist" in report.findings[what]["says"]
        assert report.findings[what]["mend"]


def test_a_run_directory_on_a_disk_is_refused_since_faces_would_be_written_there(shop, tmp_path):
    if os.statvfs(tmp_path).f_fsid == os.statvfs("/dev/shm").f_fsid:
        pytest.skip("the tests' own folder lies in memory here")
    shop.settings(paths={"run": str(tmp_path)})
    assert "lies on a disk" in shop.doctor().only_bad("run directory")["says"]


def test_goods_whose_station_or_slot_is_missing_are_found(shop, tmp_path):
    book = tmp_path / "book.csv"
    head = "gtin,plu,name_zh,name_en,price,sold_by,tax,station,slot\n"
    book.write_text(f"{head}6901000000042,,面,,9,piece,6,kitchen,\n96385074,,水,,2,piece,6,,3\n")
    link = str(shop.places.run / "printer")
    shop.settings(content={"catalogue": str(book)})
    assert shop.doctor().bad == ["kitchen", "dispenser"]
    shop.settings(
        content={"catalogue": str(book)},
        stations__kitchen={"driver": "escpos-serial", "path": f"{link}-none"},
        devices__dispenser={"driver": "simulated"},
    )
    report = shop.doctor()
    assert report.bad == ["kitchen"]
    assert report.findings["dispenser"]["state"] == "good"


def test_a_catalogue_and_a_user_that_are_not_there_are_found(shop):
    shop.settings(content={"catalogue": "/no/such.csv"}, users={"ui": "no-such-user"})
    report = shop.doctor()
    assert report.bad == ["catalogue", "users"]
    assert "/no/such.csv" in report.findings["catalogue"]["says"]
    assert "no user no-such-user" in report.findings["users"]["says"]


def closed_port() -> int:
    """A port at which nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]
