// SIGKILL at any moment of ADD, DEL and GC; then DEL, GC, or nothing but a new boot. Nothing is left of it, and nothing is lost of others.
import { join } from 'node:path'
import t from 'tap'
import { Attachment, addressesOf, listOf, network, type Verb } from './attachment.ts'
import { ipam } from './conflist.ts'
import { Host } from './host.ts'
import { withPorts } from './mapped.ts'
import { reboot } from './reboot.ts'
import { seed, seeded } from './seeded.ts'
import { quietPod, stateOf } from './state.ts'
import { dist, lacks, referencePlugins } from './tools.ts'

const newest = referencePlugins.at(-1)?.folder ?? ''
const theirs = '/run/theirs'
const persistent = '/var/lib/podwire'
const killed = 137

const ours = { config: network('pods') }
const hostLocal = {
  config: network('pods', { ipam: ipam('dual-stack', 'host-local', theirs) }),
  path: `${dist}:${newest}`,
}

t.setTimeout(300_000)
t.comment(`PODWIRE_SEED=${seed}`)

/** One call after another, each killed at another moment of its duration, as that was measured. */
class Killer {
  readonly #random: () => number
  readonly #seconds = new Map<Verb, number>()
  /** How many were hit, and how many of those had something to undo. */
  hits = 0
  halfDone = 0

  constructor(name: string) {
    this.#random = seeded(name)
  }

  measure(verb: Verb, work: () => void): void {
    const began = performance.now()
    work()
    const seconds = (performance.now() - began) / 1000
    this.#seconds.set(verb, Math.min(seconds, this.#seconds.get(verb) ?? seconds))
  }

  kill(attachment: Attachment, verb: Verb, more: object = {}): void {
    if (attachment.call(verb, more, this.moment(verb)).code === killed) this.hits++
  }

  /** In seconds. Most of a call is the start of Node.js, when there is nothing to hit yet. */
  moment(verb: Verb): number {
    return (0.4 + 0.65 * this.#random()) * (this.#seconds.get(verb) ?? 0)
  }

  chance(share: number): boolean {
    return this.#random() < share
  }
}

interface Scene {
  readonly host: Host
  /** A pod that nothing may happen to. */
  readonly survivor: Attachment
  readonly victim: Attachment
  readonly other: Attachment
  readonly killer: Killer
  /** What is there without the victim and the other. */
  readonly before: string[]
}

const state = (host: Host): string[] => stateOf(host, theirs, persistent)

async function sceneOf(name: string, options: { readonly config: object; readonly path?: string }): Promise<Scene> {
  const host = await Host.start()
  const [survivor, victim, other] = ['survivor', 'victim', 'other'].map((id, at) => {
    const config = {
      ...options.config,
      ...withPorts({ hostPort: 8000 + at }, { hostPort: 8000 + at, protocol: 'udp' }),
    }
    return new Attachment(host, id, quietPod(host, id).netns, { ...options, config })
  }) as [Attachment, Attachment, Attachment]
  survivor.add()
  const before = state(host)
  const killer = new Killer(name)
  for (let i = 0; i < 3; i++) {
    killer.measure('ADD', () => victim.add())
    killer.measure('DEL', () => victim.call('DEL'))
  }
  return { host, survivor, victim, other, killer, before }
}

const recoveries = {
  DEL: ({ victim }: Scene) => victim.call('DEL'),
  GC: ({ survivor }: Scene) => survivor.collect(survivor),
}

for (const [what, options, times, need] of [
  ['our IPAM', ours, 75, `${dist}/podwire`],
  ['their host-local', hostLocal, 20, 'plugins'],
] as const)
  for (const [recovery, recover] of Object.entries(recoveries)) {
    const skip = lacks('ip', `${dist}/podwire`, need)

    t.test(`${what}: ADD killed, then ${recovery}`, { skip }, async t => {
      const scene = await sceneOf(`${what} ADD ${recovery}`, options)
      const { host, victim, other, killer, before } = scene
      await using _ = host
      for (let i = 0; i < times; i++) {
        killer.kill(victim, 'ADD')
        const left = state(host)
        if (left.length > before.length) killer.halfDone++
        if (killer.chance(0.2)) {
          const given = addressesOf(other.add())
          t.notOk(
            given.some(address => left.some(line => line.includes(`${address}/`) || line.startsWith(`${address} `))),
            'what anybody has is given to nobody else',
          )
          other.call('DEL')
          // Whoever comes next sweeps a reservation that was still in the making.
          const made = (line: string) => !line.includes('/.new: ')
          t.strictSame(state(host), left.filter(made), 'and is left alone by others')
        }
        t.match(recover(scene), { code: 0, stdout: '' }, recovery)
        t.strictSame(state(host), before, 'nothing is left')
      }
      t.comment(`${killer.hits} of ${times} killed, ${killer.halfDone} left something`)
      t.ok(killer.halfDone > times / 20, `${killer.halfDone} of ${times} left something to undo`)
    })

    t.test(`${what}: DEL killed, then ${recovery}`, { skip }, async t => {
      const scene = await sceneOf(`${what} DEL ${recovery}`, options)
      const { host, victim, killer, before } = scene
      await using _ = host
      for (let i = 0; i < times / 3; i++) {
        victim.add()
        const whole = state(host)
        killer.kill(victim, 'DEL')
        const left = state(host)
        if (left.length < whole.length && left.length > before.length) killer.halfDone++
        t.match(recover(scene), { code: 0, stdout: '' }, recovery)
        t.strictSame(state(host), before, 'nothing is left')
      }
      t.comment(`${killer.hits} of ${Math.ceil(times / 3)} killed, ${killer.halfDone} half done`)
    })
  }

const skip = lacks('ip', `${dist}/podwire`)

t.test('GC killed, then GC', { skip }, async t => {
  const { host, survivor, killer } = await sceneOf('GC', ours)
  await using _ = host
  const stale = ['a', 'b', 'c'].map(id => new Attachment(host, id, quietPod(host, id).netns, ours))
  const empty = state(host)
  for (let i = 0; i < 25; i++) {
    for (const attachment of stale) attachment.add()
    const whole = state(host)
    if (i < 3) killer.measure('GC', () => survivor.collect(survivor))
    else killer.kill(survivor, 'GC', listOf([survivor]))
    const left = state(host)
    if (left.length < whole.length && left.length > empty.length) killer.halfDone++
    t.match(survivor.collect(survivor), { code: 0, stdout: '' })
    t.strictSame(state(host), empty, 'nothing is left')
  }
  t.comment(`${killer.hits} of 22 killed, ${killer.halfDone} half done`)
  t.ok(killer.halfDone > 0, `${killer.halfDone} were half done`)
})

t.test('killed, then nothing but a new boot', { skip }, async t => {
  const options = { config: network('pods', { ipam: ipam('dual-stack', 'podwire-ipam', persistent) }) }
  const { host, killer } = await sceneOf('boot', options)
  await using _ = host
  await reboot(host)
  let hadReservations = 0
  for (let i = 0; i < 6; i++) {
    for (let n = 0; n < 10; n++) {
      const attachment = new Attachment(host, `c${n}`, quietPod(host, `c${n}`).netns, options)
      if (killer.chance(0.7)) killer.kill(attachment, 'ADD')
      else {
        attachment.add()
        killer.kill(attachment, 'DEL')
      }
    }
    const reservationsOf = () => state(host).filter(line => line.startsWith(persistent))
    hadReservations += reservationsOf().length
    await reboot(host)
    const first = new Attachment(host, 'first', quietPod(host, 'first').netns, options)
    const given = addressesOf(first.add())
    t.strictSame(
      reservationsOf(),
      given.map(address => `${persistent}/pods/${address}: first\r\neth0`),
      'of the earlier boot nothing is reserved',
    )
    t.match(first.call('DEL'), { code: 0, stdout: '' })
    first.host.run('ip', ['netns', 'delete', 'first'])
    t.strictSame(
      state(host).filter(line => /eth0|pods|\bpw|^\//.test(line)),
      [],
      'nothing is left',
    )
  }
  t.ok(hadReservations > 0, `${hadReservations} addresses were reserved when the node went down`)
})

t.test('our IPAM killed under their bridge, then DEL', { skip: skip || lacks('plugins') }, async t => {
  await using host = await Host.start()
  const killer = new Killer('bridge')
  const config = { ...network('pods'), type: 'bridge', bridge: 'cni0', isGateway: true, ipam: ipam('dual-stack') }
  // What bridge finds first in its CNI_PATH: ours, and the time that it has.
  host.write(
    '/run/killed/podwire-ipam',
    `#!/bin/bash\nexec timeout --foreground --signal=KILL $(</run/moment) ${dist}/podwire-ipam\n`,
  )
  host.shell('chmod 755 /run/killed/podwire-ipam')
  const main = (id: string, path: string) =>
    new Attachment(host, id, quietPod(host, id).netns, {
      config,
      program: join(newest, 'bridge'),
      path: `${path}:${newest}`,
    })
  const survivor = main('survivor', dist)
  survivor.add()
  const reserved = () => state(host).filter(line => line.startsWith('/run/podwire/'))
  const before = reserved()
  const victim = main('victim', '/run/killed')
  const alone = new Attachment(host, 'alone', victim.netns, { config, program: join(dist, 'podwire-ipam') })
  for (let i = 0; i < 3; i++) {
    killer.measure('ADD', () => alone.add())
    alone.call('DEL')
  }
  for (let i = 0; i < 30; i++) {
    host.write('/run/moment', killer.moment('ADD').toFixed(5))
    const { code } = victim.call('ADD')
    if (code !== 0) killer.hits++
    if (reserved().length > before.length) killer.halfDone++
    host.write('/run/moment', '60')
    t.match(victim.call('DEL'), { code: 0, stdout: '' }, 'DEL')
    t.strictSame(reserved(), before, 'nothing is left of ours')
  }
  t.comment(`${killer.hits} of 30 killed, ${killer.halfDone} left something`)
  t.ok(killer.hits > 0)
})
