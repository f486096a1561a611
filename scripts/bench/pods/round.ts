// One round of the benchmark of pods: so many are made and removed by a containerd, and how long each took.
import type { Containerd } from '../../../e2e/containerd.ts'

export interface Round {
  /** Pods per second. */
  readonly made: number
  readonly removed: number
}

export async function podsRound(containerd: Containerd, count: number, atOnce: number): Promise<Round> {
  const ids: string[] = []
  const makeSeconds = await allOf(count, atOnce, async index => {
    const { id } = await containerd.runPod(`pod${index}`)
    ids.push(id)
  })
  const removeSeconds = await allOf(count, atOnce, index => containerd.remove(ids[index] ?? ''))
  return { made: count / makeSeconds, removed: count / removeSeconds }
}

/** How many seconds all of them take, some at a time. */
async function allOf(count: number, atOnce: number, one: (index: number) => Promise<void>): Promise<number> {
  const start = performance.now()
  let next = 0
  const lane = async () => {
    while (next < count) await one(next++)
  }
  await Promise.all(Array.from({ length: atOnce }, lane))
  return (performance.now() - start) / 1000
}
