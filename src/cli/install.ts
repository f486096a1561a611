// `podwire install`, as the node's init container and people call it.
import { dirname, relative, resolve } from 'node:path'
import { getAsset, isSea } from 'node:sea'
import { parseArgs } from 'node:util'
import { install } from '../install/install.ts'
import { Problem } from '../problem.ts'
import { write } from './stdio.ts'
import { tellingFailure } from './telling-failure.ts'

export const installCommand = (args: readonly string[], release: string): Promise<number> =>
  tellingFailure('install', () => runInstall(args, release))

async function runInstall(args: readonly string[], release: string): Promise<number> {
  const options = {
    to: { type: 'string', default: '/opt/cni/bin' },
    root: { type: 'string', default: '/' },
  } as const
  const { values } = parseArgs({ args: [...args], options })
  const [to, root] = [resolve(values.to), resolve(values.root)]
  if (relative(root, to).startsWith('..'))
    throw new Problem('CONFIG_INVALID', `--to ${to} is not below --root ${root}: name both as this process sees them`)
  const name = isSea() ? `${release}-${getAsset('digest', 'utf8')}` : release
  const installed = await install({ from: dirname(process.execPath), to, root, release: name })
  const { before } = installed
  const replaced = before === undefined ? '' : `, in the place of ${before}`
  const what = before === installed.release ? `${before} was there already` : `${installed.release}${replaced}`
  write(1, `podwire install: ${to}/podwire: ${what}\n`)
  return 0
}
