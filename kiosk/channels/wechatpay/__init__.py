"""WeChat Pay: by face and by payment code, refunds and bills, over the v2 interface (XML, one key)."""

from kiosk.channels.wechatpay.bill_download import BillType
from kiosk.channels.wechatpay.channel import WechatPay
from kiosk.channels.wechatpay.options import FaceCodeType, WechatPayOptions
from kiosk.channels.wechatpay.signing import SignType

__all__ = ["BillType", "FaceCodeType", "SignType", "WechatPay", "WechatPayOptions"]
