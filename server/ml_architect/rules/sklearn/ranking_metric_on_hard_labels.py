"""A ranking metric gets class labels instead of scores."""

from collections.abc import Iterator

from ml_architect.facts import CallSite, ModuleFacts
from ml_architect.facts.estimators import Estimators
from ml_architect.rules.api import (
    Allowance,
    Category,
    Cost,
    Finding,
    Fires,
    FixKind,
    Framework,
    Quiet,
    Reference,
    Related,
    Rule,
    Severity,
    Shown,
)
from ml_architect.syntax.nodes import Call, Expression

_METRICS = tuple(
    f"sklearn.metrics.{name}"
    for name in (
        "roc_auc_score",
        "average_precision_score",
        "roc_curve",
        "precision_recall_curve",
        "brier_score_loss",
        "log_loss",
    )
)
_SCORE_NAMES = ("y_score", "y_proba", "y_prob", "y_pred", "probas_pred")


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report what a classifier's ``predict`` gives as the scores of a ranking metric."""
    for call in facts.calls_to(*_METRICS):
        scores = _scores(call)
        made = facts.construction(scores, call) if scores is not None else None
        if scores is None or made is None or made.method != "predict" or made.receiver is None:
            continue
        if not _is_classifier(facts, made):
            continue
        name = (facts.call_name(call) or "").rpartition(".")[2]
        yield Finding(
            scores,
            f"`{name}` ranks by scores, but these are hard labels; pass `predict_proba` or `decision_function`",
            related=(Related(made.node, "labels are predicted here"),),
        )


def _scores(call: CallSite) -> Expression | None:
    arguments = call.node.arguments
    if len(arguments) > 1 and arguments[1].keyword is None and not arguments[1].star and not arguments[0].star:
        return arguments[1].value
    return next((a.value for a in arguments if a.keyword in _SCORE_NAMES), None)


def _is_classifier(facts: ModuleFacts, predict: CallSite) -> bool:
    estimators = facts.group(Estimators)
    estimator = estimators.receiver(predict)
    final = estimators.final(estimator) if estimator is not None else None
    if final is None or not isinstance(final.made.node, Call):
        return False
    return final.name.endswith(("Classifier", "ClassifierCV", "SVC", "NB")) or final.name in {
        "LogisticRegression",
        "LogisticRegressionCV",
        "LinearDiscriminantAnalysis",
        "QuadraticDiscriminantAnalysis",
    }


RULE = Rule(
    name="ranking-metric-on-hard-labels",
    summary="a ranking metric such as ROC AUC is computed from hard class labels",
    framework=Framework.SKLEARN,
    category=Category.EVALUATION,
    severity=Severity.ERROR,
    why=(
        "ROC AUC, average precision and log loss judge how a model ranks samples or how sure it is. `predict` gives 0 or 1: one threshold, no ranking. The AUC of labels is the balanced "
        "accuracy at that threshold, mostly much lower than the AUC of the scores, and models are compared by the wrong number."
    ),
    tradeoffs={Cost.GENERALISATION: "models are chosen by how well they rank, whatever threshold is used later"},
    references=(
        Reference(
            "roc_auc_score", "https://scikit-learn.org/stable/modules/generated/sklearn.metrics.roc_auc_score.html"
        ),
    ),
    fires=(
        Fires(
            """\
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import roc_auc_score

def evaluate(X_train, X_test, y_train, y_test):
    model = RandomForestClassifier(random_state=0).fit(X_train, y_train)
    predicted = model.predict(X_test)
    return roc_auc_score(y_test, predicted)
""",
            """\
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import roc_auc_score

def evaluate(X_train, X_test, y_train, y_test):
    model = RandomForestClassifier(random_state=0).fit(X_train, y_train)
    predicted = model.predict_proba(X_test)[:, 1]
    return roc_auc_score(y_test, predicted)
""",
        ),
        Fires(
            """\
from sklearn import metrics
from sklearn.linear_model import LogisticRegression

def evaluate(X_train, X_test, y_train, y_test):
    model = LogisticRegression()
    model.fit(X_train, y_train)
    return metrics.average_precision_score(y_test, y_score=model.predict(X_test))
""",
            """\
from sklearn import metrics
from sklearn.linear_model import LogisticRegression

def evaluate(X_train, X_test, y_train, y_test):
    model = LogisticRegression()
    model.fit(X_train, y_train)
    return metrics.average_precision_score(y_test, y_score=model.predict_proba(X_test)[:, 1])
""",
        ),
    ),
    quiet=(
        Quiet(
            """\
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import accuracy_score, roc_auc_score

def evaluate(X_train, X_test, y_train, y_test):
    model = RandomForestClassifier(random_state=0).fit(X_train, y_train)
    print(accuracy_score(y_test, model.predict(X_test)))
    return roc_auc_score(y_test, model.predict_proba(X_test)[:, 1])
""",
            because="the ranking metric gets probabilities",
        ),
        Quiet(
            """\
from sklearn.ensemble import RandomForestRegressor
from sklearn.metrics import roc_auc_score

def evaluate(X_train, X_test, y_train, y_test):
    model = RandomForestRegressor(random_state=0).fit(X_train, y_train)
    return roc_auc_score(y_test, model.predict(X_test))
""",
            because="a regressor predicts scores",
        ),
    ),
    fix=FixKind.ARCHITECT,
    architect=Allowance(
        rewrites={"$model.predict($rows)": "$model.predict_proba($rows)[:, 1]"},
        may_remove_finding=True,
        advice=(
            "Pass the probability of the positive class, `predict_proba(...)[:, 1]`. Where the labels are used for something else, too, "
            "predict the scores apart from them."
        ),
    ),
    evidence=Shown(
        "tests/evidence/test_ranking_metric_on_hard_labels.py::test_roc_auc_of_hard_labels_is_only_balanced_accuracy"
    ),
    detect=detect,
)
