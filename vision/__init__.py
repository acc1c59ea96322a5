"""Pixels to decisions about faces; knows no camera, no shop and no money.

frame -> detect -> quality -> presentation attack detection -> align -> embed -> FaceSample
"""
