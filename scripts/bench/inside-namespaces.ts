// A benchmark's file runs itself again in namespaces of its own, which end with it, and with them all that is in them.
import { spawnSync } from 'node:child_process'

/** What `unshare` is told. */
export const namespaces = ['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc']

/** Returns only inside, where `setUp`, lines for bash, has been done. */
export function insideNamespaces(setUp: string): void {
  if (process.env['PODWIRE_BENCH'] !== undefined) return
  const command = [process.execPath, ...process.argv.slice(1)]
  const env = { ...process.env, PODWIRE_BENCH: 'inside' }
  const words = [...namespaces, 'bash', '-euc', `${setUp}; exec "$@"`, 'bash', ...command]
  process.exit(spawnSync('unshare', words, { stdio: 'inherit', env }).status ?? 1)
}
