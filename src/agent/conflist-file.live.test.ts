// Disks that are read-only or full, in a mount namespace of the test's own.
import { spawnSync } from 'node:child_process'
import t from 'tap'
import { needsRoot } from '../testing/needs-root.ts'

/** Writes on a tmpfs of 64 kB that holds an old conflist, after `prepare`: what is said, and what is there then. */
function written(directory: string, prepare: string): { readonly said: string; readonly files: readonly string[] } {
  const program = `
    import { writeConflist } from '${import.meta.resolve('./conflist-file.ts')}'
    try { console.log(writeConflist('${directory}/10-podwire.conflist', 'x'.repeat(9000))) } catch (error) { console.log(error.message) }`
  const script = `set -e
    mount -t tmpfs -o size=64k none ${directory}
    cd ${directory}
    printf old >10-podwire.conflist
    ${prepare}
    ${process.execPath} --input-type=module -e "$PROGRAM"
    cat 10-podwire.conflist; echo; ls -A`
  const env = { ...process.env, PROGRAM: program }
  const { stdout, stderr, status } = spawnSync('unshare', ['--mount', 'sh', '-c', script], { encoding: 'utf8', env })
  if (status !== 0) throw new Error(stderr)
  const [said = '', ...files] = stdout.trim().split('\n')
  return { said, files }
}

t.test('a full disk', needsRoot, async t => {
  const { said, files } = written(t.testdir({}), 'cat /dev/zero >zero 2>/dev/null || true')
  t.match(said, /^cannot write the CNI configuration .*ENOSPC.*: make room on the node's disk$/)
  t.strictSame(files, ['old', '10-podwire.conflist', 'zero'], 'the old one stays, and nothing is half written')
})

t.test('a read-only disk', needsRoot, async t => {
  const { said, files } = written(t.testdir({}), 'mount -o remount,ro .')
  t.match(said, /^cannot write .*EROFS.*: mount the node's .* writable into the agent's container$/)
  t.strictSame(files, ['old', '10-podwire.conflist'])
})
