"""The touchscreen: one process that draws what the core says and sends what the person did."""
