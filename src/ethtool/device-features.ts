// What a network device does in place of the kernel, such as checksums: asked for by name, and turned off.
import type { Connection } from '../netlink/connection.ts'
import {
  CTRL_CMD_GETFAMILY,
  ETHTOOL_MSG_FEATURES_GET,
  ETHTOOL_MSG_FEATURES_SET,
  family,
  features,
  GENL_ID_CTRL,
} from './features.ts'

const VERSION = 1

/** By a connection of NETLINK_GENERIC. */
export function isFeatureOn(connection: Connection, device: string, name: string): boolean {
  const { attributes } = connection.get(`ask for the features of ${device}`, familyId(connection), features, {
    command: ETHTOOL_MSG_FEATURES_GET,
    version: VERSION,
    reserved: 0,
    attributes: { header: { device } },
  })
  return (attributes.active?.bits ?? []).some(bit => bit.name === name)
}

export function turnFeatureOff(connection: Connection, device: string, name: string): void {
  connection.request(`turn ${name} of ${device} off`, familyId(connection), 0, features, {
    command: ETHTOOL_MSG_FEATURES_SET,
    version: VERSION,
    reserved: 0,
    attributes: { header: { device }, wanted: { bits: [{ name }] } },
  })
}

function familyId(connection: Connection): number {
  const { attributes } = connection.get('ask for the number of ethtool', GENL_ID_CTRL, family, {
    command: CTRL_CMD_GETFAMILY,
    version: VERSION,
    reserved: 0,
    attributes: { name: 'ethtool' },
  })
  if (attributes.id === undefined) throw new TypeError('ethtool has no number')
  return attributes.id
}
