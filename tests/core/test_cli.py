"""What the person reads who starts a process that cannot start."""

from __future__ import annotations

import fcntl
import subprocess
import sys


def test_a_core_whose_ledger_is_held_says_so_in_one_line(tmp_path):
    directory = tmp_path / "state" / "ledger"
    directory.mkdir(parents=True)
    (tmp_path / "key").write_text("0" * 32, "ascii")
    config = tmp_path / "kiosk.toml"
    config.write_text(
        f'terminal_id = "0001"\n[paths]\nstate = "{tmp_path}/state"\nrun = "{tmp_path}"\n'
        '[channels.wechatpay]\ndriver = "wechatpay"\nappid = "a"\nmch_id = "b"\n'
        f'sandbox = true\nkey_credential = "{tmp_path}/key"\n',
        "utf-8",
    )
    with (directory / "ledger.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        answer = subprocess.run(
            [sys.executable, "-m", "kiosk", "core", "--config", str(config)],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
    assert answer.returncode == 1
    assert answer.stderr.startswith(f"kiosk: {directory} is in use by another process. ")
    assert answer.stderr.count("\n") == 1
