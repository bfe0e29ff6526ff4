"""A transformer is fitted again on held-out data."""

from collections.abc import Iterator
from functools import partial

from ml_architect.facts import ModuleFacts, dotted_name
from ml_architect.facts.estimators import Estimators, Fit
from ml_architect.facts.halves import Part, pair_of_name, part_of_name, role_of_name
from ml_architect.facts.lineage import Lineages
from ml_architect.rewrite import delete
from ml_architect.rules.api import (
    Allowance,
    Category,
    Cost,
    Finding,
    Fires,
    Fix,
    FixKind,
    Framework,
    Quiet,
    Reference,
    Related,
    Rule,
    Safety,
    Severity,
    Shown,
)
from ml_architect.syntax.nodes import Attribute, Expression, ExpressionStatement, Subscript
from ml_architect.text.edit import Edit
from ml_architect.text.span import Span

_NATURES = frozenset({"supervised", "unsupervised", "encoder", "label"})


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report fits on held-out data where the same kind of transformer was fitted on the training data."""
    estimators = facts.group(Estimators)
    fits = [fit for fit in estimators.fits if _learns(estimators, fit)]
    for fit in fits:
        if _part(facts, fit) != "test":
            continue
        earlier = next((item for item in reversed(fits) if _is_counterpart(facts, item, fit)), None)
        if earlier is not None:
            nature = estimators.nature(fit.estimator)
            label = nature == "label" or (nature == "encoder" and role_of_name(_base(fit.data)) == "labels")
            yield Finding(
                fit.call.node,
                f"`{fit.estimator.name}` is fitted again on held-out data instead of only transforming it",
                related=(Related(earlier.call.node, "fitted on the training data"),),
                fix=partial(_fix, facts, earlier, fit),
                severity=Severity.INFO if label else None,
            )


def _learns(estimators: Estimators, fit: Fit) -> bool:
    if fit.call.method not in {"fit", "fit_transform"} or fit.estimator.has("fit_transform_only"):
        return False
    is_predictor = fit.estimator.has("supervised_projection") and fit.call.method == "fit"
    fixed = any(argument.keyword in {"vocabulary", "categories"} for argument in fit.estimator.made.node.arguments)
    return not is_predictor and not fixed and estimators.nature(fit.estimator) in _NATURES


def _base(expression: Expression) -> str | None:
    """Return the name that an argument selects from: ``X_test`` for ``X_test[columns].values``."""
    while isinstance(expression, Subscript) or (isinstance(expression, Attribute) and expression.attr == "values"):
        expression = expression.value
    return dotted_name(expression)


def _part(facts: ModuleFacts, fit: Fit) -> Part | None:
    known = facts.group(Lineages).of(fit.data, fit.call).part
    return known if known is not None else part_of_name(_base(fit.data))


def _is_counterpart(facts: ModuleFacts, earlier: Fit, fit: Fit) -> bool:
    """Whether `earlier` fitted the same object, or one of its class for the same columns, on training data."""
    if earlier is fit or not earlier.call.site.dominates(fit.call.site) or _part(facts, earlier) != "train":
        return False
    if earlier.estimator.made is fit.estimator.made:
        return True
    if earlier.estimator.name != fit.estimator.name or earlier.call.site.scope is not fit.call.site.scope:
        return False
    one, other = _base(earlier.data), _base(fit.data)
    return one is not None and other is not None and pair_of_name(one) == pair_of_name(other)


def _fix(facts: ModuleFacts, earlier: Fit, fit: Fit) -> Fix | None:
    func = fit.call.node.func
    if earlier.estimator.made is not fit.estimator.made or not isinstance(func, Attribute):
        return None
    title = "transform the held-out data with what was fitted on the training data"
    if fit.call.method == "fit":
        alone = isinstance(fit.call.site.statement, ExpressionStatement) and dotted_name(fit.call.receiver) is not None
        edit = delete(facts, fit.call.site) if alone else None
        return Fix(title, (edit,), Safety.UNSAFE) if edit is not None else None
    if len(fit.call.node.arguments) != 1 or dotted_name(func.value) is None:
        return None
    end = facts.span(func).end
    return Fix(title, (Edit(Span(end - len(func.attr), end), "transform"),), Safety.UNSAFE)


RULE = Rule(
    name="transformer-refit-on-test",
    summary="a transformer is fitted again on held-out data",
    framework=Framework.SKLEARN,
    category=Category.LEAKAGE,
    severity=Severity.WARNING,
    why=(
        "A transformer that is fitted on the test data measures it with its own scale: a value means something else than it meant in "
        "training. A shift between training and test data vanishes, encoders number their categories anew, and vectorizers and "
        "projections give other columns. The score is that of another problem, and a single new row cannot be scored this way.\n\n"
        "Fit on the training data once and call `transform` on everything else."
    ),
    tradeoffs={
        Cost.GENERALISATION: "scores tell what happens to new data, a shift of its distribution included",
        Cost.MAINTENANCE: "a pipeline calls `transform` in the right places by itself",
    },
    references=(
        Reference(
            "Inconsistent preprocessing",
            "https://scikit-learn.org/stable/common_pitfalls.html#inconsistent-preprocessing",
        ),
    ),
    fires=(
        Fires(
            """\
from sklearn.preprocessing import StandardScaler

def scale(X_train, X_test):
    scaler = StandardScaler()
    X_train = scaler.fit_transform(X_train)
    X_test = scaler.fit_transform(X_test)
    return X_train, X_test
""",
            """\
from sklearn.preprocessing import StandardScaler

def scale(X_train, X_test):
    scaler = StandardScaler()
    X_train = scaler.fit_transform(X_train)
    X_test = scaler.transform(X_test)
    return X_train, X_test
""",
        ),
        Fires(
            """\
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.model_selection import train_test_split

def vectors(texts, y):
    fitting, held_back, y_fitting, y_held_back = train_test_split(texts, y)
    vectorizer = TfidfVectorizer()
    vectorizer.fit(fitting)
    first = vectorizer.transform(fitting)
    vectorizer.fit(held_back)
    return first, vectorizer.transform(held_back), y_fitting, y_held_back
""",
            """\
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.model_selection import train_test_split

def vectors(texts, y):
    fitting, held_back, y_fitting, y_held_back = train_test_split(texts, y)
    vectorizer = TfidfVectorizer()
    vectorizer.fit(fitting)
    first = vectorizer.transform(fitting)
    return first, vectorizer.transform(held_back), y_fitting, y_held_back
""",
        ),
    ),
    quiet=(
        Quiet(
            """\
from sklearn.preprocessing import StandardScaler

def scale(X_train, X_test):
    scaler = StandardScaler()
    return scaler.fit_transform(X_train), scaler.transform(X_test)
""",
            because="the test data is transformed only",
        ),
        Quiet(
            """\
from sklearn.cluster import KMeans

def clusters(X_train, X_test):
    return KMeans(3).fit(X_train), KMeans(3).fit(X_test)
""",
            because="clustering each part on its own is a question, not a preprocessing step",
        ),
        Quiet(
            """\
from sklearn.manifold import TSNE

def draw(X_train, X_test, plot):
    tsne = TSNE()
    plot(tsne.fit_transform(X_train))
    plot(tsne.fit_transform(X_test))
""",
            because="t-SNE has no transform",
        ),
        Quiet(
            """\
from sklearn.preprocessing import MinMaxScaler

def scale(y_train, X_test):
    labels = MinMaxScaler().fit_transform(y_train)
    inputs = MinMaxScaler().fit_transform(X_test)
    return labels, inputs
""",
            because="two scalers for different columns",
        ),
    ),
    fix=FixKind.UNSAFE,
    fix_safety="the numbers that held-out data is scored on change",
    architect=Allowance(
        statements=("$transformer.fit($rows)",),
        rewrites={"$transformer.fit_transform($rows)": "$transformer.transform($rows)"},
        may_remove_finding=True,
        exact=True,
        advice="Only transform the held-out data, with the transformer that was fitted on the training data, which stays fitted there.",
    ),
    evidence=Shown(
        "tests/evidence/test_transformer_refit_on_test.py::test_scaler_refitted_on_test_data_erases_the_shift"
    ),
    detect=detect,
)
