import t from 'tap'
import { podNamespace } from './pod-namespace.ts'

const own = '/proc/self/ns/net'
const request = (netns: string, netnsOverride = false) => ({
  containerId: 'c1',
  interfaceName: 'eth0',
  netns,
  arguments: '',
  netnsOverride,
})

t.test('the node’s own namespace is refused, unless it is meant', async t => {
  t.throws(() => podNamespace(request(own)), {
    code: 'ENVIRONMENT_INVALID',
    message: `CNI_NETNS ${own} is the node's own network namespace: name the pod's, or set CNI_NETNS_OVERRIDE=1 if you mean it`,
  })
  using namespace = podNamespace(request(own, true))
  t.equal(namespace.path, own)
})

t.test('what is no namespace is told with the variable’s name', async t => {
  for (const path of ['/nonexistent', '/etc/passwd', '/'])
    t.throws(() => podNamespace(request(path, true)), {
      code: 'ENVIRONMENT_INVALID',
      message: /^CNI_NETNS: the network namespace /,
    })
})
