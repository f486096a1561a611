// A program, run in a pod, on the host or outside: asks all these questions at once, and prints what was answered; nothing where nobody did.
// ask.ts [{ "protocol": "tcp", "address": "192.0.2.1", "port": 8080 }, …]
import { createSocket } from 'node:dgram'
import { connect, isIPv6 } from 'node:net'

export interface Question {
  readonly protocol: 'tcp' | 'udp'
  readonly address: string
  readonly port: number
  /** Of a flow that goes on: the same one each time. */
  readonly sourcePort?: number
}

const PATIENCE_MS = 1500
// What waits for a neighbour to be found may be lost.
const UDP_AGAIN_MS = 400

const askTcp = ({ address, port }: Question): Promise<string> =>
  new Promise(resolve => {
    const connection = connect(port, address)
    let text = ''
    connection.setTimeout(PATIENCE_MS, () => connection.destroy())
    connection.on('data', piece => {
      text += piece
    })
    connection.on('error', () => undefined)
    connection.on('close', () => resolve(text))
  })

const askUdp = ({ address, port, sourcePort = 0 }: Question): Promise<string> =>
  new Promise(resolve => {
    const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4')
    const send = () => socket.send('?')
    const again = setInterval(() => send(), UDP_AGAIN_MS)
    const end = setTimeout(() => finish(''), PATIENCE_MS)
    const finish = (text: string): void => {
      clearInterval(again)
      clearTimeout(end)
      socket.close()
      resolve(text)
    }
    socket.on('error', () => finish(''))
    socket.on('message', text => finish(String(text)))
    socket.bind(sourcePort, () => socket.connect(port, address))
    socket.on('connect', send)
  })

const questions: Question[] = JSON.parse(process.argv[2] ?? '[]')
const answers = await Promise.all(questions.map(question => (question.protocol === 'tcp' ? askTcp : askUdp)(question)))
console.log(JSON.stringify(answers))
