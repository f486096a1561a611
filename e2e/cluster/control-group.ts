// The control group that a kubelet's pods are in, in each hierarchy (v1) or the one (v2). control-groups.ts removes it.
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { groupOf } from '../control-groups.ts'

/** Its name. */
export function makeGroup(machinePid: number): string {
  const name = groupOf(machinePid)
  if (existsSync('/sys/fs/cgroup/cgroup.controllers')) makeInOne(name)
  else
    for (const hierarchy of globSync('/sys/fs/cgroup/*/tasks')) makeInHierarchy(hierarchy.replace('/tasks', ''), name)
  return name
}

function makeInHierarchy(hierarchy: string, name: string): void {
  mkdirSync(`${hierarchy}/${name}`, { recursive: true })
  // In a new group these are empty, and no process may join.
  for (const file of ['cpuset.cpus', 'cpuset.mems'])
    if (existsSync(`${hierarchy}/${file}`))
      writeFileSync(`${hierarchy}/${name}/${file}`, readFileSync(`${hierarchy}/${file}`))
}

function makeInOne(name: string): void {
  const root = '/sys/fs/cgroup'
  mkdirSync(`${root}/${name}`, { recursive: true })
  const wanted = new Set(['cpu', 'cpuset', 'memory', 'pids', 'io', 'hugetlb'])
  const controllers = readFileSync(`${root}/cgroup.controllers`, 'utf8')
    .trim()
    .split(' ')
    .filter(each => wanted.has(each))
  for (const group of [root, `${root}/${name}`])
    writeFileSync(`${group}/cgroup.subtree_control`, controllers.map(each => `+${each}`).join(' '))
}
