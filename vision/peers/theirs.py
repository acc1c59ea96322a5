"""Their side: runs in the environment of `requirements.txt`, and imports nothing of this project.

    python theirs.py FRAMES.npz SFACE.onnx ROUNDS

Prints JSON: milliseconds (medians), one thread.

    face_recognition   find a face in a frame and compute its encoding, as its documentation does
    insightface        its embedder class on our embedder's own file, one aligned face
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

Work = Callable[[Any], object]


def medians(rounds: int, work: Work, inputs: Sequence[Any]) -> float:
    """Milliseconds of one `work`, on each of `inputs` in turn."""
    times = []
    for number in range(rounds + 2):
        given = inputs[number % len(inputs)]
        begin = time.perf_counter()
        if not work(given):
            raise ValueError("it saw no face")
        times.append((time.perf_counter() - begin) * 1000)
    return statistics.median(times[2:])  # the first ones warm up


def face_recognition_whole() -> Work:
    """From a frame to an encoding."""
    import face_recognition

    def work(frame: Any) -> object:
        places = face_recognition.face_locations(frame)
        return places and len(face_recognition.face_encodings(frame, places))

    return work


def insightface_embedder(file: str) -> Work:
    """From an aligned face to a feature."""
    import onnxruntime
    from insightface.model_zoo.arcface_onnx import ArcFaceONNX

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
    embedder = ArcFaceONNX(model_file=file, session=session)
    return lambda aligned: embedder.get_feat(aligned).size


def main(given: str, file: str, rounds: str) -> None:
    """Measure both."""
    import cv2

    cv2.setNumThreads(1)
    inputs = np.load(given)
    frames = [np.ascontiguousarray(frame[..., ::-1]) for frame in inputs["frames"]]  # RGB
    told = {
        "face_recognition": medians(int(rounds), face_recognition_whole(), frames),
        "insightface": medians(int(rounds), insightface_embedder(file), [inputs["aligned"]]),
    }
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
