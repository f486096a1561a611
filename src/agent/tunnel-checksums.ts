// Keeps the tunnel from leaving checksums to the network below, where that carries bad ones: five times slower, so only where it is asked for.
import { isFeatureOn, turnFeatureOff } from '../ethtool/device-features.ts'
import type { Connection } from '../netlink/connection.ts'
import { hasCode, Problem } from '../problem.ts'
import { TUNNEL_NAME } from './observed.ts'
import type { Duty } from './pass.ts'

const CHECKSUMS = 'tx-checksum-ip-generic'

/** By a connection of NETLINK_GENERIC. */
export const tunnelChecksums = (connection: Connection): Duty => ({
  keep() {
    try {
      if (isFeatureOn(connection, TUNNEL_NAME, CHECKSUMS)) turnFeatureOff(connection, TUNNEL_NAME, CHECKSUMS)
      return []
    } catch (error) {
      if (hasCode(error, 'ENODEV')) return []
      const message = `cannot turn checksum offload of ${TUNNEL_NAME} off: ${error instanceof Error ? error.message : error}`
      return [
        new Problem(
          'TUNNEL_UNAVAILABLE',
          message,
          'By hand: ethtool -K podwire-vxlan tx-checksum-ip-generic off',
          error,
        ),
      ]
    }
  },
})
