import { demand, Random } from "../../core/mod.ts";
import { dropoutMask, hashKey } from "../training/dropout.ts";
import type { Initializer } from "../training/initializers.ts";
import { tf } from "../tf.ts";
import type { GateActivation } from "./options.ts";

/** What {@link FusedGRU} and {@link FusedLSTM} take, beside what every tf.layers layer takes. */
export interface FusedLayerArgs {
  /** Number of units. */
  units: number;
  /** All states `[batch, time, units]` or the last one `[batch, units]` (default). */
  returnSequences?: boolean;
  /** The function on the gates. Default `"sigmoid"`. tf.layers' spelling `"hardSigmoid"` is understood too. */
  recurrentActivation?: GateActivation | "hardSigmoid";
  /** Runs from the last step to the first and, as in Keras, returns the states in the order taken. Default false. */
  goBackwards?: boolean;
  /** Share of the inputs that is set to 0 in training, the same for all steps of a sequence. Default 0. */
  dropout?: number;
  /** Seed of the first weights and of dropout. Default 0. */
  seed?: number;
  /** Default true. */
  useBias?: boolean;
  name?: string;
  trainable?: boolean;
  /** `[time, features]`, null where unknown, for the first layer of a model. */
  inputShape?: (number | null)[];
  batchInputShape?: (number | null)[];
}

/** The part of a recurrence that differs between cells: number of gates, first weights, the call. */
export interface FusedWeights {
  kernel: Initializer;
  recurrentKernel: Initializer;
  bias: Initializer;
}

type Weight = ReturnType<tf.layers.Layer["addWeight"]>;

/**
 * What both fused layers share: weights `kernel`, `recurrent_kernel`, `bias` in Keras's order and shapes, masks from
 * earlier layers, seeded dropout on the input, serialisation.
 */
export abstract class FusedRecurrentLayer extends tf.layers.Layer {
  readonly units: number;
  readonly returnSequences: boolean;
  readonly recurrentActivation: GateActivation;
  readonly goBackwards: boolean;
  readonly dropout: number;
  readonly seed: number;
  readonly useBias: boolean;
  /** tf.layers' bidirectional wrapper asks for it: these layers return no state. */
  readonly returnState = false;
  #kernel: Weight | undefined;
  #recurrentKernel: Weight | undefined;
  #bias: Weight | undefined;
  #trainingCalls = 0;

  /** @throws EphemeraError for a number of units, a dropout rate or an activation that does not exist. */
  constructor(args: FusedLayerArgs) {
    super(args as ConstructorParameters<typeof tf.layers.Layer>[0]);
    const { units, dropout = 0, recurrentActivation = "sigmoid", seed = 0 } = args;
    const where = this.getClassName();
    demand(Number.isInteger(units) && units >= 1, {
      expected: "a number of units",
      found: `${units}`,
      where,
    });
    demand(dropout >= 0 && dropout < 1, {
      expected: "a dropout rate from 0 to below 1",
      found: `${dropout}`,
      where,
    });
    // tf.layers turns strings of a saved configuration into camel case.
    const activation = recurrentActivation === "hardSigmoid" ? "hard_sigmoid" : recurrentActivation;
    demand(activation === "sigmoid" || activation === "hard_sigmoid", {
      expected: "recurrentActivation sigmoid or hard_sigmoid",
      found: `${recurrentActivation}`,
      where,
    });
    this.units = units;
    this.returnSequences = args.returnSequences ?? false;
    this.recurrentActivation = activation;
    this.goBackwards = args.goBackwards ?? false;
    this.dropout = dropout;
    this.seed = seed;
    this.useBias = args.useBias ?? true;
    this.supportsMasking = true;
    this.inputSpec = [{ ndim: 3 }];
  }

  /** Shapes and first values of the weights for that number of features. */
  protected abstract firstWeights(features: number): FusedWeights;

  /** The states, or the last one, of the recurrence on `x`. */
  protected abstract recur(
    x: tf.Tensor3D,
    kernel: tf.Tensor2D,
    recurrentKernel: tf.Tensor2D,
    bias: tf.Tensor | null,
    mask: tf.Tensor | null,
  ): tf.Tensor;

  /** Makes the weights for inputs of that shape. */
  override build(inputShape: tf.Shape | tf.Shape[]): void {
    const shape = (Array.isArray(inputShape[0]) ? inputShape[0] : inputShape) as tf.Shape;
    const features = shape[2];
    demand(features !== null && features !== undefined, {
      expected: "inputs [batch, time, features] with a known number of features",
      found: `[${shape.join(", ")}]`,
      where: this.getClassName(),
    });
    const first = this.firstWeights(features), random = new Random(this.seed);
    const add = (name: string, { shape, draw }: Initializer) => {
      const apply = () => tf.tensor(draw(random), [...shape]);
      return this.addWeight(
        name,
        [...shape],
        "float32",
        { apply } as unknown as Parameters<tf.layers.Layer["addWeight"]>[3],
      );
    };
    this.#kernel = add("kernel", first.kernel);
    this.#recurrentKernel = add("recurrent_kernel", first.recurrentKernel);
    if (this.useBias) this.#bias = add("bias", first.bias);
    this.built = true;
  }

  override computeOutputShape(inputShape: tf.Shape | tf.Shape[]): tf.Shape {
    const shape = (Array.isArray(inputShape[0]) ? inputShape[0] : inputShape) as tf.Shape;
    return this.returnSequences ? [shape[0], shape[1], this.units] : [shape[0], this.units];
  }

  override computeMask(_inputs: tf.Tensor | tf.Tensor[], mask?: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const one = Array.isArray(mask) ? mask[0] : mask;
    return (this.returnSequences ? one ?? null : null) as tf.Tensor;
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: Record<string, unknown>): tf.Tensor {
    return tf.tidy(() => {
      const given = (Array.isArray(inputs) ? inputs[0] : inputs) as tf.Tensor3D;
      const mask = (Array.isArray(kwargs?.mask) ? kwargs.mask[0] : kwargs?.mask) as
        | tf.Tensor
        | null
        | undefined;
      const x = kwargs?.training === true && this.dropout > 0 ? this.#dropInputs(given) : given;
      const states = this.recur(
        x,
        this.#kernel!.read() as tf.Tensor2D,
        this.#recurrentKernel!.read() as tf.Tensor2D,
        this.#bias ? this.#bias.read() : null,
        mask ?? null,
      );
      return this.goBackwards && this.returnSequences ? tf.reverse(states, 1) : states;
    });
  }

  #dropInputs(x: tf.Tensor3D): tf.Tensor3D {
    const [batch, , features] = x.shape, key = hashKey(this.seed, this.#trainingCalls++);
    return tf.mul(x, tf.tensor3d(dropoutMask(batch * features, this.dropout, { key }), [batch, 1, features]));
  }

  override getConfig(): tf.serialization.ConfigDict {
    const own = {
      units: this.units,
      returnSequences: this.returnSequences,
      recurrentActivation: this.recurrentActivation,
      goBackwards: this.goBackwards,
      dropout: this.dropout,
      seed: this.seed,
      useBias: this.useBias,
    };
    return { ...super.getConfig(), ...own };
  }
}
