/** A tensor inside TensorFlow: one that exists, or one that a recorded program will make. */
export type Handle = number;

/** TensorFlow's numbers for the types of elements. */
export const DataType = { float32: 1, int32: 3, bool: 10 } as const;

/** An attribute of an operation. */
export type Attribute =
  | { name: string; kind: "type" | "integer"; value: number }
  | { name: string; kind: "flag"; value: boolean };

const FLOATS: Attribute = { name: "T", kind: "type", value: DataType.float32 };
const integer = (name: string, value: number): Attribute => ({ name, kind: "integer", value });
const integers = (name: string): Attribute => ({ name, kind: "type", value: DataType.int32 });

/**
 * TensorFlow's own operations by name, executed at once (`NativeScope`) or recorded (`NativeProgram`). Elements are
 * float32 where nothing else is said.
 */
export abstract class NativeOperations {
  /** Executes or records one operation. */
  protected abstract execute(
    name: string,
    attributes: Attribute[],
    inputs: Handle[],
    outputs: number,
  ): Handle[];
  /** A constant of type int32. */
  protected abstract integers(values: number | number[]): Handle;
  /** A number as a tensor of no axes. */
  abstract scalar(value: number): Handle;

  /** An operation whose only attribute is the type of its numbers, and which has one result. */
  call(name: string, ...inputs: Handle[]): Handle {
    return this.execute(name, [FLOATS], inputs, 1)[0];
  }

  /** The sum of tensors of one shape. */
  sum(...terms: Handle[]): Handle {
    if (terms.length === 1) return terms[0];
    if (terms.length === 2) return this.call("AddV2", ...terms);
    return this.execute("AddN", [integer("N", terms.length), FLOATS], terms, 1)[0];
  }

  /** The product of two matrices. */
  product(a: Handle, b: Handle, transposeA = false, transposeB = false): Handle {
    const flags: Attribute[] = [
      { name: "transpose_a", kind: "flag", value: transposeA },
      { name: "transpose_b", kind: "flag", value: transposeB },
    ];
    return this.execute("MatMul", [...flags, FLOATS], [a, b], 1)[0];
  }

  /** Cuts a tensor into `count` equal parts along an axis; along the first they share its memory if they are aligned. */
  split(tensor: Handle, count: number, axis = 0): Handle[] {
    if (count === 1) return [tensor];
    return this.execute("Split", [integer("num_split", count), FLOATS], [this.integers(axis), tensor], count);
  }

  /** Cuts a tensor into parts of given sizes along an axis. */
  blocks(tensor: Handle, sizes: number[], axis: number): Handle[] {
    if (sizes.length === 1) return [tensor];
    const attributes = [integer("num_split", sizes.length), FLOATS, integers("Tlen")];
    const inputs = [tensor, this.integers(sizes), this.integers(axis)];
    return this.execute("SplitV", attributes, inputs, sizes.length);
  }

  /** Joins tensors along an axis. */
  join(parts: Handle[], axis = 0): Handle {
    if (parts.length === 1) return parts[0];
    const attributes = [integer("N", parts.length), FLOATS, integers("Tidx")];
    return this.execute("ConcatV2", attributes, [...parts, this.integers(axis)], 1)[0];
  }

  /** The parts of a tensor along an axis, each without it. */
  unpack(tensor: Handle, count: number, axis: number): Handle[] {
    return this.execute("Unpack", [integer("num", count), FLOATS, integer("axis", axis)], [tensor], count);
  }

  /** Stacks tensors of one shape along a new axis. */
  pack(parts: Handle[], axis: number): Handle {
    return this.execute("Pack", [integer("N", parts.length), FLOATS, integer("axis", axis)], parts, 1)[0];
  }
}
