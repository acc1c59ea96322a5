"""The authority for stored value: a merchant's prepaid cards, their balances and every movement.

A movement is one entry of the journal: two postings that add up to zero, each with a number that
moves money once. A plus on STORED_VALUE is what the merchant owes the card's holder.

                        STORED_VALUE      TOP_UP_CLEARING    SALES     SALES_REFUNDED
                        owed to holders   cash, the till's   revenue   less revenue
    TOP_UP    number         + fen             − fen
    PAY_OUT   number         − fen             + fen
    PAYMENT   out_trade_no   − fen                           + fen
    REVERSAL  out_trade_no   + fen                           − fen
    REFUND    out_refund_no  + fen                                         − fen

STORED_VALUE has a part for each account, whose sum is kept beside it as its balance. An account may
have several cards; only a keyed digest of a card's number is kept. `audit` proves all of it.

    numbers = CardNumbers(key)                      one a process
    journal = Journal(database, merchant_id)        one a merchant
    StoredValue(journal, numbers)                   the payment channel "stored_value"
    Accounts(journal, numbers), Counter(journal)    what staff do
"""

from fleet.accounts.account import AccountEvent, Card, Limits, Line, Receipt, StoredAccount
from fleet.accounts.accounts import Accounts
from fleet.accounts.auditing import Audit, audit
from fleet.accounts.counter import Counter
from fleet.accounts.journal import Journal, Kind, LedgerAccount
from fleet.accounts.numbers import CardNumbers
from fleet.accounts.states import AccountState, CardState
from fleet.accounts.stored_value import StoredValue

__all__ = [
    "AccountEvent",
    "AccountState",
    "Accounts",
    "Audit",
    "Card",
    "CardNumbers",
    "CardState",
    "Counter",
    "Journal",
    "Kind",
    "LedgerAccount",
    "Limits",
    "Line",
    "Receipt",
    "StoredAccount",
    "StoredValue",
    "audit",
]
