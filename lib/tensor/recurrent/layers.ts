import type { Random } from "../../core/mod.ts";
import { glorotUniform, orthogonal, zeros } from "../training/initializers.ts";
import { tf } from "../tf.ts";
import { type FusedLayerArgs, FusedRecurrentLayer, type FusedWeights } from "./fused_layer.ts";
import { gru } from "./gru.ts";
import { lstm } from "./lstm.ts";

/** What {@link FusedGRU} takes. */
export interface FusedGRUArgs extends FusedLayerArgs {
  /** See {@link GruOptions}; the bias then has the shape `[2, 3 units]`. Default false. */
  resetAfter?: boolean;
}

/**
 * {@link gru} as a tf.layers layer, with Keras's weights in Keras's order, so that it saves, loads and takes the weights of
 * a Keras `GRU`. First weights: Glorot uniform, orthogonal, zeros.
 *
 * @example
 * ```ts
 * import { FusedGRU, tf } from "ephemera/tensor";
 * import assert from "node:assert/strict";
 * const model = tf.sequential({ layers: [new FusedGRU({ units: 8, inputShape: [null, 2], resetAfter: true })] });
 * assert.deepEqual(model.outputShape, [null, 8]);
 * ```
 */
export class FusedGRU extends FusedRecurrentLayer {
  /** Name in saved models. */
  static readonly className = "FusedGRU";
  readonly resetAfter: boolean;

  constructor(args: FusedGRUArgs) {
    super(args);
    this.resetAfter = args.resetAfter ?? false;
  }

  protected override firstWeights(features: number): FusedWeights {
    const columns = 3 * this.units;
    return {
      kernel: glorotUniform([features, columns]),
      recurrentKernel: orthogonal([this.units, columns]),
      bias: zeros(this.resetAfter ? [2, columns] : [columns]),
    };
  }

  protected override recur(
    x: tf.Tensor3D,
    kernel: tf.Tensor2D,
    recurrentKernel: tf.Tensor2D,
    bias: tf.Tensor | null,
    mask: tf.Tensor | null,
  ): tf.Tensor {
    const { resetAfter, recurrentActivation, goBackwards: reverse, returnSequences } = this;
    return gru(x, kernel, recurrentKernel, bias, {
      resetAfter,
      recurrentActivation,
      reverse,
      returnSequences,
      mask,
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), resetAfter: this.resetAfter };
  }
}

/** What {@link FusedLSTM} takes. */
export interface FusedLSTMArgs extends FusedLayerArgs {
  /** The forget gate's bias begins at 1 (Jozefowicz et al. 2015). Default true, as in Keras. */
  unitForgetBias?: boolean;
}

/**
 * {@link lstm} as a tf.layers layer, with Keras's weights in Keras's order, so that it saves, loads and takes the weights
 * of a Keras `LSTM`. First weights: Glorot uniform, orthogonal, zeros but for the forget gate.
 *
 * @example
 * ```ts
 * import { FusedLSTM, tf } from "ephemera/tensor";
 * import assert from "node:assert/strict";
 * const layer = new FusedLSTM({ units: 8, inputShape: [null, 2], returnSequences: true });
 * assert.deepEqual(tf.sequential({ layers: [layer] }).outputShape, [null, null, 8]);
 * ```
 */
export class FusedLSTM extends FusedRecurrentLayer {
  /** Name in saved models. */
  static readonly className = "FusedLSTM";
  readonly unitForgetBias: boolean;

  constructor(args: FusedLSTMArgs) {
    super(args);
    this.unitForgetBias = args.unitForgetBias ?? true;
  }

  protected override firstWeights(features: number): FusedWeights {
    const { units } = this, columns = 4 * units;
    const bias = zeros([columns]);
    const draw = (random: Random) => bias.draw(random).fill(this.unitForgetBias ? 1 : 0, units, 2 * units);
    return {
      kernel: glorotUniform([features, columns]),
      recurrentKernel: orthogonal([units, columns]),
      bias: { shape: bias.shape, draw },
    };
  }

  protected override recur(
    x: tf.Tensor3D,
    kernel: tf.Tensor2D,
    recurrentKernel: tf.Tensor2D,
    bias: tf.Tensor | null,
    mask: tf.Tensor | null,
  ): tf.Tensor {
    const { recurrentActivation, goBackwards: reverse, returnSequences } = this;
    const options = { recurrentActivation, reverse, returnSequences, mask };
    return lstm(x, kernel, recurrentKernel, bias as tf.Tensor1D | null, options);
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), unitForgetBias: this.unitForgetBias };
  }
}

tf.serialization.registerClass(FusedGRU);
tf.serialization.registerClass(FusedLSTM);
