// Who left a list and who came to it. Lists are of thousands, of whom one or two changed: what both begin and end with is passed over.

export interface ListChanges<T> {
  readonly gone: readonly T[]
  readonly come: readonly T[]
}

/** Who only moved within the list is neither. Nobody was in it twice. */
export function listChanges<T>(before: readonly T[], now: readonly T[]): ListChanges<T> {
  const shorter = Math.min(before.length, now.length)
  let start = 0
  while (start < shorter && before[start] === now[start]) start++
  let end = 0
  while (end < shorter - start && before.at(-1 - end) === now.at(-1 - end)) end++
  const [old, young] = [before.slice(start, before.length - end), now.slice(start, now.length - end)]
  const [isOld, isYoung] = [new Set(old), new Set(young)]
  return { gone: old.filter(item => !isYoung.has(item)), come: young.filter(item => !isOld.has(item)) }
}
