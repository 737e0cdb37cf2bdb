export { bidirectional, type BidirectionalOptions } from "./bidirectional.ts";
export { gru, type GruOptions } from "./gru.ts";
export { lstm, type LstmOptions } from "./lstm.ts";
export { type GateActivation, KEPT_GATES_LIMIT, type RecurrentOptions } from "./options.ts";
