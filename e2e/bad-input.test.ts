// Whatever arrives: one JSON document with a code that fits and a message that names the culprit, nothing half made, nothing of an earlier pod lost.
import { join } from 'node:path'
import t from 'tap'
import { Attachment } from './attachment.ts'
import { accepted, type Call, ipams, type Refused, refused } from './bad-inputs.ts'
import { complaintAbout, isOneDocument } from './error-document.ts'
import { Host, type Outcome } from './host.ts'
import { quietPod, stateOf } from './state.ts'
import { dist, lacks } from './tools.ts'

interface Test {
  equal(found: unknown, wanted: unknown, what: string): void
  strictSame(found: unknown, wanted: unknown, what: string): void
}

const muteComplaint = (exit: number, stdout: string): string =>
  exit === 0 || stdout !== '' ? `exit ${exit}, printed ${JSON.stringify(stdout)}` : ''

/** The configuration with other values at these paths. */
function changed(config: object, changes: Readonly<Record<string, unknown>> = {}): object {
  const whole = structuredClone(config)
  for (const [path, value] of Object.entries(changes)) {
    const keys = path.startsWith('cni.dev/') ? [path] : path.split('.')
    let inner = whole as Record<string, unknown>
    for (const [i, key] of keys.slice(0, -1).entries()) {
      inner[key] ??= /^\d/.test(keys[i + 1] ?? '') ? [] : {}
      inner = inner[key] as Record<string, unknown>
    }
    inner[keys.at(-1) ?? ''] = value
  }
  return whole
}

t.setTimeout(180_000)
const skip = lacks('ip', 'flock', `${dist}/podwire`)

t.test('bad input', { skip }, async t => {
  await using host = await Host.start()
  // Small, so that it can be full.
  host.shell('mkdir /run/podwire && mount -t tmpfs -o size=256k podwire /run/podwire')
  const [one, two] = [quietPod(host, 'one'), quietPod(host, 'two')]
  const earlier = new Attachment(host, 'earlier', one.netns)
  const prevResult = earlier.add()
  const victim = new Attachment(host, 'victim', two.netns)
  for (const [type, script] of Object.entries(ipams)) {
    const path = `/run/ipams/${type}`
    // As a good IPAM it has nothing to say to a DEL.
    host.write(
      path,
      `#!/bin/bash\necho $CNI_COMMAND >>/run/heard-${type}\n[ $CNI_COMMAND = ADD ] || exit 0\n${script}\n`,
    )
    host.shell(`chmod 755 ${path}`)
  }
  host.write('/run/ipams/plain', '#!/bin/sh\n')

  const outcomeOf = ({ verb = 'ADD', env = {}, config, stdin, run }: Call, face = 'podwire'): Outcome => {
    const whole = { ...victim.environment(verb), ...env }
    const environment = Object.fromEntries(
      Object.entries(whole).flatMap(([key, text]) => (text === undefined ? [] : [[key, text]])),
    )
    const input = stdin ?? JSON.stringify(changed(victim.config, config))
    const program = join(dist, face)
    if (run === undefined) return host.attempt(program, [], { env: environment, input })
    return host.attempt('bash', ['--norc', '-c', run], { env: { ...environment, P: program, C: input }, input })
  }
  const state = () => stateOf(host, '/run/full', '/run/elsewhere', '/run/d')
  const untouched = state()

  const refuses = (t: Test, [what, call, code, says]: Refused, face?: string) => {
    if (call.before) host.shell(call.before)
    const { code: exit, stdout, stderr } = outcomeOf(call, face)
    if (call.after) host.shell(call.after)
    const complaint = call.isMute ? muteComplaint(exit, stdout) : complaintAbout(exit, stdout, code, says)
    t.equal(complaint, '', `${what}: ${stdout || stderr}`)
    t.strictSame(state(), untouched, `${what}: nothing has changed`)
  }

  for (const [name, rows] of Object.entries(refused))
    t.test(name, async t => {
      for (const row of rows) refuses(t, row)
      t.match(earlier.call('CHECK', { prevResult }), { code: 0, stdout: '' }, 'the earlier pod works on')
    })

  t.test('an IPAM whose ADD failed hears DEL', async t => {
    for (const type of Object.keys(ipams)) t.equal(host.shell(`cat /run/heard-${type}`), 'ADD\nDEL\n', type)
  })

  t.test('the IPAM alone', async t => {
    for (const row of [...refused.stdin, ...refused.ranges, ...refused.addresses, ...refused.disks])
      refuses(t, row, 'podwire-ipam')
    t.match(earlier.call('CHECK', { prevResult }), { code: 0, stdout: '' }, 'the earlier pod works on')
  })

  t.test('what ADD refuses, DEL does not mind', async t => {
    const { configuration, capabilities, types, ranges, addresses } = refused
    const ofAdd = configuration.filter(([, { verb }]) => verb === undefined)
    for (const [what, call] of [...ofAdd, ...capabilities, ...types, ...ranges, ...addresses]) {
      if (['name', 'cniVersion'].some(key => key in (call.config ?? {}))) continue
      const { after: _, before: __, ...plain } = call
      t.match(outcomeOf({ ...plain, verb: 'DEL' }), { code: 0, stdout: '' }, what)
    }
    t.strictSame(state(), untouched, 'nothing has changed')
  })

  t.test('odd, and right', async t => {
    for (const [what, call] of accepted) {
      const added = outcomeOf(call)
      t.equal(added.code, 0, `${what}: ${added.stdout}${added.stderr}`)
      t.ok(isOneDocument(added.stdout, 'ips'), what)
      t.match(outcomeOf({ ...call, verb: 'DEL' }), { code: 0, stdout: '' }, `${what}, DEL`)
      t.strictSame(state(), untouched, `${what}: nothing is left`)
    }
  })
})
