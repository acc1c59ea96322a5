"""WeChat Pay over the v2 interface (XML, one shared key): paying, refunds and bills."""

from kiosk.channels.wechatpay.bill_download import BillType
from kiosk.channels.wechatpay.channel import WechatPay
from kiosk.channels.wechatpay.options import FaceCodeType, WechatPayOptions
from kiosk.channels.wechatpay.signing import SignType

__all__ = ["BillType", "FaceCodeType", "SignType", "WechatPay", "WechatPayOptions"]
