"""Says what a crash lost, from what it left on the disks, with nothing of the project.

    python -S tests/prove/oracle.py SHOP...     each a folder with state/ledger, sandbox, slips-*,
                                                till-*/state/ledger, asked.jsonl, and of a
                                                canteen kitchen-*, fallen

Ledger and sandbox are plain SQLite files and the hash of an entry is SHA-256 of its JSON, so this
file, evidence.py and given.py know their layout and nothing else: a mistake of the program cannot
hide in them. It prints one JSON object; every list in `findings` must be empty, and the exit code
is 1 when one is not.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path

from evidence import ENDS, Back, Books, Wallet, read_ledger, read_wallet, rows, slips, wanted_back
from given import DROP, KITCHEN, judge_drops, tickets

FINDINGS = (
    "lost_payments",
    "goods_without_money",
    "double_charges",
    "codes_sent_twice",
    "without_final_state",
    "parts_of_nobody",
    "abandoned_parts_kept",
    "lost_refunds",
    "refunded_more_than_asked",
    "refunded_more_than_taken",
    "refunds_without_final_state",
    "paid_late_and_kept",
    "broken_chains",
    "fold_differs",
    "slips_twice_without_copy",
    "copies_nobody_asked_for",
    "slips_of_nobody",
    "tickets_twice_without_copy",
    "drops_twice",
    "drops_that_never_fell",
    "given_out_unpaid",
    "begun_twice",
    "begun_without_result",
)


Found = dict[str, list[str]]


def judge_payments(books: Books, wallet: Wallet, found: Found) -> None:
    """Every payment has its end, and its money is where the ledger says."""
    for number, fen in wallet.took.items():
        known = books.payments.get(number)
        if known is None or fen not in (known.taken, known.noted, known.taken + known.noted):
            state = known.state if known else "nobody's"
            found["lost_payments"].append(f"{number}: the wallet took {fen}, the ledger: {state}")
    for number, paid in books.payments.items():
        if paid.state not in {*ENDS.values(), "LOST"}:
            found["without_final_state"].append(f"{number}: {paid.state}")
        if paid.state == "PAID" and wallet.took.get(number) != paid.fen:
            found["goods_without_money"].append(number)
        if paid.state == "PAID_LATE" and wallet.keeps(number):
            found["paid_late_and_kept"].append(f"{number}: {wallet.keeps(number)} fen")


def judge_visits(books: Books, wallet: Wallet, found: Found) -> None:
    """The payments of a visit are together never more than its basket, and parts go back whole."""
    charged: Counter[str] = Counter()
    due: dict[str, int] = {}
    for number, paid in books.payments.items():
        for part, fen in paid.before:
            one = books.payments.get(part)
            if one is None or (one.visit, one.state, one.fen) != (paid.visit, "PAID", fen):
                found["parts_of_nobody"].append(f"{number}: {part} is no part of its visit")
        if paid.state != "PAID":
            continue
        charged[paid.visit] += paid.fen
        due[paid.visit] = max(paid.due, due.get(paid.visit, 0))
        if paid.visit in books.abandoned and wallet.keeps(number):
            found["abandoned_parts_kept"].append(f"{number}: {wallet.keeps(number)} fen")
    found["double_charges"] = [
        f"{visit}: {fen} fen for {due[visit]}" for visit, fen in charged.items() if fen > due[visit]
    ]


def judge_refunds(books: Books, wallet: Wallet, found: Found) -> None:
    """Every refund has its end, and what was given back under a number is what the number says."""
    for number, asked in books.refunds.items():
        given = wallet.refunds.get(number)
        for back in asked:
            waits = back.state == "ABNORMAL" and given is not None and given.state == "CHANGE"
            if back.state not in ("DONE", "CLOSED") and not waits:
                found["refunds_without_final_state"].append(f"{number}: {back.state}")
            if back.state == "DONE" and given != Back(back.payment, back.fen, "SUCCESS"):
                found["lost_refunds"].append(f"{number}: done here, {given} at the wallet")
    for number, given in wallet.refunds.items():
        here = [back.state for back in books.refunds.get(number, [])]
        if given.state == "SUCCESS" and "DONE" not in here:
            found["lost_refunds"].append(f"{number}: given back, here: {here}")


def judge_sums(books: Books, wallet: Wallet, asked: Path, found: Found) -> None:
    """What went back of a payment is what people wanted back, or what was taken by mistake.

    What the wallet could not hand to the shopper (CHANGE) counts: it will not come back by itself.
    """
    least, most = wanted_back(asked)
    for number in most.keys() | wallet.gave.keys() | wallet.change.keys():
        gave = wallet.gave[number] + wallet.change[number]
        may = most[number] + books.owes(number)
        if gave > wallet.took.get(number, 0):
            found["refunded_more_than_taken"].append(f"{number}: {gave}")
        if gave > may:
            found["refunded_more_than_asked"].append(f"{number}: {gave} of {may}")
        if gave < least[number]:
            found["lost_refunds"].append(f"{number}: {gave} of {least[number]} went back")


def judge_slips(books: Books, shop: Path, found: Found) -> Counter[str]:
    """Every slip is somebody's and came out once; how many did."""
    printed, copies, nobody = slips(shop)
    found["slips_twice_without_copy"] = [f"{number}: {n}" for number, n in printed.items() if n > 1]
    found["slips_of_nobody"] = nobody + [x for x in printed | copies if x not in books.payments]
    found["copies_nobody_asked_for"] = [
        f"{number}: {n} of {books.copies[number]}"
        for number, n in copies.items()
        if n > books.copies[number]
    ]
    return printed


def judge_given(books: Books, shop: Path, found: Found) -> None:
    """What was given out was paid for and begun once, has a result, and came out once at most."""
    found["begun_without_result"] = books.open_deliveries
    for key, each in books.given.items():
        paid = books.payments.get(key.partition("/")[0])
        if paid is None or paid.state != "PAID":
            found["given_out_unpaid"].append(key)
        if each.begun > 1:
            found["begun_twice"].append(f"{key}: {each.begun}")
    found["drops_twice"], found["drops_that_never_fell"] = judge_drops(books.given, shop / "fallen")
    owed = {key.partition("/")[0] for key, each in books.given.items() if each.kind == KITCHEN}
    found["tickets_twice_without_copy"] = [
        f"{number}: {n}" for number, n in tickets(shop).items() if n > (number in owed)
    ]


def judge(shop: Path) -> tuple[Found, Counter[str], Counter[str]]:
    """Findings, counts, and the faults that struck, of one shop."""
    books, database = Books(), shop / "sandbox" / "sandbox.db"
    for till in (shop, *sorted(shop.glob("till-*"))):
        read_ledger(till / "state" / "ledger", books)
    wallet, found = read_wallet(database), {name: [] for name in FINDINGS}
    judge_payments(books, wallet, found)
    judge_visits(books, wallet, found)
    judge_refunds(books, wallet, found)
    judge_sums(books, wallet, shop / "asked.jsonl", found)
    printed = judge_slips(books, shop, found)
    judge_given(books, shop, found)
    twice = rows(
        database,
        "SELECT group_concat(out_trade_no) FROM call WHERE api = 'micropay' AND code_mark IS NOT"
        " NULL GROUP BY code_mark HAVING count(*) > 1",
    )
    found["codes_sent_twice"] = [row[0] for row in twice]
    found["broken_chains"], found["fold_differs"] = books.faults, books.differs
    named = {name: [f"{shop.name} {one}" for one in each] for name, each in found.items()}
    struck = rows(database, "SELECT api, faults FROM call WHERE faults <> ''")
    counts = counted(books, wallet, printed)
    counts["calls"] = int(rows(database, "SELECT count(*) FROM call")[0][0])
    return named, counts, Counter(f"{row['api']} {row['faults']}" for row in struck)


def counted(books: Books, wallet: Wallet, printed: Counter[str]) -> Counter[str]:
    """How much there was of everything."""
    parts = {part for each in books.payments.values() for part, _ in each.before}
    whole = [
        number
        for number, each in books.payments.items()
        if each.state == "PAID" and number not in parts and each.visit not in books.abandoned
    ]
    refunds = [back for each in books.refunds.values() for back in each]
    counts = Counter(
        payments=len(books.payments),
        entries=books.entries,
        slips=sum(printed.values()),
        tickets=sum(each.kind == KITCHEN for each in books.given.values()),
        drops=sum(each.kind == DROP for each in books.given.values()),
        copies=sum(books.copies.values()),
        paid_without_whole_slip=sum(not printed[number] for number in whole),
        refunds=len(refunds),
        refunds_at_the_wallet=len(wallet.refunds),
        fen_given_back=sum(wallet.gave.values()),
    )
    counts.update(f"state_{each.state}" for each in books.payments.values())
    counts.update(f"back_{back.state}" for back in refunds)
    return counts


def main(folders: list[str]) -> int:
    """Judge every shop and print the sum."""
    findings: dict[str, list[str]] = {name: [] for name in FINDINGS}
    counts: Counter[str] = Counter()
    struck: Counter[str] = Counter()
    for folder in folders:
        found, counted_here, faults = judge(Path(folder))
        for name in FINDINGS:
            findings[name] += found[name]
        counts.update(counted_here)
        struck += faults
    said = {"findings": findings, "counts": dict(counts), "faults_struck": dict(struck)}
    sys.stdout.write(json.dumps(said, indent=1) + "\n")
    return 1 if any(findings.values()) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
