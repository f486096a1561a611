// npm run bench [ROUNDS]: the built executable beside the reference plugins, in namespaces of its own. Prints tables, writes dist/bench.json and draws dist/bench-host-ports.svg.
import { insideNamespaces } from '../inside-namespaces.ts'
import { machine } from '../machine.ts'
import { addAndDelete } from './add-and-delete.ts'
import { connections } from './connections.ts'
import { hostPorts } from './host-ports.ts'
import { oneCall } from './one-call.ts'
import { phases } from './phases.ts'
import { reservations } from './reservations.ts'
import { Setting } from './setting.ts'
import { tenAtATime } from './ten-at-a-time.ts'

// A node has a default route.
insideNamespaces(`mount -t tmpfs run /run; mkdir /run/netns; ip link set lo up
  ip link add uplink type veth peer name far; ip address add 198.51.100.2/24 dev uplink
  ip link set uplink up; ip link set far up; ip route add default via 198.51.100.1`)
using setting = new Setting(Number(process.argv[2] ?? 30))
process.on('SIGINT', () => {
  setting[Symbol.dispose]()
  process.exit(130)
})
console.log(`${setting.rounds} rounds beside ${setting.reference} on ${machine}`)
for (const measureIt of [addAndDelete, oneCall, phases, reservations, tenAtATime, hostPorts, connections])
  measureIt(setting)
console.log(`\nwritten to ${setting.writeResults('bench.json', setting.rounds)}`)
console.log(String(setting))
