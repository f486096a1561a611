// linux/netfilter/nf_tables.h, enum nft_data_attributes: bytes for a register, or what becomes of the packet
import { attributes, nested, type ValueOf } from '../netlink/codec.ts'
import { be32signed, bytes, text } from '../netlink/scalar.ts'

const verdictMessage = attributes({ code: [1, be32signed], chain: [2, text] })

export const data = nested(attributes({ value: [1, bytes], verdict: [2, nested(verdictMessage)] }))

export type Data = ValueOf<typeof data>

const finalCodes = { accept: 1, drop: 0, continue: -1, return: -5 } as const
const chainCodes = { jump: -3, goto: -4 } as const

/** As nft writes it: `drop`, `jump elsewhere`. */
export type Verdict = keyof typeof finalCodes | `${keyof typeof chainCodes} ${string}`

export function encodeVerdict(verdict: Verdict): Data {
  if (isFinal(verdict)) return { verdict: { code: finalCodes[verdict] } }
  const [word = '', chain = ''] = verdict.split(' ')
  const code = chainCodes[word as keyof typeof chainCodes]
  if (code === undefined || chain === '') throw new TypeError(`no verdict "${verdict}"`)
  return { verdict: { code, chain } }
}

export function decodeVerdict({ code, chain }: NonNullable<Data['verdict']>): Verdict {
  const codes: Readonly<Record<string, number>> = chain === undefined ? finalCodes : chainCodes
  const word = Object.keys(codes).find(name => codes[name] === code)
  if (word === undefined) throw new RangeError(`unknown verdict ${code}`)
  return (chain === undefined ? word : `${word} ${chain}`) as Verdict
}

const isFinal = (verdict: Verdict): verdict is keyof typeof finalCodes => Object.hasOwn(finalCodes, verdict)
