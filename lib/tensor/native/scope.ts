import { demand } from "../../core/mod.ts";
import { tf } from "../tf.ts";

/** A tensor inside TensorFlow, by the number under which the binding keeps it. */
export type Handle = number;

interface OperationAttribute {
  name: string;
  type: number;
  value: number | boolean | string;
}

interface OutputDescription {
  id: number;
  shape: number[];
  dtype: number;
}

/** What the native packages' binding offers; their type files leave it out. */
interface Binding {
  TF_FLOAT: number;
  TF_INT32: number;
  TF_BOOL: number;
  TF_ATTR_TYPE: number;
  TF_ATTR_INT: number;
  TF_ATTR_BOOL: number;
  executeOp(
    name: string,
    attributes: OperationAttribute[],
    inputs: Handle[],
    outputs: number,
  ): OutputDescription[];
  createTensor(shape: number[], dtype: number, values: Float32Array | Int32Array): Handle;
  deleteTensor(handle: Handle): void;
}

/** The part of the native packages' backend that is used here. */
interface NativeBackend {
  binding: Binding;
  getInputTensorIds(tensors: tf.TensorInfo[]): Handle[];
  createOutputTensor(description: OutputDescription): tf.Tensor;
}

function currentBackend(): Partial<NativeBackend> {
  return tf.backend() as unknown as Partial<NativeBackend>;
}

/** Whether the current backend executes TensorFlow's operations by name, as native TensorFlow does. */
export function hasNativeOperations(): boolean {
  return currentBackend().binding?.executeOp !== undefined;
}

/**
 * TensorFlow's own operations by name, on bare handles: about 5 microseconds a call, where an operation of tfjs takes 8 and
 * makes a tensor of each result, and operations that tfjs does not offer. All operands are float32 where nothing else is
 * said. Whatever a scope makes it frees at the end of {@link NativeScope.run}, unless {@link NativeScope.tensor} has turned
 * it into a tensor.
 */
export class NativeScope {
  readonly #backend: NativeBackend;
  readonly #binding: Binding;
  readonly #made = new Map<Handle, OutputDescription>();
  readonly #float: OperationAttribute;

  private constructor(backend: NativeBackend) {
    this.#backend = backend;
    this.#binding = backend.binding;
    this.#float = { name: "T", type: this.#binding.TF_ATTR_TYPE, value: this.#binding.TF_FLOAT };
  }

  /**
   * Runs `work` in a scope on the current backend, which must be native TensorFlow.
   *
   * @throws EphemeraError on another backend.
   */
  static run<T>(work: (scope: NativeScope) => T): T {
    demand(hasNativeOperations(), {
      expected: "the backend tensorflow",
      found: tf.getBackend(),
      where: "NativeScope.run",
    });
    const scope = new NativeScope(currentBackend() as NativeBackend);
    try {
      return work(scope);
    } finally {
      scope.free(...scope.#made.keys());
    }
  }

  /** The handle of a tensor. It stays the tensor's: freeing it does nothing. */
  of(tensor: tf.Tensor): Handle {
    return this.#backend.getInputTensorIds([tensor])[0];
  }

  /** Makes a tensor of a handle that this scope made; the tensor owns it from now on. */
  tensor(handle: Handle): tf.Tensor {
    const description = this.#made.get(handle);
    demand(description, {
      expected: "a result of this scope",
      found: `${handle}`,
      where: "NativeScope.tensor",
    });
    this.#made.delete(handle);
    return this.#backend.createOutputTensor(description);
  }

  /** Frees handles that this scope made; others, and null, are left alone. */
  free(...handles: (Handle | null)[]): void {
    for (const handle of handles) {
      if (handle !== null && this.#made.delete(handle)) this.#binding.deleteTensor(handle);
    }
  }

  /** An operation whose only attribute is the type of its numbers, and which has one result. */
  call(name: string, ...inputs: Handle[]): Handle {
    return this.#execute(name, [this.#float], inputs, 1)[0];
  }

  /** The sum of tensors of one shape. */
  sum(...terms: Handle[]): Handle {
    if (terms.length === 1) return this.call("Identity", terms[0]);
    return this.#execute("AddN", [this.#integer("N", terms.length), this.#float], terms, 1)[0];
  }

  /** The product of two matrices. */
  product(a: Handle, b: Handle, transposeA = false, transposeB = false): Handle {
    const attributes = [
      this.#flag("transpose_a", transposeA),
      this.#flag("transpose_b", transposeB),
      this.#float,
    ];
    return this.#execute("MatMul", attributes, [a, b], 1)[0];
  }

  /** Cuts a matrix into `count` equal blocks of columns. */
  columns(matrix: Handle, count: number): Handle[] {
    const axis = this.#axis(1);
    const parts = this.#execute(
      "Split",
      [this.#integer("num_split", count), this.#float],
      [axis, matrix],
      count,
    );
    this.free(axis);
    return parts;
  }

  /** The `count` parts of a tensor along its first axis, without it. They share its memory when they are aligned. */
  unpack(tensor: Handle, count: number, dtype: "float32" | "bool" = "float32"): Handle[] {
    const type = dtype === "float32" ? this.#float : { ...this.#float, value: this.#binding.TF_BOOL };
    return this.#execute(
      "Unpack",
      [this.#integer("num", count), type, this.#integer("axis", 0)],
      [tensor],
      count,
    );
  }

  /** Stacks tensors of one shape along a new first axis, and frees them. */
  pack(parts: Handle[]): Handle {
    const attributes = [this.#integer("N", parts.length), this.#float, this.#integer("axis", 0)];
    const [packed] = this.#execute("Pack", attributes, parts, 1);
    this.free(...parts);
    return packed;
  }

  /** A number as a tensor of no axes. */
  scalar(value: number): Handle {
    return this.#create([], this.#binding.TF_FLOAT, Float32Array.of(value));
  }

  #axis(axis: number): Handle {
    return this.#create([], this.#binding.TF_INT32, Int32Array.of(axis));
  }

  #create(shape: number[], dtype: number, values: Float32Array | Int32Array): Handle {
    const id = this.#binding.createTensor(shape, dtype, values);
    this.#made.set(id, { id, shape, dtype });
    return id;
  }

  #integer(name: string, value: number): OperationAttribute {
    return { name, type: this.#binding.TF_ATTR_INT, value };
  }

  #flag(name: string, value: boolean): OperationAttribute {
    return { name, type: this.#binding.TF_ATTR_BOOL, value };
  }

  #execute(name: string, attributes: OperationAttribute[], inputs: Handle[], outputs: number): Handle[] {
    return this.#binding.executeOp(name, attributes, inputs, outputs).map((description) => {
      this.#made.set(description.id, description);
      return description.id;
    });
  }
}
