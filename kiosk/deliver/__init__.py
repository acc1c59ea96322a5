"""What the shopper takes along, beside the channel's word that he has paid.

    key 0001…51623151             the slip of that payment, printed by itself, once
    key 0001…51623151/kitchen-1   the ticket of a station, printed by itself, once
    key 0001…51623151/drop-2      one piece from a slot, dropped by itself, once
    …/qr-1                        the receipt as a code on the screen
    …/drawer-1                    a pulse to the cash drawer (behind a refund's number as well)
    …/copy-1                      a COPY that staff asked for; each has a key of its own
    …/staff-1                     what staff say became of a drop

Each has a start and a result on disk, around the call of the device. What was started and has no
result is never done again by itself: paper gets a COPY, a drop is for the staff. What happens to
any of them never changes the payment.
"""

from kiosk.deliver.deliveries import Deliveries
from kiosk.deliver.ended import Ended, taken, word_of

__all__ = ["Deliveries", "Ended", "taken", "word_of"]
