/** `npm run dev -- ps`: the program from its source, through tsx. */
process.env.MINIDOCK_NAME ??= 'minidock'
await import('./main.ts')
