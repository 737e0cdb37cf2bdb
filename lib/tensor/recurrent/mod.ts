/** Recurrences over whole sequences, each one differentiable operation, and as tf.layers. @module */
export { bidirectional, type BidirectionalOptions } from "./bidirectional.ts";
export { type FusedLayerArgs, FusedRecurrentLayer, type FusedWeights } from "./fused_layer.ts";
export { gru, type GruOptions } from "./gru.ts";
export { FusedGRU, type FusedGRUArgs, FusedLSTM, type FusedLSTMArgs } from "./layers.ts";
export { lstm, type LstmOptions } from "./lstm.ts";
export { type GateActivation, KEPT_GATES_LIMIT, type RecurrentOptions } from "./options.ts";
