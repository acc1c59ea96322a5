"""The commands of whoever keeps the register: each in this process, one as a shell calls it."""

import os
import subprocess
import sys

import pytest

from fleet.__main__ import main
from fleet.books import Books
from fleet.database import Database
from fleet.down import Commands
from fleet.ingest import Ingest
from fleet.line import read_lines
from fleet.who import Who
from tests.fleet.till import FEN, NOON, TODAY, Till


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path}/fleet.db"


@pytest.fixture
def fleet(monkeypatch, capsys):
    def run(url, *words, fails=False):
        monkeypatch.setenv("FLEET_DATABASE", url)
        capsys.readouterr()
        try:
            status = main(words)
        except SystemExit as error:  # the words are none of its
            status = error.code
        said = capsys.readouterr()
        assert bool(status) == fails, said.err
        return said.out + said.err

    return run


def test_a_shell_calls_it(url):
    command = [sys.executable, "-m", "fleet", "counts"]
    environment = {**os.environ, "FLEET_DATABASE": url}
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert "no tables yet" in run.stderr


def test_a_register_is_kept_and_counts_are_printed(fleet, url):
    fleet(url, "migrate")
    fleet(url, "register", "district", "D1", "mall", "万象城")
    fleet(url, "register", "merchant", "M1", "鲜果超市")
    fleet(url, "register", "store", "M1", "S1", "一号店", "示例路 1 号", "+31.2304/+121.4737")
    fleet(url, "register", "plan", "M1", "0001", "S1", "SN1", "12345678")
    till = Till()
    till.sell("1" * 24)
    database = Database(url)
    Ingest(database).take(Who("M1", "0001"), list(read_lines(till.lines())), NOON)
    Books(database).work_all()
    database.close()
    row = f"M1,0001,{TODAY},wechatpay,FACE,1,{FEN},0,0,0,0"
    assert fleet(url, "counts").splitlines()[1:] == [row]
    assert "3 entries" in fleet(url, "rebuild")
    assert fleet(url, "counts").splitlines()[1:] == [row]


def test_a_database_without_tables_is_named_with_its_mend(fleet, url):
    said = fleet(url, "counts", fails=True)
    assert "no tables yet" in said
    assert "python -m fleet migrate" in said


def test_what_cannot_be_registered_is_said_in_a_sentence(fleet, url):
    fleet(url, "migrate")
    assert "no merchant M9" in fleet(url, "register", "store", "M9", "S1", "x", fails=True)
    assert "takes 2 to 2" in fleet(url, "register", "merchant", "M9", fails=True)
    fleet(url, "register", "merchant", "M1", "x")
    fleet(url, "register", "store", "M1", "S1", "x")
    fleet(url, "register", "plan", "M1", "0001", "S1", "SN1")
    said = fleet(url, "register", "approve", "M1", "0001", "AAAABBBB", fails=True)
    assert "no device shows this code" in said
    fleet(url, "register", "lost", "M1", "0001")


def test_orders_and_documents_are_given_from_a_shell(fleet, url, tmp_path):
    fleet(url, "migrate")
    fleet(url, "register", "merchant", "M1", "鲜果超市")
    fleet(url, "register", "store", "M1", "S1", "一号店")
    fleet(url, "register", "plan", "M1", "0001", "S1", "SN1")
    order = fleet(url, "tell", "M1", "0001", "refund", "out_trade_no=T1", "fen=100", "reason=x")
    database = Database(url)
    (given,) = Commands(database).of(Who("M1", "0001"))
    database.close()
    assert given.command_id == order.strip()
    assert given.arguments == {"out_trade_no": "T1", "fen": 100, "reason": "x"}
    assert "takes device" in fleet(url, "tell", "M1", "0001", "test_device", fails=True)
    path = tmp_path / "config.toml"
    path.write_text("[visit]\nidle = 30\n", "utf-8")
    assert fleet(url, "desire", "M1", "config", str(path), "--store", "S1") == "config 1\n"
    assert fleet(url, "applied", "M1") == "M1/0001 config wants 1: nothing yet\n"
    assert "no store S9" in fleet(
        url, "desire", "M1", "config", str(path), "--store", "S9", fails=1
    )


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("serve", "--listen", "nonsense"), "nonsense is not HOST:PORT"),
        (("console", "--listen", "127.0.0.1:99999"), "is not HOST:PORT"),
        (("serve", "--certificate", "/none", "--key", "/none"), "/none cannot be read"),
    ],
)
def test_a_place_to_listen_that_cannot_be_is_said_in_a_sentence(fleet, url, words, says):
    said = fleet(url, *words, fails=True)
    assert says in said
    assert "Traceback" not in said


@pytest.mark.parametrize("named", ["nonsense", "oracle:///x"])
def test_a_name_of_no_database_is_said_in_a_sentence(fleet, named):
    said = fleet(named, "counts", fails=True)
    assert "FLEET_DATABASE names no database" in said
    assert "Traceback" not in said
