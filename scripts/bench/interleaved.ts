// Measures several things in turns, in another order each round, so that what disturbs one disturbs all.

export function interleaved<Name extends string, T>(
  rounds: number,
  things: Readonly<Record<Name, () => T>>,
  warmUps = 2,
): Record<Name, T[]> {
  const names = Object.keys(things) as Name[]
  const measured = Object.fromEntries(names.map(name => [name, []])) as unknown as Record<Name, T[]>
  for (let round = -warmUps; round < rounds; round++)
    for (const index of names.keys()) {
      const name = names[(index + round + names.length * warmUps) % names.length] as Name
      const value = things[name]()
      if (round >= 0) measured[name].push(value)
    }
  return measured
}
