// The recurrences: one export line a cell.
export * from "./recurrent_gru";
export * from "./recurrent_lstm";
