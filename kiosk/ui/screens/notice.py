"""What the camera is for, before it looks: short, with the full text one touch away."""

from __future__ import annotations

from kivy.app import App
from kivy.properties import StringProperty

from kiosk.messages import Back, Consent, Showing
from kiosk.ui.overlays import Sheet
from kiosk.ui.view import View

FULL_TEXT = [f"notice.long_{number}" for number in range(1, 7)]


class Notice(View):
    """Nothing is captured before "agree" has been touched here."""

    version = StringProperty("")

    def update(self, showing: Showing, now: float) -> None:
        self.version = showing.notice_version

    def accept(self) -> None:
        """Consent to this version, for this payment."""
        self.act(Consent(self.version))

    def other_way(self) -> None:
        """No face."""
        self.act(Back())

    def more(self) -> None:
        """The full text."""
        App.get_running_app().stage.open_sheet(
            Sheet(title="notice.long_title", sentences=FULL_TEXT, close="notice.close")
        )


VIEW = Notice
