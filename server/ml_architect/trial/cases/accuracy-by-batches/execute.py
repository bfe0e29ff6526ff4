"""An accuracy lies between 0 and 1 and is that of the predictions, also with a short last batch."""

import torch


def check(candidate):
    torch.manual_seed(0)
    model = candidate.NewsNet(50, 4)
    texts, topics = torch.randint(0, 50, (75, 6)), torch.randint(0, 4, (75,))
    loss, accuracy = candidate.evaluate(model, texts, topics)
    with torch.no_grad():
        logits = model.eval()(texts)
    wanted = (logits.argmax(1) == topics).float().mean().item()
    assert abs(accuracy - wanted) < 1e-6, f"accuracy {accuracy}, not {wanted}"
    assert 0.5 < loss < 5
