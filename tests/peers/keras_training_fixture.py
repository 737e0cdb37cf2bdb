"""Trains a small recurrent network in Keras 2 and writes weights before and after, data and the loss of each step.

    pip install tensorflow-cpu tf_keras
    python tests/peers/keras_training_fixture.py > tests/tensor/training/fixtures/keras_training.json
"""

import json
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import numpy
import tensorflow
import tf_keras as keras

EXAMPLES, TIME, FEATURES, BATCH, EPOCHS = 12, 7, 2, 4, 5

random = numpy.random.default_rng(3)
x = random.normal(size=(EXAMPLES, TIME, FEATURES)).astype("float32")
y = numpy.sin(x.sum(axis=(1, 2)))[:, None].astype("float32")

layers = keras.layers
model = keras.Sequential([
    layers.Input((TIME, FEATURES)),
    layers.Bidirectional(layers.GRU(4, return_sequences=True)),
    layers.GRU(3, reset_after=False),
    layers.Dense(1),
])
model.set_weights([random.normal(scale=0.5, size=w.shape).astype("float32") for w in model.get_weights()])


def plain(arrays):
    return [{"shape": list(a.shape), "data": [float(v) for v in a.ravel()]} for a in arrays]


before = plain(model.get_weights())
optimizer = keras.optimizers.Adam(0.05, amsgrad=True, epsilon=1e-12, global_clipnorm=0.5)
losses, norms = [], []
for epoch in range(EPOCHS):
    for start in range(0, EXAMPLES, BATCH):
        with tensorflow.GradientTape() as tape:
            predicted = model(x[start:start + BATCH], training=True)
            loss = tensorflow.reduce_mean((predicted - y[start:start + BATCH]) ** 2)
        gradients = tape.gradient(loss, model.trainable_variables)
        norms.append(float(tensorflow.linalg.global_norm(gradients)))
        optimizer.apply_gradients(zip(gradients, model.trainable_variables))
        losses.append(float(loss))

json.dump({
    "keras": keras.__version__,
    "x": plain([x])[0],
    "y": plain([y])[0],
    "names": [v.name for v in model.weights],
    "before": before,
    "after": plain(model.get_weights()),
    "losses": losses,
    "norms": norms,
}, sys.stdout)
