// nft(8) EXPRESSIONS and STATEMENTS · linux/netfilter/nf_tables.h · Documentation/netlink/specs/nftables.yaml
import { attributes, list, nested, select, type ValueOf } from '../netlink/codec.ts'
import { bareText, be16, be32, be64, text } from '../netlink/scalar.ts'
import { data } from './data.ts'

const bitwise = attributes({
  source: [1, be32],
  destination: [2, be32],
  length: [3, be32],
  mask: [4, data],
  xor: [5, data],
  operation: [6, be32],
})

const cmp = attributes({ source: [1, be32], operation: [2, be32], data: [3, data] })

// linux/netfilter/nf_tables.h counts from 1: bytes before packets.
const counter = attributes({ bytes: [1, be64], packets: [2, be64] })

const ct = attributes({ destination: [1, be32], key: [2, be32], direction: [3, be32], source: [4, be32] })

const dynset = attributes({
  set: [1, text],
  setId: [2, be32],
  operation: [3, be32],
  key: [4, be32],
  value: [5, be32],
  timeoutMs: [6, be64],
  flags: [9, be32],
})

const fib = attributes({ destination: [1, be32], result: [2, be32], flags: [3, be32] })

const immediate = attributes({ destination: [1, be32], data: [2, data] })

const log = attributes({
  group: [1, be16],
  prefix: [2, text],
  snapLength: [3, be32],
  threshold: [4, be16],
  level: [5, be32],
  flags: [6, be32],
})

const lookup = attributes({
  set: [1, text],
  source: [2, be32],
  destination: [3, be32],
  setId: [4, be32],
  flags: [5, be32],
})

const masq = attributes({ flags: [1, be32], portMinimum: [2, be32], portMaximum: [3, be32] })

const meta = attributes({ destination: [1, be32], key: [2, be32], source: [3, be32] })

const nat = attributes({
  type: [1, be32],
  family: [2, be32],
  addressMinimum: [3, be32],
  addressMaximum: [4, be32],
  portMinimum: [5, be32],
  portMaximum: [6, be32],
  flags: [7, be32],
})

const objref = attributes({ type: [1, be32], name: [2, bareText] })

const payload = attributes({ destination: [1, be32], base: [2, be32], offset: [3, be32], length: [4, be32] })

const range = attributes({ source: [1, be32], operation: [2, be32], from: [3, data], to: [4, data] })

const redir = attributes({ portMinimum: [1, be32], portMaximum: [2, be32], flags: [3, be32] })

const choices = {
  bitwise,
  cmp,
  counter,
  ct,
  dynset,
  fib,
  immediate,
  log,
  lookup,
  masq,
  meta,
  nat,
  objref,
  payload,
  range,
  redir,
}

const expression = attributes({ name: [1, text], data: [2, nested(select('name', choices))] })

/** The expressions of a rule. Those of a kind that is not here keep their bytes. */
export const expressions = nested(list(nested(expression)))

type Choices = typeof choices

/** One step of a rule: `{ name: 'meta', data: { key: 15, destination: 1 } }`. */
export type Expression =
  | { readonly [K in keyof Choices]: { readonly name: K; readonly data: ValueOf<Choices[K]> } }[keyof Choices]
  | { readonly name: string; readonly data?: Uint8Array | undefined }
