"""What stands around the screen: lights follow it, a sensor wakes it, a button calls the staff.

    lights       green: it sells   amber: staff are needed (blinks: called)   red: out of order
                 face: while a face is looked for
    presence     nobody there for `visit.sleep` seconds: the attract screen goes dark, and is back
                 before whoever comes has reached it
    door         open: a fault of the device `door` until it is closed
    help_button  as the button on the screen
    headphones   plugged in: spoken guidance begins; pulled out: it ends

Everything that goes to the screen passes here, so the lights never say something else than it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace

from hardware.devices import Lights
from hardware.errors import DeviceError
from kiosk.messages import CallAttendant, Message, Screen, Showing

PRESENCE, DOOR, HELP_BUTTON = "presence", "door", "help_button"
HEADPHONES = "headphones"
GREEN, AMBER, RED, FACE = "green", "amber", "red", "face"
BLINK_S = 1.0  # of a whole cycle, as towers on shop floors do
SAY_AGAIN = 1.0  # seconds; lights that nobody sets say that the kiosk stands still

log = logging.getLogger(__name__)


class Housing:
    """Used by the checkout's thread only."""

    def __init__(
        self,
        lights: Lights | None,
        send: Callable[[Message], object],
        press: Callable[[CallAttendant], object],
        sleep_s: float,
        plug: Callable[[bool], object] = lambda _on: None,
    ) -> None:
        """`send` is the way to the screen; `sleep_s` 0: the screen never goes dark.

        `plug` hears whether headphones are in.
        """
        self._lights = lights
        self._send = send
        self._press = press
        self._sleep_s = sleep_s
        self._plug = plug
        self._showing: Showing | None = None
        self._somebody: bool | None = None  # None: nothing here tells
        self._since = 0.0  # when the presence sensor last changed
        self._awake = True
        self._said = 0.0

    def show(self, message: Message) -> None:
        """Pass a message to the screen, and set the lights by it."""
        if isinstance(message, Showing):
            self._showing = message
            self._awake = self._awake or message.screen is not Screen.ATTRACT
            message = replace(message, awake=self._awake)
            self._light()
        self._send(message)

    def contact(self, name: str, on: bool, now: float) -> None:  # noqa: FBT001 - a contact's state
        """A sensor or button of the housing has changed."""
        if name == PRESENCE:
            self._somebody, self._since = on, now
            if on:
                self._wake(awake=True)
        elif name == HELP_BUTTON and on:
            self._press(CallAttendant())
        elif name == HEADPHONES:
            self._plug(on)
        elif name == DOOR:
            log.warning("door %s", "open" if on else "closed")

    def tick(self, now: float) -> None:
        """Time has passed."""
        if now - self._said >= SAY_AGAIN:
            self._said = now
            self._light()
        asleep = self._somebody is False and now - self._since >= self._sleep_s > 0
        idle = self._showing is not None and self._showing.screen is Screen.ATTRACT
        if asleep and idle:
            self._wake(awake=False)

    def _wake(self, *, awake: bool) -> None:
        if self._awake != awake:
            self._awake = awake
            if self._showing is not None:
                self.show(self._showing)

    def _light(self) -> None:
        if self._lights is None or self._showing is None:
            return
        try:
            for light, blink_s in lights_of(self._showing).items():
                if blink_s is None:
                    self._lights.switch_off(light)
                else:
                    self._lights.switch_on(light, blink_s)
        except DeviceError as error:
            log.debug("lights not set cause=%s", error.cause)  # its health says so


def lights_of(showing: Showing) -> dict[str, float | None]:
    """By light: None off, 0 steady, else the seconds of its blinking."""
    lights: dict[str, float | None] = dict.fromkeys((GREEN, AMBER, RED, FACE))
    match showing.screen:
        case _ if showing.attendant_called:
            lights[AMBER] = BLINK_S
        case Screen.OUT_OF_ORDER:
            lights[RED] = 0.0
        case Screen.TROUBLE | Screen.STAFF:
            lights[AMBER] = 0.0
        case _:
            lights[GREEN] = 0.0
    if showing.screen is Screen.FACE:
        lights[FACE] = 0.0
    return lights
