"""Keras on TensorFlow, its side of tests/bench/tensor_bench.ts: compiled steps, with and without XLA, the faster one."""
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["KERAS_BACKEND"] = "tensorflow"
import keras
import tensorflow as tf
from keras import layers

from bench_protocol import serve

threads = int(sys.argv[1])
tf.config.threading.set_intra_op_parallelism_threads(threads)
tf.config.threading.set_inter_op_parallelism_threads(threads)


def recurrent(case):
    cell = {"gru": layers.GRU, "lstm": layers.LSTM}[case["cell"]]
    x = inputs = keras.Input((case["time"], case["features"]))
    for index, units in enumerate(case["units"]):
        every = case["pool"] == "max" or index < len(case["units"]) - 1
        layer = cell(units, return_sequences=every)
        x = (layers.Bidirectional(layer) if case["bidirectional"] else layer)(x)
    if case["pool"] == "max":
        x = layers.GlobalMaxPooling1D()(x)
    return keras.Model(inputs, layers.Dense(case["classes"])(x))


def transformer(case):
    width = case["width"]
    x = inputs = keras.Input((case["time"], width))
    y = layers.LayerNormalization(epsilon=1e-5)(x)
    x = x + layers.MultiHeadAttention(case["heads"], width // case["heads"])(y, y)
    y = layers.LayerNormalization(epsilon=1e-5)(x)
    y = layers.Dense(case["feedForward"], activation="gelu")(y)
    return keras.Model(inputs, x + layers.Dense(width)(y))


def trained(weights, loss, also=(), compiled=False):
    optimizer = keras.optimizers.Adam()
    optimizer.build(weights)

    @tf.function(jit_compile=compiled)
    def step():
        with tf.GradientTape() as tape:
            for each in also:
                tape.watch(each)
            value = loss()
        gradients = tape.gradient(value, [w.value for w in weights] + list(also))
        optimizer.apply_gradients(zip(gradients[: len(weights)], weights))
        # The gradients of the input belong to the step although nobody uses them.
        return value, gradients[len(weights) :]

    return lambda: float(step()[0])


def make_step(case, setting):
    keras.utils.set_random_seed(0)
    kind, batch, compiled = case["kind"], case["batch"], setting["xla"]
    if kind == "recurrent":
        model = recurrent(case)
        x = tf.random.normal((batch, case["time"], case["features"]))
        y = tf.random.uniform((batch,), 0, case["classes"], tf.int32)
        entropy = lambda: tf.reduce_mean(
            tf.nn.sparse_softmax_cross_entropy_with_logits(y, model(x, training=True))
        )
        return trained(model.trainable_weights, entropy, (), compiled)
    if kind == "product":
        m, n, k = case["m"], case["n"], case["k"]
        lead = [batch] if batch > 1 else []
        a = tf.random.normal(lead + ([k, m] if case["transposeA"] else [m, k]))
        b = tf.random.normal(lead + ([n, k] if case["transposeB"] else [k, n]))

        @tf.function(jit_compile=compiled)
        def product():
            return tf.matmul(a, b, case["transposeA"], case["transposeB"])

        return lambda: product()[..., 0, 0].numpy()
    if kind == "convolutions":
        size, channels = case["size"], case["channels"]
        x = tf.random.normal((batch, size, size, channels))
        filters = [tf.random.normal((3, 3, channels, channels), 0, 0.05) for _ in range(case["layers"])]

        @tf.function(jit_compile=compiled)
        def convolutions():
            with tf.GradientTape() as tape:
                tape.watch([x, *filters])
                y = x
                for each in filters:
                    y = tf.nn.relu(tf.nn.conv2d(y, each, 1, "SAME"))
                value = tf.reduce_sum(y)
            return value, tape.gradient(value, [x, *filters])

        return lambda: float(convolutions()[0])
    if kind == "transformer":
        model = transformer(case)
        x = tf.random.normal((batch, case["time"], case["width"]))
        loss = lambda: tf.reduce_mean(tf.square(model(x, training=True)))
        return trained(model.trainable_weights, loss, (x,), compiled)
    if kind == "autoencoder":
        sizes = case["sizes"]
        encoder = keras.Sequential(
            [keras.Input((sizes[0],))]
            + [layers.Dense(size, activation="relu") for size in sizes[1:-1]]
            + [layers.Dense(2 * sizes[-1])]
        )
        decoder = keras.Sequential(
            [keras.Input((sizes[-1],))]
            + [layers.Dense(size, activation="relu") for size in sizes[-2:0:-1]]
            + [layers.Dense(sizes[0], activation="sigmoid")]
        )
        x, noise = tf.random.uniform((batch, sizes[0])), tf.random.normal((batch, sizes[-1]))

        def loss():
            mean, spread = tf.split(encoder(x), 2, 1)
            error = decoder(mean + tf.exp(0.5 * spread) * noise) - x
            divergence = -0.5 * tf.reduce_sum(1 + spread - tf.square(mean) - tf.exp(spread), 1)
            return tf.reduce_mean(tf.reduce_sum(tf.square(error), 1)) + 0.5 * tf.reduce_mean(divergence)

        return trained(encoder.trainable_weights + decoder.trainable_weights, loss, (), compiled)
    raise ValueError(f"no case {kind}")


def settings(case, threads):
    # XLA unrolls nothing and gains nothing on a loop over time, but takes minutes to compile its gradient.
    kinds = [False] if case["kind"] == "recurrent" else [False, True]
    return [{"threads": threads, "xla": compiled} for compiled in kinds]


facts = tf.sysconfig.get_compile_flags()
built = " ".join(f"{key}={value}" for key, value in tf.sysconfig.get_build_info().items() if "cuda" in key)
serve(
    {
        "peer": f"Keras {keras.__version__} on TensorFlow {tf.__version__}",
        "flags": f"{' '.join(f for f in facts if not f.startswith('-I'))} {built}".strip(),
    },
    settings,
    make_step,
)
