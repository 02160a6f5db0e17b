/** Id of the simulated host's sandbox and of its network namespace. */
export const hostId = 'host'
