"""The catalogue is read once, a symbol is built when it is asked for, and names are found under all their spellings."""

import pytest

from ml_architect.catalog import Catalog, Kind, ParameterSpec, load_catalog
from ml_architect.catalog.load import SymbolTable, parse_signature

A = ParameterSpec("a")


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog()


def test_it_is_read_once(catalog):
    assert load_catalog() is catalog


@pytest.mark.parametrize(
    ("text", "parameters", "accepts_extra"),
    [
        ("()", (), False),
        ("(params, lr=0.001)", (ParameterSpec("params"), ParameterSpec("lr", "0.001")), False),
        (
            "(a, *, b, c=None)",
            (ParameterSpec("a"), ParameterSpec("b", None, True), ParameterSpec("c", "None", True)),
            False,
        ),
        ("(a, /, b)", (A, ParameterSpec("b")), False),
        ("(*size, out=None)", (ParameterSpec("out", "None", True),), True),
        ("(a, **options)", (A,), True),
        (
            "(betas=(0.9, 0.999), sep=', (')",
            (ParameterSpec("betas", "(0.9, 0.999)"), ParameterSpec("sep", "', ('")),
            False,
        ),
        ("(dtype=torch.float16, f=...)", (ParameterSpec("dtype", "torch.float16"), ParameterSpec("f", "...")), False),
        ("(n=-1, x=float('nan'))", (ParameterSpec("n", "-1"), ParameterSpec("x", "float('nan')")), False),
    ],
)
def test_a_signature_is_read_as_python_reads_it(text, parameters, accepts_extra):
    assert parse_signature(text) == (parameters, accepts_extra)


@pytest.mark.parametrize("text", ["(a b)", "(a=1, b)", "(a,, b)"])
def test_a_broken_signature_is_an_error(text):
    with pytest.raises(SyntaxError):
        parse_signature(text)


def test_a_symbol_is_built_once():
    table = SymbolTable()
    table.add("torch", "optimizer: adaptive", "torch.optim.Adam(params, lr=0.001)\n")
    adam = table["torch.optim.Adam"]
    assert adam is table["torch.optim.Adam"]
    assert (adam.kind, adam.library, adam.traits) == (Kind.OPTIMIZER, "torch", frozenset({"adaptive"}))
    assert adam.default("lr") == "0.001"


def test_a_symbol_without_parentheses_has_no_signature():
    table = SymbolTable()
    table.add("torch", "other", "torch.thing\ntorch.call()\n")
    assert table["torch.thing"].parameters is None
    assert table["torch.call"].parameters == ()


def test_a_table_is_a_mapping():
    table = SymbolTable()
    table.add("torch", "other", "\ntorch.a\ntorch.b\n")
    assert (list(table), len(table)) == (["torch.a", "torch.b"], 2)
    assert "torch.a" in table
    assert "torch.c" not in table
    assert table.get("torch.c") is None
    with pytest.raises(KeyError):
        table["torch.c"]


def test_a_symbol_that_is_listed_twice_is_an_error():
    table = SymbolTable()
    table.add("torch", "other", "torch.a\n")
    with pytest.raises(ValueError, match=r"torch\.a"):
        table.add("torch", "loss", "torch.a(x)\n")


@pytest.mark.parametrize(
    ("spelled", "canonical"),
    [
        ("torch.optim.Adam", "torch.optim.Adam"),
        ("torch.optim.adam.Adam", "torch.optim.Adam"),
        ("torch.utils.data.dataloader.DataLoader", "torch.utils.data.DataLoader"),
        ("torch.nn.modules.loss.CrossEntropyLoss", "torch.nn.CrossEntropyLoss"),
        ("tensorflow.keras.layers.Dense", "keras.layers.Dense"),
        ("tensorflow.python.keras.layers.Dense", "keras.layers.Dense"),
        ("tensorflow.keras.models.Sequential", "keras.Sequential"),
        ("keras.src.layers.core.dense.Dense", "keras.layers.Dense"),
        ("keras.layers.MaxPool2D", "keras.layers.MaxPooling2D"),
        ("pytorch_lightning.Trainer", "lightning.pytorch.Trainer"),
        ("lightning.Trainer", "lightning.pytorch.Trainer"),
        ("pytorch_lightning.callbacks.early_stopping.EarlyStopping", "lightning.pytorch.callbacks.EarlyStopping"),
        ("sklearn.model_selection._split.train_test_split", "sklearn.model_selection.train_test_split"),
        ("transformers.models.bert.modeling_bert.BertModel", "transformers.BertModel"),
        ("tf_keras.layers.Dense", "tf_keras.layers.Dense"),
        ("tensorflow.keras.layers.MyLayer", "keras.layers.MyLayer"),
        ("my.own.thing", "my.own.thing"),
        ("print", "print"),
        ("", ""),
    ],
)
def test_a_name_has_one_canonical_spelling(catalog, spelled, canonical):
    assert catalog.canonical(spelled) == canonical
    assert catalog.canonical(canonical) == canonical


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("torch.utils.data.DataLoader", Kind.DATA_LOADER),
        ("torch.utils.data.distributed.DistributedSampler", Kind.DISTRIBUTED_SAMPLER),
        ("torch.optim.SGD", Kind.OPTIMIZER),
        ("torch.optim.lr_scheduler.StepLR", Kind.SCHEDULER),
        ("torch.optim.lr_scheduler.ReduceLROnPlateau", Kind.PLATEAU_SCHEDULER),
        ("torch.cuda.amp.GradScaler", Kind.GRAD_SCALER),
        ("torch.autocast", Kind.AUTOCAST),
        ("torch.no_grad", Kind.NO_GRAD),
        ("torch.nn.BCELoss", Kind.LOSS),
        ("torch.nn.functional.nll_loss", Kind.LOSS_FUNCTION),
        ("torch.nn.Dropout", Kind.MODULE),
        ("torch.nn.Module", Kind.MODULE_BASE),
        ("pytorch_lightning.LightningModule", Kind.MODULE_BASE),
        ("torchvision.models.resnet18", Kind.MODULE_FACTORY),
        ("torch.nn.parallel.DistributedDataParallel", Kind.MODULE_WRAPPER),
        ("torch.zeros", Kind.TENSOR_FACTORY),
        ("torch.nn.Parameter", Kind.PARAMETER),
        ("torch.device", Kind.DEVICE),
        ("transformers.AutoModelForCausalLM.from_pretrained", Kind.PRETRAINED),
        ("accelerate.Accelerator", Kind.ENGINE),
        ("transformers.Trainer", Kind.TRAINER),
        ("random.seed", Kind.SEED),
        ("tensorflow.data.Dataset.from_tensor_slices", Kind.TFDATA_SOURCE),
        ("tensorflow.keras.Sequential", Kind.KERAS_MODEL),
        ("tensorflow.keras.losses.BinaryCrossentropy", Kind.KERAS_LOSS),
        ("tensorflow.keras.callbacks.EarlyStopping", Kind.KERAS_CALLBACK),
        ("sklearn.linear_model.LogisticRegression", Kind.ESTIMATOR),
        ("sklearn.preprocessing.StandardScaler", Kind.TRANSFORMER),
        ("sklearn.feature_selection.SelectKBest", Kind.SUPERVISED_TRANSFORMER),
        ("imblearn.over_sampling.SMOTE", Kind.RESAMPLER),
        ("sklearn.model_selection.KFold", Kind.CROSS_VALIDATOR),
        ("sklearn.model_selection.train_test_split", Kind.SPLIT),
        ("sklearn.pipeline.make_pipeline", Kind.PIPELINE),
        ("os.path.join", None),
    ],
)
def test_what_rules_ask_for_is_there(catalog, name, kind):
    assert catalog.kind(name) is kind


def test_every_kind_has_a_symbol(catalog):
    assert {catalog.symbols[name].kind for name in catalog.symbols} == set(Kind)


def test_positions_are_those_of_the_call(catalog):
    loader = catalog.symbol("torch.utils.data.DataLoader")
    assert loader.position("shuffle") == 2
    assert loader.position("prefetch_factor") is None
    assert loader.default("num_workers") == "0"
    assert catalog.symbol("torch.zeros").position("device") is None
    assert catalog.symbol("keras.Model.fit").position("y") == 1
