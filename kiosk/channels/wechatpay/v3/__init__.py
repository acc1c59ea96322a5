"""WeChat Pay over the third-version interface (JSON, RSA signatures): a QR on the screen."""

from kiosk.channels.wechatpay.v3.channel import WechatNative
from kiosk.channels.wechatpay.v3.options import WechatNativeOptions

__all__ = ["WechatNative", "WechatNativeOptions"]
