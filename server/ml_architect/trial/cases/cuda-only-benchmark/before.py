"""Bandwidth of the GPUs of our cluster."""

import torch

REPEATS = 50
SIZES = (1 << 20, 1 << 22, 1 << 24)


def bandwidth(size, repeats=REPEATS):
    """Return bytes per second of a copy on the GPU.

    There is no CPU path, and there must be none: the table of the cluster holds GPUs only, and a number from a CPU
    that slipped in cost us a week. Where there is no CUDA this has to fail loudly, as it does.
    """
    source = torch.empty(size, dtype=torch.uint8).cuda()
    target = torch.empty_like(source)
    start, stop = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
    torch.cuda.synchronize()
    start.record()
    for _ in range(repeats):
        target.copy_(source)
    stop.record()
    torch.cuda.synchronize()
    return 2 * size * repeats / (start.elapsed_time(stop) / 1000)


def table(sizes=SIZES):
    lines = [f"{size:>10} {bandwidth(size) / 1e9:8.1f} GB/s" for size in sizes]
    return "\n".join(lines)


if __name__ == "__main__":
    print(torch.cuda.get_device_name(0))
    print(table())
