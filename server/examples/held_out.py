"""Score what one of the example programs left behind on data that it has never seen.

    python mistakes/churn_pipeline.py --out runs/churn
    python held_out.py mistakes/churn_pipeline.py runs/churn

Prints one JSON object: what the program reported, and what its saved model is worth.
"""

import argparse
import importlib.util
import json
import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

SEED = 4711


def load_program(path):
    """The program as a module, its main part not run."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def image_accuracy(model, images, labels):
    import torch

    model.eval()
    with torch.no_grad():
        predicted = model(torch.from_numpy(images).unsqueeze(1)).argmax(dim=1)
    return float((predicted.numpy() == labels).mean())


def score_image_classifier(program, out):
    import torch

    model = program.ShapeNet()
    model.load_state_dict(torch.load(out / "best.pt", weights_only=True))
    reported = json.loads((out / "metrics.json").read_text())
    validation = program.make_images(reported["samples"] // 4, reported["seed"] + 1)
    return {
        "accuracy": image_accuracy(model, *program.make_images(2000, SEED)),
        "validation_accuracy": image_accuracy(model, *validation),
    }


def score_language_model(program, out):
    import torch
    from torch.utils.data import DataLoader

    torch.manual_seed(SEED)
    saved = torch.load(out / "model.pt", weights_only=True)
    config = program.Config(**saved["config"])
    model = program.CharGPT(config, len(saved["vocab"]))
    model.load_state_dict(saved["model"])
    model.eval()
    text = program.make_text(20_000, SEED)
    tokens = torch.tensor([saved["vocab"].index(character) for character in text])
    dataset = program.CharDataset(tokens, config.block_size, stride=config.block_size)
    total = 0.0
    with torch.no_grad():
        for x, y in DataLoader(dataset, batch_size=64):
            total += program.sequence_loss(model(x), y).item() * len(x)
    return {"val_loss": total / len(dataset)}


def score_keras_tabular(program, out):
    import keras

    scores = {}
    for key, name, drift in (("val_accuracy", "model", 0.0), ("new_machine_accuracy", "adapted", 1.0)):
        model = keras.models.load_model(out / f"{name}.keras")
        x, y = program.make_readings(4000, SEED, drift)
        scores[key] = float(((model.predict(x, verbose=0)[:, 0] > 0.5) == y).mean())
    return scores


def score_churn_pipeline(program, out):
    import joblib
    from sklearn.metrics import average_precision_score, r2_score, roc_auc_score

    models = joblib.load(out / "models.joblib")
    customers = program.make_customers(4000, SEED)
    churn = program.score_churn(models["churn"], customers)
    # What a customer will pay in the coming year cannot be known yet.
    value = program.score_value(models["value"], customers.assign(annual_value=float("nan")))
    return {
        "roc_auc": roc_auc_score(customers["churned"], churn),
        "average_precision": average_precision_score(customers["churned"], churn),
        "value_r2": r2_score(customers["annual_value"], value),
    }


def score_kfold_screening(program, out):
    import torch

    saved = torch.load(out / "model.pt", weights_only=True)
    model = program.ScreeningNet()
    model.load_state_dict(saved["model"])
    levels, labels = program.make_samples(4000, SEED)
    levels = (levels - saved["mean"]) / saved["scale"]
    x = torch.from_numpy(levels.astype("float32"))
    return {"accuracy": program.accuracy(model, x, torch.from_numpy(labels))}


SCORES = {
    "churn_pipeline": score_churn_pipeline,
    "image_classifier": score_image_classifier,
    "keras_tabular": score_keras_tabular,
    "kfold_screening": score_kfold_screening,
    "language_model": score_language_model,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", type=Path, help="one of the programs in mistakes/ or repaired/")
    parser.add_argument("out", type=Path, help="the folder that it was given with --out")
    args = parser.parse_args()
    reported = json.loads((args.out / "metrics.json").read_text())
    held_out = SCORES[args.program.stem](load_program(args.program), args.out)
    print(json.dumps({"reported": reported, "held_out": held_out}))


if __name__ == "__main__":
    main()
