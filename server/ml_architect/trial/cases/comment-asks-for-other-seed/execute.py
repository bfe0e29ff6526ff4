"""Every epoch sees another noise, and two runs are equal."""

import torch


def check(candidate):
    seen = []
    real = candidate.corrupted

    def spy(rows, share=0.2):
        out = real(rows, share)
        seen.append(out == 0)
        return out

    candidate.corrupted = spy
    torch.manual_seed(0)
    rows, model = torch.randn(16, 5), candidate.autoencoder(5)
    start = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    first = candidate.train(model, rows, epochs=3, size=16)
    model.load_state_dict(start)
    assert candidate.train(model, rows, epochs=3, size=16) == first, "two runs differ"
    assert not torch.equal(seen[0], seen[1]), "each epoch has the same noise"
    assert not torch.is_anomaly_enabled()
