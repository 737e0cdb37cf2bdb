/** Reads the published accuracies of the feature selection: a pickled list of dictionaries inside an .npy file. */

/** One step of the published selection. */
export interface PublishedStep {
  /** The feature that this step adds. */
  feature: string;
  /** Mean accuracy over the folds. */
  accuracy: number;
}

/** Returns the steps in their order. Understands just those opcodes of pickle that the file has. */
export function readPublishedCurve(bytes: Uint8Array): PublishedStep[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 10 + view.getUint16(8, true);
  const stack: unknown[] = [], marks: number[] = [], memo = new Map<number, unknown>();
  const text = (end: number) => new TextDecoder().decode(bytes.subarray(at, end));
  const line = () => {
    const end = bytes.indexOf(10, at), found = text(end);
    at = end + 1;
    return found;
  };
  const pop = () => stack.pop();
  const toMark = () => stack.splice(marks.pop()!);
  const top = <T>() => stack[stack.length - 1] as T;
  for (;;) {
    const code = String.fromCharCode(bytes[at++]);
    if (code === "\x80") at++;
    else if (code === "c") stack.push(`${line()} ${line()}`);
    else if (code === "q") memo.set(bytes[at++], top());
    else if (code === "r") {
      memo.set(view.getUint32(at, true), top());
      at += 4;
    } else if (code === "h") stack.push(memo.get(bytes[at++]));
    else if (code === "j") {
      stack.push(memo.get(view.getUint32(at, true)));
      at += 4;
    } else if (code === "K") stack.push(bytes[at++]);
    else if (code === "M") {
      stack.push(view.getUint16(at, true));
      at += 2;
    } else if (code === "J") {
      stack.push(view.getInt32(at, true));
      at += 4;
    } else if (code === "G") {
      stack.push(view.getFloat64(at, false));
      at += 8;
    } else if (code === "X") {
      const end = at + 4 + view.getUint32(at, true);
      at += 4;
      stack.push(text(end));
      at = end;
    } else if (code === "(") marks.push(stack.length);
    else if (code === ")" || code === "]") stack.push([]);
    else if (code === "}") stack.push(new Map());
    else if (code === "N") stack.push(null);
    else if (code === "\x88" || code === "\x89") stack.push(code === "\x88");
    else if (code === "t") stack.push(toMark());
    else if (code === "\x85") stack.push([pop()]);
    else if (code === "\x86") stack.push([pop(), pop()].reverse());
    else if (code === "\x87") stack.push([pop(), pop(), pop()].reverse());
    else if (code === "R") {
      const given = pop() as unknown[], name = pop() as string;
      if (name.endsWith(" encode")) stack.push(Uint8Array.from(given[0] as string, (c) => c.charCodeAt(0)));
      else if (name.endsWith(" scalar")) {
        stack.push(new DataView((given[1] as Uint8Array).buffer).getFloat64(0, true));
      } else stack.push({ name });
    } else if (code === "b") {
      const state = pop();
      Object.assign(top<object>(), { state });
    } else if (code === "a") {
      const value = pop();
      top<unknown[]>().push(value);
    } else if (code === "e") {
      const values = toMark();
      top<unknown[]>().push(...values);
    } else if (code === "s") {
      const value = pop(), key = pop();
      top<Map<unknown, unknown>>().set(key, value);
    } else if (code === "u") {
      const values = toMark();
      for (let k = 0; k < values.length; k += 2) top<Map<unknown, unknown>>().set(values[k], values[k + 1]);
    } else if (code === ".") break;
    else throw new Error(`opcode ${JSON.stringify(code)} at ${at - 1}`);
  }
  type Step = Map<string, unknown>;
  const { state } = pop() as { state: [number, unknown, unknown, boolean, [Map<number, Step>]] };
  return [...state[4][0].values()].map((step) => {
    const folds = [...(step.get("folds") as Map<number, Map<string, number>>).values()];
    const accuracy = folds.reduce((sum, fold) => sum + fold.get("acc")!, 0) / folds.length;
    return { feature: step.get("feature_in") as string, accuracy };
  });
}
