// Calls of the plugin in this very process, one after the other, as a runtime makes them. They work on /run and on the network that they find:
// scripts/build gives them throw-away ones.
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs'

const config = {
  cniVersion: '1.1.0',
  name: 'rehearsal',
  type: 'podwire',
  ipam: {
    type: 'podwire-ipam',
    ranges: [[{ subnet: '10.244.1.0/24' }], [{ subnet: 'fd00:10:244:1::/64' }]],
    routes: [{ dst: '0.0.0.0/0' }, { dst: '::/0' }],
    dataDir: '/run/podwire/ipam',
  },
}
const asked = {
  ipMasq: true,
  runtimeConfig: { portMappings: ['tcp', 'udp'].map(Protocol => ({ HostPort: 8080, ContainerPort: 80, Protocol })) },
}
// Not egress: loading ifb makes interfaces on the machine that builds.
const shaped = { runtimeConfig: { bandwidth: { IngressRate: 8e6, IngressBurst: 8e6 } } }
const INPUT = '/run/rehearsal.stdin'
const OUTPUT = '/run/rehearsal.stdout'

/** `main` runs the program once; the process that it is given takes the place of the real one. */
export async function rehearse(main: (process: NodeJS.Process) => void, netns: string): Promise<void> {
  const run = async (
    argv0: string,
    env: NodeJS.ProcessEnv,
    stdin = {},
    words: readonly string[] = [],
  ): Promise<string> => {
    writeFileSync(INPUT, JSON.stringify({ ...config, ...stdin }))
    reopen(0, INPUT, 'r')
    reopen(1, OUTPUT, 'w')
    const { promise: exit, resolve } = Promise.withResolvers<number>()
    const own = { env, argv0, argv: [process.execPath, argv0, ...words], exit: resolve }
    main(Object.create(process, Object.getOwnPropertyDescriptors(own)))
    const code = await exit
    const answer = readFileSync(OUTPUT, 'utf8')
    if (code !== 0) throw new Error(`${env['CNI_COMMAND']} ${words}: exit ${code} ${answer}`)
    return answer
  }
  const environment = {
    CNI_CONTAINERID: 'rehearsal',
    CNI_NETNS: netns,
    CNI_IFNAME: 'eth0',
    CNI_PATH: '/nowhere',
    CNI_ARGS: 'IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME=rehearsal',
  }
  const call = (CNI_COMMAND: string, stdin = {}, name = 'podwire') => run(name, { ...environment, CNI_COMMAND }, stdin)

  await run('podwire', {}, {}, ['version'])
  await call('VERSION')
  await call('STATUS')
  // Twice: an empty directory and a used one are not the same path.
  for (const log of [{}, { log: { file: '/run/rehearsal.log' } }]) {
    const prevResult = JSON.parse(await call('ADD', log))
    await call('CHECK', { ...log, prevResult })
    await call('STATUS')
    await call('DEL', { ...log, prevResult })
  }
  for (const more of [asked, shaped]) {
    // Where the kernel lacks what these need, they compile as they go.
    await call('ADD', more).catch(() => {})
    await call('DEL', more)
  }
  await call('GC', { 'cni.dev/valid-attachments': [] })
  await call('ADD', {}, 'podwire-ipam')
  await call('DEL', {}, 'podwire-ipam')
}

/** The lowest free descriptor is the one just closed. */
function reopen(fd: number, path: string, flags: string): void {
  closeSync(fd)
  const opened = openSync(path, flags)
  if (opened !== fd) throw new Error(`${path} is descriptor ${opened}, not ${fd}`)
}
