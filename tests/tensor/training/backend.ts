/** The cpu backend for these tests: what they prove does not depend on the backend, and it needs no set-up. */
import { tf } from "../../../lib/tensor/tf.ts";
await tf.setBackend("cpu");
await tf.ready();
export { tf };
