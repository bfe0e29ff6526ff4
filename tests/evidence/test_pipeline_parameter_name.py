import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

pytestmark = pytest.mark.frameworks

X = np.random.default_rng(0).normal(size=(40, 2))
y = (X[:, 0] > 0).astype(int)


@pytest.mark.parametrize("key", ["C", "logisticregression__C", "clf_C"])
def test_grid_key_without_a_step_name_raises_at_fit(key):
    """A parameter grid key must be step__parameter with a step of this pipeline, or fit raises ValueError."""
    pipeline = Pipeline([("scale", StandardScaler()), ("clf", LogisticRegression())])

    with pytest.raises(ValueError, match="Invalid parameter"):
        GridSearchCV(pipeline, {key: [0.1, 1.0]}, cv=2).fit(X, y)  # bad

    search = GridSearchCV(pipeline, {"clf__C": [0.1, 1.0]}, cv=2).fit(X, y)  # good
    assert set(search.best_params_) == {"clf__C"}


def test_make_pipeline_names_its_steps_by_the_lower_cased_class():
    """In make_pipeline the step is called logisticregression, so clf__C is unknown to set_params."""
    pipeline = make_pipeline(StandardScaler(), LogisticRegression())

    with pytest.raises(ValueError, match="Invalid parameter"):
        pipeline.set_params(clf__C=0.1)  # bad

    pipeline.set_params(logisticregression__C=0.1)  # good
    assert pipeline[-1].C == 0.1
