"""What happened, what happens to the money, what to do now, and the number for our staff.

The core says what happened in `said`. `detail` says what becomes of the money ("money.…") or what
to do ("todo.…"); `said` and `detail` may name the other one by its key in their arguments "money"
and "todo". What is left unsaid follows from what happened, so that both are always there.
"""

from __future__ import annotations

from dataclasses import dataclass

from kivy.properties import BooleanProperty, StringProperty

from kiosk.messages import Back, Leave, Showing, Text
from kiosk.ui.view import View

_MONEY = {
    "say.checking": "money.being_checked",
    "say.last_payment": "money.being_checked",
    "say.cancelling": "money.being_checked",
    "say.paid": "money.paid",
    "say.ask_staff": "money.being_checked",
    "say.parts_left": "money.paid",
    "say.abandoned": "money.returned",
}
_PARTS = ("money", "todo")


@dataclass(frozen=True, slots=True)
class Explained:
    """The three sentences of the screen."""

    said: Text
    money: Text
    todo: Text


def explain(showing: Showing) -> Explained:
    """All three sentences, whichever of them the core has said."""
    said = showing.said or Text("say.ask_staff")
    given: dict[str, Text] = {}
    for text in (said, showing.detail):
        if text is None:
            continue
        named = {name: value for name, value in text.args.items() if name not in _PARTS}
        for part in _PARTS:
            if text.args.get(part):
                given[part] = Text(text.args[part], named)
        if text is showing.detail:
            given[text.key.partition(".")[0]] = Text(text.key, named)
    money = given.get("money") or Text(_MONEY.get(said.key, "money.none_taken"))
    otherwise = "todo.other_way" if showing.may_go_back else "todo.ask_staff"
    return Explained(said, money, given.get("todo") or Text(otherwise))


class Trouble(View):
    """Plain words; the basket is kept wherever another way is offered."""

    again = BooleanProperty(False)
    reference = StringProperty("")

    def update(self, showing: Showing, now: float) -> None:
        explained = explain(showing)
        self.ids.said.tell(explained.said)
        self.ids.money.tell(explained.money)
        self.ids.todo.tell(explained.todo)
        self.again = showing.may_go_back
        self.reference = showing.reference
        self.ids.countdown.begin(showing.seconds_left, now)

    def tick(self, now: float) -> None:
        self.ids.countdown.tick(now)

    def go_on(self) -> None:
        """Another way to pay, or the end."""
        self.act(Back() if self.again else Leave())


VIEW = Trouble
