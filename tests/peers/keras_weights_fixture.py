"""Writes small Keras models with random weights, an input and every layer's output, for the tests of weight import.

    pip install tensorflow-cpu tf_keras
    python tests/peers/keras_weights_fixture.py tests/tensor/interchange/fixtures

Keras 2 (tf_keras) writes `keras2_weights.h5` (weights alone), Keras 3 `keras3_model.h5` (a whole model in the legacy
format); `keras_outputs.json` holds what both computed.
"""

import json
import os
import sys

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras as keras3
import numpy
import tf_keras as keras2

TIME, FEATURES = 6, 3


def build(keras):
    layers = keras.layers
    start = layers.Input((TIME, FEATURES))
    x = layers.Bidirectional(layers.GRU(4, return_sequences=True), name="both_gru")(start)
    x = layers.GRU(
        3, return_sequences=True, reset_after=False, recurrent_activation="hard_sigmoid" if keras is keras2 else "sigmoid",
        name="gru_before",
    )(x)
    x = layers.Dropout(0.5, name="drop")(x)
    x = layers.GRU(3, return_sequences=True, use_bias=False, name="gru_bare")(x)
    x = layers.TimeDistributed(layers.Dense(5), name="each_time")(x)
    x = layers.BatchNormalization(name="normal")(x)
    x = layers.Bidirectional(layers.LSTM(2, return_sequences=True), name="both_lstm")(x)
    x = layers.LSTM(4, name="lstm")(x)
    x = layers.Dense(2, name="dense")(x)
    return keras.Model(start, x)


def main(folder):
    random = numpy.random.default_rng(1)
    given = random.normal(size=(2, TIME, FEATURES)).astype("float32")
    outputs = {}
    for name, keras in (("keras2", keras2), ("keras3", keras3)):
        model = build(keras)
        # Random values everywhere: biases of zero and unit variances would hide a wrong order.
        model.set_weights([random.normal(scale=0.6, size=v.shape).astype("float32") for v in model.get_weights()])
        normal = model.get_layer("normal")
        normal.set_weights([*normal.get_weights()[:3], numpy.abs(normal.get_weights()[3]) + 0.2])
        if name == "keras2":
            model.save_weights(f"{folder}/keras2_weights.h5", save_format="h5")
        else:
            model.save(f"{folder}/keras3_model.h5")
        stages = keras.Model(model.inputs, [layer.output for layer in model.layers[1:]])
        values = stages.predict(given, verbose=0)
        outputs[name] = {
            layer.name: {"shape": list(value.shape), "data": [round(float(v), 7) for v in value.ravel()]}
            for layer, value in zip(model.layers[1:], values)
        }
    with open(f"{folder}/keras_outputs.json", "w") as file:
        json.dump({
            "versions": {"keras2": keras2.__version__, "keras3": keras3.__version__},
            "input": {"shape": list(given.shape), "data": [float(v) for v in given.ravel()]},
            "outputs": outputs,
        }, file)


main(sys.argv[1])
