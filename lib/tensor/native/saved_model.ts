// A graph of operations as a file in TensorFlow's format SavedModel: a protocol buffer of nested messages, of which the
// few fields that a graph without variables needs are written here. Field numbers are those of TensorFlow's saved_model,
// meta_graph, graph, node_def, attr_value, tensor and tensor_shape files.
import { type Attribute, DataType } from "./operations.ts";

/** A constant of a graph: numbers of one type, a single one or a row. */
export interface GraphConstant {
  dtype: typeof DataType.float32 | typeof DataType.int32;
  values: number | number[];
}

/** An operation of a graph. */
export interface GraphNode {
  name: string;
  operation: string;
  /** Names of other nodes, with `:k` for their result number k. */
  inputs: string[];
  attributes: (Attribute | { name: string; kind: "constant"; value: GraphConstant })[];
}

/** The oldest version of the graph format with all that is used here. */
const GRAPH_VERSION = 440;

const encoder = new TextEncoder();

function concatenate(parts: Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function variableLength(value: number): number[] {
  const bytes: number[] = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push(128 + value % 128);
  return [...bytes, value];
}

/** A field that holds a whole number. */
function number(field: number, value: number): Uint8Array {
  return Uint8Array.from([...variableLength(8 * field), ...variableLength(value)]);
}

/** A field that holds a text, bytes or a message. */
function nested(field: number, ...contents: (Uint8Array | string)[]): Uint8Array {
  const bytes = concatenate(contents.map((each) => typeof each === "string" ? encoder.encode(each) : each));
  return concatenate([
    Uint8Array.from([...variableLength(8 * field + 2), ...variableLength(bytes.length)]),
    bytes,
  ]);
}

function tensor({ dtype, values }: GraphConstant): Uint8Array {
  const list = [values].flat(), shape = typeof values === "number" ? [] : [nested(2, number(1, list.length))];
  const content = dtype === DataType.int32 ? Int32Array.from(list) : Float32Array.from(list);
  return concatenate([number(1, dtype), nested(2, ...shape), nested(4, new Uint8Array(content.buffer))]);
}

function attribute(given: GraphNode["attributes"][number]): Uint8Array {
  return nested(5, nested(1, given.name), nested(2, attributeValue(given)));
}

function attributeValue(given: GraphNode["attributes"][number]): Uint8Array {
  switch (given.kind) {
    case "type":
      return number(6, given.value);
    case "integer":
      return number(3, given.value);
    case "flag":
      return number(5, given.value ? 1 : 0);
    case "constant":
      return nested(8, tensor(given.value));
  }
}

/** The bytes of the file `saved_model.pb` of a graph, under the tag "serve". */
export function savedModel(nodes: readonly GraphNode[]): Uint8Array {
  const written = nodes.map(({ name, operation, inputs, attributes }) =>
    nested(
      1,
      nested(1, name),
      nested(2, operation),
      ...inputs.map((input) => nested(3, input)),
      ...attributes.map(attribute),
    )
  );
  const graph = nested(2, ...written, nested(4, number(1, GRAPH_VERSION)));
  return concatenate([number(1, 1), nested(2, nested(1, nested(4, "serve")), graph)]);
}
