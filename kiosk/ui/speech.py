"""A voice: one sentence at a time through espeak-ng, cut off the moment something else matters.

    say ──► a process per sentence ──► the jack        `hush` ends it at once: the latest wins

The text goes in by a pipe, never as an argument that other users of the machine could read. Nothing
here waits: a thread of its own starts the process. Without the program the screen stays silent.
"""

from __future__ import annotations

import logging
import subprocess
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

LONGEST = 60.0  # seconds that a sentence may take
LOUDEST, QUIETEST, LOUDER = 200, 20, 20  # per cent, as espeak-ng counts
FASTEST, SLOWEST, FASTER = 450, 80, 30  # words a minute
VOICES: Mapping[str, str] = MappingProxyType({"zh": "cmn"})
"""espeak-ng's name for a language, where it is not the language's own."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class VoiceOptions:
    """`program` takes espeak-ng's options; `device` is an audio device ("": the default one)."""

    program: str = "espeak-ng"
    device: str = ""
    rate: int = 160
    volume: int = 100


@dataclass(eq=False, slots=True)
class _Sentence:
    text: str
    command: tuple[str, ...]
    process: subprocess.Popen[bytes] | None = field(default=None)


class Voice:
    """Speaks; `say`, `hush` and `free` return at once."""

    def __init__(self, options: VoiceOptions) -> None:
        self._options = options
        self._wanted: _Sentence | None = None
        """What is spoken now, or is about to be."""
        self._new = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closed = False
        self.rate, self.volume = options.rate, options.volume

    @property
    def free(self) -> bool:
        """Whether nothing is being said."""
        return self._wanted is None

    def say(self, text: str, language: str) -> None:
        """Say this now; what is being said is cut off."""
        sentence = _Sentence(text, self._command(language))
        with self._new:
            self._cut()
            if self._closed:
                return
            self._wanted = sentence
            self._new.notify()
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="voice", daemon=True)
                self._thread.start()

    def hush(self) -> None:
        """Be silent."""
        with self._new:
            self._cut()

    def close(self) -> None:
        """Be silent for good."""
        with self._new:
            self._closed = True
            self._cut()
            self._new.notify()

    def louder(self, steps: int) -> bool:
        """By so many steps, or softer; answers whether it could be."""
        before = self.volume
        self.volume = min(max(before + steps * LOUDER, QUIETEST), LOUDEST)
        return self.volume != before

    def faster(self, steps: int) -> bool:
        """By so many steps, or slower; answers whether it could be."""
        before = self.rate
        self.rate = min(max(before + steps * FASTER, SLOWEST), FASTEST)
        return self.rate != before

    def reset(self) -> None:
        """As loud and as fast as for the next shopper."""
        self.rate, self.volume = self._options.rate, self._options.volume

    def _command(self, language: str) -> tuple[str, ...]:
        options = self._options
        device = ("-d", options.device) if options.device else ()
        voice = VOICES.get(language, language)
        return (
            options.program, "-v", voice, "-s", str(self.rate), "-a", str(self.volume),
            *device, "-b", "1", "--stdin",
        )  # fmt: skip

    def _cut(self) -> None:
        sentence, self._wanted = self._wanted, None
        if sentence is not None and sentence.process is not None:
            sentence.process.kill()

    def _work(self) -> None:
        while True:
            with self._new:
                self._new.wait_for(lambda: self._closed or self._waiting() is not None)
                if self._closed:
                    return
                sentence = self._waiting()
            if sentence is not None:
                self._speak(sentence)

    def _waiting(self) -> _Sentence | None:
        sentence = self._wanted
        return sentence if sentence is not None and sentence.process is None else None

    def _speak(self, sentence: _Sentence) -> None:
        try:
            process = subprocess.Popen(
                sentence.command,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        except OSError as error:
            log.warning("no voice: %s", error.strerror)
            self.close()
            return
        with self._new:
            if self._wanted is sentence:
                sentence.process = process
            else:
                process.kill()  # something else has become more important meanwhile
        try:
            process.communicate(sentence.text.encode(), timeout=LONGEST)
        except (subprocess.TimeoutExpired, BrokenPipeError):
            process.kill()
            process.wait()
        self._over(sentence)

    def _over(self, sentence: _Sentence) -> None:
        with self._new:
            if self._wanted is sentence:
                self._wanted = None
