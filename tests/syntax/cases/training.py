import argparse
import torch
from torch import nn
from torch.utils.data import DataLoader

parser = argparse.ArgumentParser(description="train a model")
parser.add_argument("--epochs", type=int, default=10)
parser.add_argument("--lr", type=float, default=1e-3)
parser.add_argument("--batch-size", type=int, default=32)
parser.add_argument("--momentum", type=float, default=0.9)
parser.add_argument("--workers", type=int, default=4)
parser.add_argument("--seed", type=int, default=0)
parser.add_argument("--device", default="cuda")
parser.add_argument("--output", default="model.pt")
parser.add_argument("--amp", action="store_true")


class Net(nn.Module):
    """A network.

    Example:
        import torch
        net = Net()
    """

    def __init__(self, width=64):
        super().__init__()
        self.first = nn.Linear(784, width)
        self.second = nn.Linear(width, width)
        self.head = nn.Linear(width, 10)
        self.dropout = nn.Dropout(0.5)

    def forward(self, x):
        x = torch.relu(self.first(x))
        x = self.dropout(torch.relu(self.second(x)))
        return self.head(x)

    # a comment at the end of a class

def evaluate(model, loader, device):
    model.eval()
    correct = 0
    with torch.no_grad():
        for inputs, targets in loader:
            inputs, targets = inputs.to(device), targets.to(device)
            correct += (model(inputs).argmax(1) == targets).sum().item()
    return correct / len(loader.dataset)


def main():
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    device = torch.device(args.device)
    model = Net().to(device)
    optimizer = torch.optim.SGD(
        model.parameters(),
        lr=args.lr,
        momentum=args.momentum,
    )
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=3)
    criterion = nn.CrossEntropyLoss()
    train_set, test_set = load()
    train_loader = DataLoader(train_set, batch_size=args.batch_size, shuffle=True, num_workers=args.workers)
    test_loader = DataLoader(test_set, batch_size=args.batch_size)
    scaler = torch.amp.GradScaler(enabled=args.amp)
    best = 0.0

    if args.resume:
        checkpoint = torch.load(args.resume, weights_only=True)
        model.load_state_dict(checkpoint["model"])
        optimizer.load_state_dict(checkpoint["optimizer"])
    elif args.pretrained:
        model.load_state_dict(torch.load(args.pretrained, weights_only=True))
    else:
        for module in model.modules():
            if isinstance(module, nn.Linear):
                nn.init.kaiming_normal_(module.weight)
                nn.init.zeros_(module.bias)

    for epoch in range(args.epochs):
        model.train()
        running = 0.0
        for step, (inputs, targets) in enumerate(train_loader):
            inputs = inputs.to(device)
            targets = targets.to(device)
            optimizer.zero_grad()
            with torch.autocast(device.type, enabled=args.amp):
                outputs = model(inputs)
                loss = criterion(outputs, targets)
            scaler.scale(loss).backward()
            scaler.step(optimizer)
            scaler.update()
            running += loss.item()
            if step % 100 == 0:
                print(f"epoch {epoch} step {step}: {running / (step + 1):.4f}")
# a comment that is less indented than what is around it
                running = 0.0
        try:
            accuracy = evaluate(model, test_loader, device)
        except RuntimeError as error:
            print("evaluation failed", error)
            raise
        except KeyboardInterrupt:
            break
        else:
            print(f'accuracy: {accuracy:.2%}')
        finally:
            scheduler.step()
        if accuracy > best:
            best = accuracy
            torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict()}, args.output)
    return best


if __name__ == "__main__":
    main()
