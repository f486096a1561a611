// The command lines of what one machine of a cluster runs besides a node's parts: etcd, API server, controllers, scheduler. Pure.
import { bracketed, podSubnets, serviceSubnets } from './address-plan.ts'
import type { Families } from './cluster.ts'

export const apiServerUrl = (address: string): string => `https://${bracketed(address)}:6443`

interface Place {
  readonly families: Families
  /** Of the machine, the first. */
  readonly address: string
  readonly credentials: string
}

export function controlPlane({ families, address, credentials }: Place): Record<string, readonly string[]> {
  const admin = ['--kubeconfig', `${credentials}/admin.conf`]
  const services = ['--service-cluster-ip-range', serviceSubnets(families).join(',')]
  return {
    etcd: [
      ...['--data-dir', '/var/lib/etcd', '--unsafe-no-fsync', '--log-level', 'warn'],
      ...['--listen-client-urls', 'http://127.0.0.1:2379', '--advertise-client-urls', 'http://127.0.0.1:2379'],
      ...['--listen-peer-urls', 'http://127.0.0.1:2380'],
    ],
    'kube-apiserver': [
      ...['--etcd-servers', 'http://127.0.0.1:2379', '--advertise-address', address, ...services],
      ...['--tls-cert-file', `${credentials}/api.crt`, '--tls-private-key-file', `${credentials}/api.key`],
      ...['--service-account-issuer', 'https://kubernetes.default.svc'],
      ...['--service-account-key-file', `${credentials}/accounts.pub`],
      ...['--service-account-signing-key-file', `${credentials}/accounts.key`],
      ...['--token-auth-file', `${credentials}/tokens.csv`, '--authorization-mode', 'Node,RBAC'],
      // By name, exec and logs would wait for a name server that is not there.
      ...['--kubelet-preferred-address-types', 'InternalIP', '--allow-privileged'],
    ],
    'kube-controller-manager': [
      ...[...admin, '--leader-elect=false', '--allocate-node-cidrs', '--cluster-cidr', podSubnets(families).join(',')],
      ...[...services, '--root-ca-file', `${credentials}/ca.crt`, '--use-service-account-credentials'],
      ...['--service-account-private-key-file', `${credentials}/accounts.key`],
    ],
    'kube-scheduler': [...admin, '--leader-elect=false'],
  }
}
