// `podwire status`: how this node's pod network is, for a person or a script.
import { parseArgs, styleText } from 'node:util'
import { lookAround } from './look-around.ts'
import { exitCode } from './node-status.ts'
import { type Paint, statusScreen } from './status-screen.ts'
import { write } from './stdio.ts'
import { tellingFailure } from './telling-failure.ts'

const STATE = '/run/podwire'

export const statusCommand = (args: readonly string[], release: string): Promise<number> =>
  tellingFailure('status', async () => {
    const options = { state: { type: 'string', default: STATE }, json: { type: 'boolean', default: false } } as const
    const { values } = parseArgs({ args: [...args], options })
    const status = await lookAround(release, values.state)
    const text = values.json
      ? `${JSON.stringify({ ...status, ok: exitCode(status) === 0 }, undefined, 2)}\n`
      : statusScreen(status, { paint: isColourful() ? coloured : plain, now: Date.now() })
    write(1, text)
    return exitCode(status)
  })

const isColourful = (): boolean => process.stdout.isTTY === true && !process.env['NO_COLOR']
const coloured: Paint = (format, text) => styleText(format, text, { validateStream: false })
const plain: Paint = (_, text) => text
