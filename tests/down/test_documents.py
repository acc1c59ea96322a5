"""Documents from afar: what is in force after which start, and what is refused in which words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hardware.devices import Condition
from kiosk import __version__
from kiosk.config import load
from kiosk.content import load_price_book
from kiosk.demo.settings import SHOPS
from kiosk.doctor import provider
from kiosk.doctor.finding import examine
from kiosk.down.afar import STARTS, begin, settings_in_force
from kiosk.down.book import book_in_force, shelf_in_force
from kiosk.down.documents import Documents, State
from kiosk.down.papers import WANTED, Papers
from kiosk.errors import ConfigError
from kiosk.standstill import Suspension

BOOK = (SHOPS / "grocery" / "catalogue.csv").read_text("utf-8")
MENU = (SHOPS / "noodles" / "menu.json").read_text("utf-8")
OFFERS = (SHOPS / "grocery" / "campaigns.json").read_text("utf-8")


class Machine:
    """A settings file with a service provider in it, and what came from him."""

    def __init__(self, folder):
        self.folder, self.settings = folder, folder / "kiosk.toml"
        self.write("")
        self.documents = Documents(folder)
        self.shelves = []

    def write(self, more, merchant="M1"):
        self.settings.write_text(
            f'terminal_id = "0001"\n[fleet]\nmerchant_id = "{merchant}"\n'
            f'[paths]\nstate = "{self.folder}"\n[visit]\nidle = 40.0\ndone = 4.0\n{more}',
            "utf-8",
        )

    def papers(self):
        """Of a core that is started now."""
        config = begin(self.settings)
        self.documents = Documents(self.folder)
        papers = Papers(
            self.settings, config, self.documents, lambda *one: self.shelves.append(one)
        )
        return config, papers

    def takes(self, kind, version, text):
        _, papers = self.papers()
        papers.take(kind, version, text)
        return self.documents.of(kind)


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


def test_settings_from_afar_lie_over_the_machines_own_key_by_key(machine):
    one = machine.takes("config", 4, '[visit]\nidle = 9\n[shop]\nname = "远"\n')
    assert (one.state, one.in_force, one.said) == (State.WAITING, 0, "until nobody is served")
    assert settings_in_force(machine.settings).visit.idle == 40
    config, papers = machine.papers()
    assert (config.visit.idle, config.visit.done, config.shop.name) == (9, 4, "远")
    assert (papers.trying, papers.wants_start) == (True, False)
    papers.proven()
    assert machine.documents.of("config").in_force == 4
    assert begin(machine.settings) == settings_in_force(machine.settings) == config


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[visit]\nidle = 'long'", "config-1.toml:2: visit.idle: Expected `float`"),
        ("[shop]\n\ncolour = 'red'", "config-1.toml:3: shop.colour: does not come from afar"),
        ("terminal_id = '0002'", "config-1.toml:1: terminal_id: does not come from afar"),
        ("[channels.x]\ndriver = 'y'", "channels: does not come from afar"),
        ("[fleet]\nurl = 'http://x'", "config-1.toml:1: fleet: does not come from afar"),
        ("[content]\ncatalogue = '/x'", ":2: content.catalogue: does not come from afar"),
        ("[faces]\npassive_only = true", ":2: faces.passive_only: does not come from afar"),
        ("[content]\nweighed_labels = ['x']", ":2: content.weighed_labels: 'x' is not a label"),
        ("shop = 5", "config-1.toml:1: shop: is not a table"),
        ("[shop", "config-1.toml: "),
    ],
)
def test_settings_that_are_not_understood_are_refused_with_file_line_and_key(machine, text, says):
    one = machine.takes("config", 1, text)
    assert (one.state, one.in_force) == (State.REFUSED, 0)
    assert says in one.said
    assert begin(machine.settings) == load(machine.settings)


def test_settings_that_change_nothing_need_no_start(machine):
    one = machine.takes("config", 1, "[visit]\nidle = 40\n")
    assert (one.state, one.in_force) == (State.APPLIED, 1)


def test_nothing_desired_any_more_is_the_machines_own_again(machine):
    machine.takes("config", 1, "[visit]\nidle = 9\n")
    machine.papers()[1].proven()
    assert machine.takes("config", 0, "").state is State.WAITING
    config, papers = machine.papers()
    papers.proven()
    assert (config.visit.idle, machine.documents.of("config").in_force) == (40, 0)
    assert list((machine.folder / "down").glob("config-*")) == []


def test_a_core_that_does_not_stay_up_gets_the_last_good_ones(machine):
    machine.takes("config", 1, "[visit]\nidle = 9\n")
    machine.papers()[1].proven()
    machine.takes("config", 2, "[visit]\nidle = 8\n")
    assert [begin(machine.settings).visit.idle for _ in range(STARTS + 2)] == [8] * STARTS + [9, 9]
    one = Documents(machine.folder).of("config")
    assert (one.state, one.in_force) == (State.REFUSED, 1)


def test_a_newer_version_that_comes_during_the_trial_is_tried_itself(machine):
    machine.takes("config", 1, "[visit]\nidle = 9\n")
    _, papers = machine.papers()
    papers.take("config", 2, "[visit]\nidle = 8\n")
    assert (papers.trying, papers.wants_start) == (False, True)
    assert begin(machine.settings).visit.idle == 8


def test_where_the_last_good_ones_are_damaged_the_machines_own_are_in_force(machine):
    machine.takes("config", 1, "[visit]\nidle = 9\n")
    machine.papers()[1].proven()
    machine.documents.text("config", 1).write_text("[visit]\nidle = ", "utf-8")
    assert begin(machine.settings).visit.idle == 40
    one = Documents(machine.folder).of("config")
    assert (one.state, one.in_force) == (State.REFUSED, 0)


def test_a_disk_that_takes_no_writes_keeps_no_core_from_starting(machine):
    machine.takes("config", 1, "[visit]\nidle = 9\n")
    machine.takes("price_book", 1, BOOK)
    config, papers = machine.papers()
    papers.proven()
    machine.documents.apply("price_book")
    machine.takes("config", 2, "[visit]\nidle = 8\n")
    machine.documents.text("price_book", 1).write_text("damaged", "utf-8")
    (machine.folder / "down" / "documents.json.part").mkdir()
    assert begin(machine.settings).visit.idle == 9
    assert len(shelf_in_force(config, machine.documents).book)


def test_the_doctor_names_what_waits_and_what_was_refused(machine):
    machine.takes("menu", 1, "[]")
    machine.takes("software", 1, "99.0")
    Suspension(machine.folder / "suspended").begin()
    found = {
        one.what: (one.state, one.says)
        for one in examine(provider.checks(settings_in_force(machine.settings)))
    }
    none = machine.documents.text("menu", 1)
    assert found["menu"] == (
        Condition.BAD,
        f"version 1 is refused ({none}, the menu: not an object), version 0 is in force",
    )
    assert found["software"][0] is Condition.UNKNOWN
    assert found["suspension"][0] is Condition.BAD
    machine.write("", merchant="")
    assert provider.checks(settings_in_force(machine.settings)) == []


def test_whoever_has_no_service_provider_obeys_none(machine):
    machine.takes("config", 1, "[visit]\nidle = 9\n")
    machine.papers()[1].proven()
    machine.write("", merchant="")
    assert begin(machine.settings).visit.idle == 40
    assert settings_in_force(machine.settings).visit.idle == 40


def test_what_is_wrong_in_the_machines_own_file_is_said_as_ever(machine):
    machine.write("idel = 3\n")
    with pytest.raises(ConfigError, match=r"kiosk.toml:9: visit.idel: is not a setting"):
        begin(machine.settings)


def test_a_price_book_waits_for_the_next_visit_and_is_there_after_a_start(machine):
    dearer = BOOK.replace("39.90", "41.00")
    config, papers = machine.papers()
    papers.take("price_book", 3, dearer)
    papers.look()
    assert machine.documents.of("price_book").state is State.WAITING
    assert book_in_force(config) == config.content.catalogue
    ((_, stocked),) = machine.shelves
    stocked()
    papers.look()
    assert machine.documents.of("price_book").in_force == 3
    assert book_in_force(config).read_text("utf-8") == dearer
    machine.documents.text("price_book", 3).write_text("damaged", "utf-8")
    shelf = shelf_in_force(config, machine.documents)
    assert len(shelf.book) == len(load_price_book(config.content.catalogue))
    one = machine.documents.of("price_book")
    assert (one.state, one.in_force) == (State.REFUSED, 0)
    assert "price_book-3.csv, line 1: the columns are" in one.said


def test_a_price_book_that_waited_when_the_core_ended_is_offered_again(machine):
    machine.takes("price_book", 3, BOOK)
    _, papers = machine.papers()
    papers.resume()
    assert len(machine.shelves) == 2


@pytest.mark.parametrize("kind", ["checkout", "restaurant"])
def test_a_menu_is_kept_and_what_is_none_is_refused(machine, kind):
    machine.write(f'[shop]\nkind = "{kind}"\n')
    config, papers = machine.papers()
    papers.take("menu", 1, MENU)
    if kind == "restaurant":
        assert machine.documents.of("menu").state is State.WAITING
        shelf, stocked = machine.shelves[-1]
        assert shelf.menu.dish("00101").product.price.fen == 2600
        assert shelf.book.find_plu(101).picture == str(
            config.content.menu.parent / "pictures" / "braised-beef-noodles.png"
        )
        stocked()
        papers.look()
    assert machine.documents.of("menu").in_force == 1
    papers.take("menu", 2, MENU.replace('"26.00"', '"26.001"'))
    one = machine.documents.of("menu")
    assert (one.state, one.in_force) == (State.REFUSED, 1)
    assert "menu-2.json, dish 101, key price: '26.001' is not an amount" in one.said
    assert machine.documents.in_force("menu").read_text("utf-8") == MENU
    papers.take("menu", 0, "")
    assert machine.documents.of("menu").open is (kind == "restaurant")


def test_a_restaurant_starts_with_the_menu_in_force_and_without_a_damaged_one(machine):
    machine.write('[shop]\nkind = "restaurant"\n')
    config, papers = machine.papers()
    papers.take("menu", 1, MENU.replace('"26.00"', '"29.00"'))
    machine.shelves[-1][1]()
    papers.look()
    shelf = shelf_in_force(config, machine.documents)
    assert shelf.menu.dish("00101").product.price.fen == 2900
    assert book_in_force(config) == machine.documents.text("menu", 1)
    machine.documents.text("menu", 1).write_text("{", "utf-8")
    assert shelf_in_force(config, machine.documents).menu.dish("00101").product.price.fen == 2600
    one = machine.documents.of("menu")
    assert (one.state, one.in_force) == (State.REFUSED, 0)


def test_campaigns_from_afar_are_in_force_from_the_next_visit_on(machine):
    config, papers = machine.papers()
    papers.take("campaigns", 1, OFFERS)
    shelf, stocked = machine.shelves[-1]
    assert [each.id for each in shelf.campaigns] == ["from-100", "second-drink"]
    stocked()
    papers.look()
    assert machine.documents.of("campaigns").in_force == 1
    assert len(shelf_in_force(config, machine.documents).campaigns) == 2
    papers.take("campaigns", 2, "[{}]")
    one = machine.documents.of("campaigns")
    assert (one.state, one.in_force) == (State.REFUSED, 1)
    assert "campaigns-2.json, line 1, key kind" in one.said


def test_two_documents_that_wait_are_in_force_together(machine):
    _, papers = machine.papers()
    dearer = BOOK.replace("39.90", "41.00")
    papers.take("price_book", 1, dearer)
    papers.take("campaigns", 1, OFFERS)
    assert len(machine.shelves) == 2
    shelf, stocked = machine.shelves[-1]  # the first one never was in force
    assert len(shelf.campaigns) == 2
    assert "41.00" in {product.price.yuan for product in shelf.book}
    stocked()
    papers.look()
    assert {machine.documents.of(each).in_force for each in ("price_book", "campaigns")} == {1}
    assert not papers.waits


def test_software_is_wanted_of_the_updater_and_in_force_when_it_runs(machine):
    one = machine.takes("software", 1, "99.0")
    assert (one.state, one.said) == (State.WAITING, f"version {__version__} runs")
    assert (machine.folder / WANTED).read_text("utf-8") == "99.0\n"
    assert machine.takes("software", 2, __version__).state is State.APPLIED
    machine.takes("software", 0, "")
    assert not (machine.folder / WANTED).exists()


@pytest.mark.parametrize("kind", ["poster", "../ledger", "*"])
def test_a_kind_of_a_later_fleet_is_refused_and_names_no_file(machine, kind):
    machine.takes("menu", 1, MENU)
    other = machine.folder / "ledger-1.db"
    other.write_text("money", "utf-8")
    one = machine.takes(kind, 1, "x")
    assert (one.state, machine.documents.seen()[kind]) == (State.REFUSED, 1)
    assert other.exists()
    assert machine.documents.in_force("menu").exists()


def test_a_state_is_told_until_it_is_acknowledged_and_a_newer_one_is_told_again(machine):
    machine.takes("menu", 1, MENU)
    (news,) = machine.documents.news()
    machine.documents.refuse("menu", 2, "so")
    machine.documents.acknowledge([news])
    assert [each["version"] for each in machine.documents.news()] == [2]
    machine.documents.acknowledge(machine.documents.news())
    assert Documents(machine.folder).news() == []
    assert Documents(machine.folder).of("menu") == replace(machine.documents.of("menu"), told=True)


def test_a_damaged_record_is_asked_for_again(machine):
    machine.takes("menu", 1, MENU)
    (machine.folder / "down" / "documents.json").write_text("{", "utf-8")
    assert Documents(machine.folder).seen() == {}
