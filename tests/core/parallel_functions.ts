/** Functions for the workers of parallel_test.ts. */
export async function slowSquare(x: number, shared: { add: number }): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, x % 3));
  return x * x + shared.add;
}

export function failsOnThree(x: number): number {
  if (x === 3) throw new Error("three is refused");
  return x;
}
