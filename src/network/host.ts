/** The simulated host's own place in the world, outside Docker's bridges. */

/** Its interface to the outside. */
export const hostInterface = { name: 'eth0', mac: '52:54:00:12:34:56', prefix: 24, mtu: 1500 }
export const hostAddress = '10.0.2.15'
export const hostGateway = '10.0.2.2'
/** The name server that it asks, and that containers on the default bridge ask as well. */
export const hostNameServer = '10.0.2.3'
