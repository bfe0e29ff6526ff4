"""The second model can say no; the first gives a distribution over three topics."""

import numpy as np


def check(candidate):
    draw = np.random.default_rng(0)
    messages = draw.integers(1, 50, size=(40, 5))
    topics, urgent = draw.integers(0, 3, 40), (messages[:, 0] > 25).astype("float32")
    by_topic, by_urgency = candidate.train(messages, topics, urgent, epochs=1)
    assert np.allclose(by_topic.predict(messages, verbose=0).sum(axis=1), 1, atol=1e-4)
    chances = by_urgency.predict(messages, verbose=0)
    assert chances.shape == (40, 1) and chances.min() < 0.999, "it always says yes"
