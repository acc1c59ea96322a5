"""WeChat Pay: by face and by payment code, over the v2 interface (XML, one shared key)."""

from kiosk.channels.wechatpay.channel import WechatPay
from kiosk.channels.wechatpay.options import WechatPayOptions
from kiosk.channels.wechatpay.signing import SignType

__all__ = ["SignType", "WechatPay", "WechatPayOptions"]
