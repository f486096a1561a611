// Changes that are all made, or all undone.

export type Undo = (step: () => Promise<void> | void) => void

/** Runs `work`; when it throws, undoes in reverse what it registered with `undo`. */
export async function transaction<T>(work: (undo: Undo) => Promise<T>): Promise<T> {
  await using stack = new AsyncDisposableStack()
  const result = await work(step => void stack.defer(step))
  stack.move() // committed: nothing is left to undo
  return result
}
