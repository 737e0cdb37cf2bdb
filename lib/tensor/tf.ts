// The one place that imports tfjs. Everybody else takes `tf` from here, so that there is one engine, one registry of
// kernels and one place where the packages' habits (a banner, missing methods) are mended.
import { MathBackendCPU } from "@tensorflow/tfjs-backend-cpu";
import { addTensorMethods } from "./chained.ts";
import { repairCpuKernels } from "./cpu_repairs.ts";
import { registerGradients } from "./gradients.ts";
import * as tf from "./tf_namespace.ts";

/** The cpu backend without its advertisement at the first tensor. */
class QuietBackendCPU extends MathBackendCPU {
  constructor() {
    super();
    (this as unknown as { firstUse: boolean }).firstUse = false;
  }
}

tf.removeBackend("cpu");
tf.registerBackend("cpu", () => new QuietBackendCPU(), 1);

addTensorMethods();
repairCpuKernels();
registerGradients();

export { MathBackendCPU, tf };
