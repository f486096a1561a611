// The import table of ARCHITECTURE.md, checked: any other arrow between folders fails.
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path/posix'
import t from 'tap'

const table = readFileSync('ARCHITECTURE.md', 'utf8').split('| folder | may import |')[1]?.split('\n\n')[0] ?? ''
const rows = Array.from(table.matchAll(/^\| (\w+) \|(.*)\|$/gm), ([, folder = '', names = '']) => [
  folder,
  names.match(/\w+/g) ?? [],
])
const mayImport: Record<string, string[]> = Object.fromEntries(rows)

const folderOf = (path: string): string => relative('src', dirname(path)).split('/')[0] ?? ''
const importsOf = (file: string): string[] =>
  Array.from(readFileSync(file, 'utf8').matchAll(/(?:from|import\() ?'([^']+)'/g), ([, path = '']) => path)

for (const file of globSync('src/*/**/*.ts').toSorted()) {
  const mine = folderOf(file)
  const tests = /\.test\.ts$/.test(file)
  const allowed = new Set([
    '',
    mine,
    ...(mayImport[mine] ?? []),
    ...(tests ? ['testing', ...Object.keys(mayImport)] : []),
  ])
  const folders = importsOf(file)
    .filter(path => path.startsWith('.'))
    .map(path => folderOf(join(dirname(file), path)))
  t.strictSame(
    folders.filter(folder => !allowed.has(folder)),
    [],
    `${file} imports only what its row names`,
  )
}

// Libraries that cost start time or reach past the kernel's border have one door each.
const doors: Record<string, RegExp> = {
  'node:ffi': /^src\/sys\//,
  'ffi-napi': /^src\/sys\//,
  'ref-napi': /^src\/sys\//,
  zod: /^src\/cni\/(config|schema|result-document)\.ts$/,
  'zod/mini': /^src\/cni\/(config|schema|result-document)\.ts$/,
  yaml: /^src\/cluster\/parse-nodes\.ts$/,
  'prom-client': /^src\/agent\/metrics\.ts$/,
  pino: /^src\/cli\/(log-file|agent-log)\.ts$/,
  '@kubernetes/client-node/dist/config.js': /^src\/kubernetes\/kubeconfig\.ts$/,
  '@kubernetes/client-node': /^$/,
}

for (const file of globSync('src/**/*.ts', { exclude: ['**/*.test.ts'] }).toSorted()) {
  const strangers = importsOf(file).filter(name => name in doors && !doors[name]?.test(file))
  t.strictSame(strangers, [], `${file} goes through the doors`)
}

t.ok(Object.keys(mayImport).length > 5, 'the table was read')
