"""One payment for the staff: where its money is, what went back, and what can be done about it.

Each deed says below its name what it does to money. Giving money back is asked twice.
"""

from __future__ import annotations

from kivy.app import App
from kivy.properties import (
    BooleanProperty,
    ColorProperty,
    DictProperty,
    NumericProperty,
    StringProperty,
)
from kivy.uix.boxlayout import BoxLayout

from kiosk.messages import Command, Showing
from kiosk.messages.staff import AskAgain, AskRefund, PaymentShown, PrintCopy, RefundRow
from kiosk.ui.controls import Tap
from kiosk.ui.layout import Page
from kiosk.ui.overlays import Sheet
from kiosk.ui.screens.staff_goods import GoodsList
from kiosk.ui.screens.staff_list import dress
from kiosk.ui.words import named, yuan

REFUNDS = 3  # the newest that are shown; fewer where there is little height
GOODS = 2  # tickets and drops that are shown; one where there are refunds, or little height
PARTS = (GoodsList,)
"""What the rules name, so that it is known when they are read."""


class Deed(Tap):
    """Something that can be done, with its effect on money below; `grave` moves some."""

    key = StringProperty("")
    effect = StringProperty("")
    args = DictProperty({})
    grave = BooleanProperty(False)


class Sum(BoxLayout):
    """An amount with its name above."""

    key = StringProperty("")
    fen = NumericProperty(0)


class RefundLine(BoxLayout):
    """One refund and how it stands."""

    icon = StringProperty("")
    tint = ColorProperty("#000000")

    def show(self, row: RefundRow, out_trade_no: str) -> None:
        """Take over a refund."""
        dress(self, row.state)
        self.ids.number.text = row.out_refund_no.removeprefix(out_trade_no)
        self.ids.amount.text = f"¥{yuan(row.fen)}"
        self.ids.state.key = f"refund.{row.state.lower()}"


class PaymentPage(Page):
    """`on_act` has a command for the core; `on_part` asks for an amount, `on_list` goes back."""

    icon = StringProperty("")
    tint = ColorProperty("#000000")
    busy = BooleanProperty(False)
    __events__ = ("on_act", "on_part", "on_list")

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.shown: PaymentShown | None = None
        self._refunds: list[RefundLine] = []

    def show(self, showing: Showing, payment: PaymentShown) -> None:
        """Take over what the core says."""
        ids = self.ids
        self.shown = payment
        self.busy = bool(showing.staff and showing.staff.busy)
        dress(self, payment.state)
        ids.state.key = f"staff.state.{payment.state.lower() or 'elsewhere'}"
        ids.money.tell(showing.said)
        ids.number.text = payment.out_trade_no
        ids.transaction.text = payment.transaction_id or "–"
        tender = named(payment.tender, showing.language)
        ids.when.text = " · ".join(filter(None, (payment.at, tender))) or "–"
        self._show_sums(payment)
        for deed, wanted in (
            ("all", "refund"),
            ("part", "refund"),
            ("again", "again"),
            ("copy", "copy"),
        ):
            ids[deed].disabled = wanted not in payment.may or self.busy
        self._show_refunds(payment)
        few = len(payment.refunds) > 1 or App.get_running_app().theme.wide
        ids.goods.show(payment, showing.language, GOODS - few)

    def refund_all(self) -> None:
        """Give back whatever is left."""
        if self.shown is not None:
            self.refund(self.shown.left_fen)

    def refund(self, fen: int) -> None:
        """Ask once more, then give `fen` back."""
        shown = self.shown
        if shown is None:
            return
        command = AskRefund(shown.out_trade_no, fen, shown.left_fen)
        App.get_running_app().stage.open_sheet(
            Sheet(
                lambda: self._act(command),
                title="staff.refund_title",
                sentences=["staff.refund_text"],
                accept="staff.refund_yes",
                close="staff.cancel",
                kind="danger",
                args={"amount": f"¥{yuan(fen)}", "left": f"¥{yuan(shown.left_fen - fen)}"},
            )
        )

    def again(self) -> None:
        """Have the channel asked now."""
        if self.shown is not None:
            self._act(AskAgain(self.shown.out_trade_no))

    def copy(self) -> None:
        """Print the slip again."""
        if self.shown is not None:
            self._act(PrintCopy(self.shown.out_trade_no))

    def _act(self, command: Command) -> None:
        self.dispatch("on_act", command)

    def _show_sums(self, payment: PaymentShown) -> None:
        """Of what was taken, what is left; of what was not (or not yet), what was asked."""
        ids, taken = self.ids, payment.paid_fen > 0
        ids.paid.key = "staff.paid" if taken else "staff.amount"
        ids.paid.fen = payment.paid_fen if taken else payment.asked_fen
        ids.refunded.fen, ids.left.fen = payment.refunded_fen, payment.left_fen
        ids.refunded.opacity = ids.left.opacity = 1 if taken else 0

    def _show_refunds(self, payment: PaymentShown) -> None:
        theme = App.get_running_app().theme
        newest = payment.refunds[-(REFUNDS - theme.wide - theme.low) :]
        while len(self._refunds) < len(newest):
            self._refunds.append(RefundLine())
        self.ids.refunds.clear_widgets()
        for line, row in zip(self._refunds, newest, strict=False):
            self.ids.refunds.add_widget(line)
            line.show(row, payment.out_trade_no)

    def on_act(self, command: Command) -> None:
        """What it does stands with its owner."""

    def on_part(self) -> None:
        """What it does stands with its owner."""

    def on_list(self) -> None:
        """What it does stands with its owner."""
