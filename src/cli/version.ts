/** The versions that the command line shows: those of the Docker whose behaviour is imitated. */
export const VERSION = { engine: '28.5.2', commit: 'ecc6942', buildx: '0.29.1', compose: '2.40.3' } as const
