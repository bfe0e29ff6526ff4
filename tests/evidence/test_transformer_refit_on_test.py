import numpy as np
import pytest
from sklearn.preprocessing import OrdinalEncoder, StandardScaler

pytestmark = pytest.mark.frameworks


def test_scaler_refitted_on_test_data_erases_the_shift():
    """Test data two deviations above training data keeps that distance under transform and loses it on a refit."""
    rng = np.random.default_rng(0)
    X_train = rng.normal(loc=5.0, scale=2.0, size=(500, 1))
    X_test = rng.normal(loc=9.0, scale=2.0, size=(500, 1))
    scaler = StandardScaler().fit(X_train)

    good = scaler.transform(X_test)
    bad = scaler.fit_transform(X_test)

    assert good.mean() == pytest.approx(2.0, abs=0.2)
    assert bad.mean() == pytest.approx(0.0, abs=1e-6)


def test_encoder_refitted_on_test_data_renumbers_the_categories():
    """A category that training encoded as 1 gets another code when the encoder is fitted again on test rows."""
    X_train = [["cat"], ["dog"], ["fox"]]
    X_test = [["dog"], ["fox"]]
    encoder = OrdinalEncoder().fit(X_train)

    good = encoder.transform(X_test)
    bad = encoder.fit_transform(X_test)

    assert good.ravel().tolist() == [1, 2]  # as in training
    assert bad.ravel().tolist() == [0, 1]
