"""How the diner eats: here, or somewhere else. Two cards, and nothing else to think of."""

from __future__ import annotations

from kivy.properties import StringProperty

from kiosk.messages import Back
from kiosk.messages.menu import ChooseService
from kiosk.ui.controls import Tap
from kiosk.ui.shadow import Shaded
from kiosk.ui.view import View


class ServiceCard(Shaded, Tap):
    """One way to eat: a large icon, what it is called, what it means."""

    icon = StringProperty("")
    key = StringProperty("")
    below = StringProperty("")


class Service(View):
    """Asked once a visit, and again when the diner wants to change it."""

    def choose(self, service: str) -> None:
        """He eats so."""
        self.act(ChooseService(service))

    def back(self) -> None:
        """To the menu, or out of the visit."""
        self.act(Back())


VIEW = Service
