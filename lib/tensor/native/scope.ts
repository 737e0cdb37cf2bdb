import { demand } from "../../core/mod.ts";
import { tf } from "../tf.ts";
import { type Attribute, DataType, type Handle, NativeOperations } from "./operations.ts";

interface OutputDescription {
  id: number;
  shape: number[];
  dtype: number;
}

/** What the native packages' binding offers; their type files leave most of it out. */
interface Binding {
  TF_ATTR_TYPE: number;
  TF_ATTR_INT: number;
  TF_ATTR_BOOL: number;
  TF_ATTR_STRING: number;
  TF_ATTR_SHAPE: number;
  executeOp(name: string, attributes: object[], inputs: Handle[], outputs: number): OutputDescription[];
  createTensor(shape: number[], dtype: number, values: Float32Array | Int32Array): Handle;
  deleteTensor(handle: Handle): void;
  loadSavedModel(folder: string, tags: string): number;
  runSavedModel(
    model: number,
    inputs: Handle[],
    inputNames: string,
    outputNames: string,
  ): OutputDescription[];
}

/** The part of the native packages' backend that is used here. */
interface NativeBackend {
  binding: Binding;
  isUsingGpuDevice: boolean;
  tensorMap: { get(dataId: tf.DataId): { id: Handle; refCount: number } };
  getInputTensorIds(tensors: tf.TensorInfo[]): Handle[];
  createOutputTensor(description: OutputDescription): tf.Tensor;
}

/** Attributes that no recorded operation has. */
type ResourceAttribute =
  | { name: string; kind: "text"; value: string }
  | { name: string; kind: "shape"; value: number[] };

function currentBackend(): Partial<NativeBackend> {
  return tf.backend() as unknown as Partial<NativeBackend>;
}

/** Whether the current backend executes TensorFlow's operations by name, as native TensorFlow does. */
export function hasNativeOperations(): boolean {
  return currentBackend().binding?.executeOp !== undefined;
}

/**
 * TensorFlow's operations executed at once, on bare handles: about 5 microseconds a call, where an operation of tfjs takes
 * 8 and makes a tensor of each result. Whatever a scope makes it frees at the end of {@link NativeScope.run}, unless
 * {@link NativeScope.tensor} has turned it into a tensor.
 */
export class NativeScope extends NativeOperations {
  readonly #backend: NativeBackend;
  readonly #made = new Map<Handle, OutputDescription>();
  readonly #kinds: Record<(Attribute | ResourceAttribute)["kind"], number>;

  private constructor(backend: NativeBackend) {
    super();
    this.#backend = backend;
    const { TF_ATTR_TYPE: type, TF_ATTR_INT: integer, TF_ATTR_BOOL: flag } = backend.binding;
    const { TF_ATTR_STRING: text, TF_ATTR_SHAPE: shape } = backend.binding;
    this.#kinds = { type, integer, flag, text, shape };
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

  /** Whether tensors live on a GPU. */
  get onGpu(): boolean {
    return this.#backend.isUsingGpuDevice;
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

  /** Frees handles that this scope made; others are left alone. */
  free(...handles: Handle[]): void {
    for (const handle of handles) {
      if (this.#made.delete(handle)) this.#backend.binding.deleteTensor(handle);
    }
  }

  /** Runs `work` and frees what it has made, but for the handles that it returns. */
  keepOnly(work: () => Handle[]): Handle[] {
    const before = new Set(this.#made.keys()), results = work(), kept = new Set(results);
    for (const handle of [...this.#made.keys()]) {
      if (!before.has(handle) && !kept.has(handle)) this.free(handle);
    }
    return results;
  }

  /**
   * Gives `work` float32 variables as TensorFlow's own, which operations that begin with "Resource" change in place. Data
   * that another tensor shares is copied first.
   */
  withResources(variables: tf.Variable[], work: (resources: Handle[]) => void): void {
    const type: Attribute = { name: "dtype", kind: "type", value: DataType.float32 };
    const lent: { resource: Handle; record: { id: Handle } }[] = [];
    const lend = (variable: tf.Variable, k: number) => {
      if (this.#backend.tensorMap.get(variable.dataId).refCount > 1) {
        const copy = tf.add(variable, 0);
        variable.assign(copy);
        copy.dispose();
      }
      const [resource] = this.execute(
        "VarHandleOp",
        [
          { name: "container", kind: "text", value: "" },
          { name: "shared_name", kind: "text", value: `ephemera/${k}` },
          { name: "shape", kind: "shape", value: variable.shape },
          type,
        ],
        [],
        1,
      );
      this.execute("AssignVariableOp", [type], [resource, this.of(variable)], 0);
      return { resource, record: this.#backend.tensorMap.get(variable.dataId) };
    };
    const giveBack = (resource: Handle) => {
      this.execute("DestroyResourceOp", [], [resource], 0);
      this.free(resource);
    };
    try {
      variables.forEach((variable, k) => lent.push(lend(variable, k)));
    } catch (error) {
      for (const { resource } of lent) giveBack(resource);
      throw error;
    }
    // Only what nobody else holds is changed in place: from here to the end TensorFlow alone has the numbers.
    for (const { record } of lent) this.#backend.binding.deleteTensor(record.id);
    try {
      work(lent.map(({ resource }) => resource));
    } finally {
      for (const { resource, record } of lent) {
        [record.id] = this.execute("ReadVariableOp", [type], [resource], 1);
        this.#made.delete(record.id);
        giveBack(resource);
      }
    }
  }

  /** An operation on resources of {@link NativeScope.withResources}, which has no result. */
  change(name: string, ...inputs: Handle[]): void {
    this.execute(name, [{ name: "T", kind: "type", value: DataType.float32 }], inputs, 0);
  }

  /** Reads a program in TensorFlow's format SavedModel. Returns its number. */
  loadModel(folder: string): number {
    return this.#backend.binding.loadSavedModel(folder, "serve");
  }

  /** Runs a program of {@link NativeScope.loadModel}; names of its operations, joined by commas. */
  runModel(model: number, inputs: Handle[], inputNames: string, outputNames: string): Handle[] {
    return this.#note(this.#backend.binding.runSavedModel(model, inputs, inputNames, outputNames));
  }

  override scalar(value: number): Handle {
    return this.#create([], DataType.float32, Float32Array.of(value));
  }

  protected override integers(values: number | number[]): Handle {
    const shape = typeof values === "number" ? [] : [values.length];
    return this.#create(shape, DataType.int32, Int32Array.from([values].flat()));
  }

  protected override execute(
    name: string,
    attributes: (Attribute | ResourceAttribute)[],
    inputs: Handle[],
    outputs: number,
  ): Handle[] {
    const translated = attributes.map(({ name, kind, value }) => ({ name, type: this.#kinds[kind], value }));
    return this.#note(this.#backend.binding.executeOp(name, translated, inputs, outputs));
  }

  #create(shape: number[], dtype: number, values: Float32Array | Int32Array): Handle {
    const id = this.#backend.binding.createTensor(shape, dtype, values);
    return this.#note([{ id, shape, dtype }])[0];
  }

  #note(descriptions: OutputDescription[]): Handle[] {
    for (const description of descriptions) this.#made.set(description.id, description);
    return descriptions.map(({ id }) => id);
  }
}
