// The registers of a rule: four of sixteen bytes, 1 to 4, the same ones as sixteen of four bytes, 8 to 23. linux/netfilter/nf_tables.h, enum nft_registers
import { type DataTypeName, dataType } from './data-type.ts'

/** Where a verdict goes. */
export const VERDICT_REGISTER = 0
export const FIRST_REGISTER = 1
export const LAST_REGISTER = 4

const REG32_FIRST = 8

/** The register that begins at a multiple of four bytes: the large one where there is one, as nft and the kernel have it. */
export const registerAt = (word: number): number => (word % 4 === 0 ? FIRST_REGISTER + word / 4 : REG32_FIRST + word)

/** The parts of a concatenation stand one after the other, each in whole registers of four bytes. */
export function registersOf(types: readonly DataTypeName[]): number[] {
  let word = 0
  return types.map(type => {
    const register = registerAt(word)
    word += words(type)
    return register
  })
}

/** What each part takes in a concatenation. */
export const lengthsOf = (types: readonly DataTypeName[]): number[] => types.map(type => dataType(type).length)

export function concatenatedLength(types: readonly DataTypeName[]): number {
  const [length = 0, ...more] = lengthsOf(types)
  return more.length === 0 ? length : types.reduce((sum, type) => sum + words(type) * 4, 0)
}

const words = (type: DataTypeName): number => Math.ceil(dataType(type).length / 4)
