"""Cameras, and the folder of pictures that stands in for one."""
