"""No step may use a gradient that is longer than the limit."""

import torch


def check(candidate):
    torch.manual_seed(0)
    text = torch.arange(400).remainder(7).view(2, 200)
    model = candidate.CharacterModel(7, width=16)
    seen = []
    real = torch.optim.SGD.step

    def step(self, *arguments, **options):
        grads = [p.grad.flatten() for g in self.param_groups for p in g["params"]]
        seen.append(float(torch.cat(grads).norm()))
        return real(self, *arguments, **options)

    torch.optim.SGD.step = step
    try:
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.mul_(4.0)  # long gradients from the start
        losses = candidate.train(model, text, epochs=6)
    finally:
        torch.optim.SGD.step = real
    assert max(seen) <= candidate.MAX_NORM * 1.001, "a step used gradients that were not clipped"
    assert losses[-1] < losses[0], "the loss does not fall"
