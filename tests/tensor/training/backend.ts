/** The cpu backend for these tests: what they prove does not depend on the backend, and it needs no set-up. */
import "@tensorflow/tfjs-layers"; // registers the gradients
import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
await tf.setBackend("cpu");
await tf.ready();
export { tf };
