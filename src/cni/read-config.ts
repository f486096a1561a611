// A config, read fast when it is right, which is nearly always. What does not fit the written-down shape goes to the library that can say why.
import type { Basics, Config } from './config.ts'
import { named } from './config-rules.ts'
import shapes from './config-shape.json' with { type: 'json' }
import { fits, folded, type Shape } from './shape.ts'

/** What ADD, CHECK and STATUS read. */
export async function readConfig(document: unknown): Promise<Config> {
  const known = folded(document, shapes.everything as Shape)
  if (!fits(known, shapes.everything as Shape)) return (await import('./config.ts')).parseConfig(document)
  return named(known as Config)
}

/** What DEL and GC read. */
export async function readBasics(document: unknown): Promise<Basics> {
  const known = folded(document, shapes.basics as Shape)
  if (!fits(known, shapes.basics as Shape)) return (await import('./config.ts')).parseBasics(document)
  return named(known as Basics)
}
