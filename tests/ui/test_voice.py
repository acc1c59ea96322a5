"""The voice: a program that can be heard, cut off at once, and never waited for."""

from __future__ import annotations

import shutil
import sys
import time
import wave

import numpy as np
import pytest

from kiosk.ui.speech import Voice, VoiceOptions


def made(folder, body):
    program = folder / "voice"
    program.write_text(f"#!{sys.executable} -SE\n{body}")
    program.chmod(0o755)
    return Voice(VoiceOptions(program=str(program), device="jack"))


def until(met, seconds=10.0):
    end = time.monotonic() + seconds
    while not met():
        assert time.monotonic() < end
        time.sleep(0.005)


LONG = """
import pathlib, sys, time
log = pathlib.Path(__file__).with_name("log")
text = sys.stdin.buffer.read().decode()
with log.open("a") as file: file.write("begun " + text + " " + " ".join(sys.argv[1:]) + chr(10))
time.sleep(0.02 if text == "short" else 30)
with log.open("a") as file: file.write("ended " + text + chr(10))
"""


@pytest.fixture
def voice(tmp_path):
    voice = made(tmp_path, LONG)
    yield voice
    voice.close()


def test_the_latest_sentence_wins_and_saying_it_takes_no_time(voice, tmp_path):
    began = time.monotonic()
    log = tmp_path / "log"
    voice.say("first", "en")
    until(lambda: log.exists() and "begun first" in log.read_text())
    at = time.monotonic()
    voice.say("short", "zh")
    assert time.monotonic() - at < 0.05
    until(lambda: voice.free)
    assert time.monotonic() - began < 10
    lines = log.read_text().splitlines()
    assert lines[0].startswith("begun first -v en -s 160 -a 100 -d jack")
    assert lines[1].startswith("begun short -v cmn")
    assert lines[2] == "ended short"


def test_a_key_silences_it_within_a_tenth_of_a_second(voice, tmp_path):
    voice.say("first", "en")
    until(lambda: voice._wanted.process is not None and (tmp_path / "log").exists())
    process = voice._wanted.process
    at = time.monotonic()
    voice.hush()
    process.wait(5)
    assert time.monotonic() - at < 0.1
    assert voice.free


def test_it_is_louder_and_faster_by_steps_and_as_before_for_the_next_shopper(voice):
    assert voice.louder(1)
    assert (voice.volume, voice.faster(-1), voice.rate) == (120, True, 130)
    assert [voice.louder(1) for _ in range(6)] == [True] * 4 + [False] * 2
    assert voice.volume == 200
    voice.reset()
    assert (voice.volume, voice.rate) == (100, 160)


def test_without_a_program_it_is_silent_for_good(tmp_path):
    voice = Voice(VoiceOptions(program=str(tmp_path / "nothing")))
    voice.say("hello", "en")
    until(lambda: voice.free)
    voice.say("hello", "en")
    assert voice.free


@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="needs espeak-ng")
@pytest.mark.parametrize(
    ("language", "text"), [("zh", "合计 二十七元八角"), ("en", "Total 27 yuan 80")]
)
def test_espeak_ng_makes_a_sound_of_what_it_is_given(tmp_path, language, text):
    """Through the voice itself, with a wave file in the place of the jack."""
    sound = tmp_path / "said.wav"
    program = tmp_path / "espeak"
    program.write_text(f'#!/bin/sh\nexec espeak-ng -w {sound} "$@"\n')
    program.chmod(0o755)
    voice = Voice(VoiceOptions(program=str(program)))
    voice.say(text, language)
    until(lambda: voice.free)
    voice.close()
    with wave.open(str(sound)) as file:
        seconds = file.getnframes() / file.getframerate()
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(float)
    assert 1.0 < seconds < 6.0
    assert np.sqrt((samples**2).mean()) > 500
