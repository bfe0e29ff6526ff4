"""Two measurements of the same student agree, and training goes on in training mode."""

import torch


def check(candidate):
    torch.manual_seed(0)
    teacher = candidate.Large(6, 3)
    data = [(torch.randn(64, 6), torch.randint(0, 3, (64,)))]
    modes = []
    real = candidate.Small

    def watched(features, classes):
        student = real(features, classes)
        student.register_forward_hook(lambda module, given, out: modes.append(module.training))
        return student

    candidate.Small = watched
    student, _ = candidate.distil(candidate.answers_of(teacher, data), data, (6, 3), epochs=2)
    assert modes == [True, False, True, False], f"modes {modes}"
    assert candidate.evaluate(student, data) == candidate.evaluate(student, data)
