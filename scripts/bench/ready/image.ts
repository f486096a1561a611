// The images that nodes are given: podwire's, and one of a program that does nothing, under the same name.
import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { dist, root } from '../programs.ts'

const PROGRAM = '/opt/podwire/podwire'

/** The archives, made in a folder. */
export function makeImages(folder: string): Record<'podwire' | 'nothing', string> {
  const roots = { podwire: join(folder, 'podwire'), nothing: join(folder, 'nothing') }
  execFileSync(join(root, 'scripts', 'image-root'), [dist, roots.podwire])
  mkdirSync(join(roots.nothing, 'opt', 'podwire'), { recursive: true })
  const source = join(import.meta.dirname, 'nothing.c')
  execFileSync('cc', ['-static', '-Os', '-s', '-o', join(roots.nothing, PROGRAM), source])
  return { podwire: archive(roots.podwire), nothing: archive(roots.nothing) }
}

function archive(folder: string): string {
  const words = [`${folder}.tar`, folder, 'docker.io/library/podwire:0.1.0', PROGRAM]
  execFileSync(join(root, 'scripts', 'docker-archive'), words)
  return `${folder}.tar`
}
