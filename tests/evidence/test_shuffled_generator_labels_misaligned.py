import keras
import numpy as np
import pytest
import tensorflow as tf

pytestmark = pytest.mark.frameworks


@pytest.fixture
def folder(tmp_path):
    """Fifty black images of class 0 and fifty white ones of class 1."""
    for label, pixel in (("black", 0), ("white", 255)):
        (tmp_path / label).mkdir()
        image = tf.io.encode_png(tf.fill((2, 2, 1), tf.constant(pixel, tf.uint8)))
        for number in range(50):
            tf.io.write_file(str(tmp_path / label / f"{number:02}.png"), image)
    return tmp_path


def test_labels_collected_apart_from_predictions_do_not_belong_to_them(folder):
    """A perfect classifier scores chance: the shuffled dataset gives predict and the label loop different orders."""
    keras.utils.set_random_seed(0)
    perfect = keras.Sequential(
        [keras.Input((2, 2, 1)), keras.layers.Rescaling(1 / 255), keras.layers.GlobalMaxPooling2D()]
    )

    def measured_accuracy(**order):
        dataset = keras.utils.image_dataset_from_directory(
            folder, image_size=(2, 2), color_mode="grayscale", verbose=False, **order
        )
        predictions = perfect.predict(dataset, verbose=0)[:, 0] > 0.5
        labels = np.concatenate([labels for _, labels in dataset])
        return np.mean(predictions == labels)

    assert measured_accuracy() == pytest.approx(0.5, abs=0.2)  # bad: shuffle=True is the default
    assert measured_accuracy(shuffle=False) == 1.0  # good


def test_classes_of_a_shuffled_directory_iterator_are_in_file_order(folder):
    """flow_from_directory yields rows in shuffled order while .classes stays sorted; shuffle=False agrees with it."""
    np.random.seed(0)

    def agreement(**order):
        generator = tf.keras.preprocessing.image.ImageDataGenerator().flow_from_directory(
            folder, batch_size=100, **order
        )
        yielded = generator.classes[next(generator.index_generator)]
        return np.mean(yielded == generator.classes)

    assert agreement() == pytest.approx(0.5, abs=0.2)  # bad: shuffle=True is the default
    assert agreement(shuffle=False) == 1.0  # good
