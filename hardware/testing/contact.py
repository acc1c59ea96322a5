"""The contract of a contact as tests."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import pytest

from hardware.devices import Condition, Contact
from hardware.testing.waiting import wait_until


@dataclass(frozen=True, slots=True)
class ContactRig:
    """A contact, not yet open, that is off; ``switch`` makes it so or not."""

    contact: Contact
    switch: Callable[[bool], None]


class ContactContract(ABC):
    """What every Contact does."""

    @abstractmethod
    def rig(self, folder: Path) -> AbstractContextManager[ContactRig]:
        """A fresh rig in an empty ``folder``; cleans up behind the test."""

    @pytest.fixture
    def ready(self, tmp_path: Path) -> Iterator[ContactRig]:
        with self.rig(tmp_path) as rig:
            yield rig
            rig.contact.close()

    def test_what_is_so_is_told_at_first_and_then_each_change(self, ready: ContactRig) -> None:
        heard: list[bool] = []
        assert ready.contact.is_on() is None
        ready.contact.open(heard.append)
        assert wait_until(lambda: heard == [False])
        ready.switch(True)
        assert wait_until(lambda: heard == [False, True])
        assert ready.contact.is_on() is True
        ready.switch(False)
        assert wait_until(lambda: heard == [False, True, False])
        assert ready.contact.is_on() is False

    def test_bouncing_is_no_change(self, ready: ContactRig) -> None:
        heard: list[bool] = []
        ready.contact.open(heard.append)
        assert wait_until(lambda: heard == [False])
        for _ in range(5):
            ready.switch(True)
            ready.switch(False)
        time.sleep(0.1)
        assert heard == [False]

    def test_whoever_listens_may_fail_and_hears_the_next_change(self, ready: ContactRig) -> None:
        heard: list[bool] = []

        def listen(on: bool) -> None:  # noqa: FBT001 - as Changed has it
            heard.append(on)
            raise RuntimeError("a listener that fails")

        ready.contact.open(listen)
        assert wait_until(lambda: heard == [False])
        ready.switch(True)
        assert wait_until(lambda: heard == [False, True])

    def test_a_closed_contact_is_silent(self, ready: ContactRig) -> None:
        heard: list[bool] = []
        ready.contact.open(heard.append)
        assert wait_until(lambda: heard == [False])
        ready.contact.close()
        ready.contact.close()
        ready.switch(True)
        time.sleep(0.1)
        assert heard == [False]
        assert ready.contact.check_health().condition is Condition.BAD
