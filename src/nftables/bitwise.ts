// A register changed in place: `register & mask ^ xor`. linux/netfilter/nf_tables.h, enum nft_bitwise_attributes
import type { Expression } from './expression.ts'
import { FIRST_REGISTER } from './register.ts'

const NFT_BITWISE_MASK_XOR = 0

/** Only some bits of it. */
export const masked = (mask: Uint8Array, register = FIRST_REGISTER): Expression => ({
  name: 'bitwise',
  data: {
    source: register,
    destination: register,
    length: mask.length,
    mask: { value: mask },
    xor: { value: new Uint8Array(mask.length) },
  },
})

/** Other bits in the place of some. nft names the operation here, and not above. */
export const replaced = (kept: Uint8Array, bits: Uint8Array): Expression => ({
  name: 'bitwise',
  data: {
    source: FIRST_REGISTER,
    destination: FIRST_REGISTER,
    operation: NFT_BITWISE_MASK_XOR,
    length: kept.length,
    mask: { value: kept },
    xor: { value: bits },
  },
})
