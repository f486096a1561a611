// A program, run in a pod: answers over TCP and UDP, both families, at each port, with its name and whom it believes to talk to.
// answer.ts NAME PORT…
import { createSocket } from 'node:dgram'
import { createServer } from 'node:net'

const [name = '', ...ports] = process.argv.slice(2)
const answer = (address = '') => `${name} ${address.replace('::ffff:', '')}`

for (const port of ports.map(Number)) {
  createServer(connection => {
    connection.on('error', () => connection.destroy())
    connection.end(answer(connection.remoteAddress))
  }).listen(port, '::')
  const socket = createSocket({ type: 'udp6' })
  socket.on('message', (_, { address, port: from }) => socket.send(answer(address), from, address))
  socket.bind(port, '::')
}
