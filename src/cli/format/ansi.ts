/** Colours as Docker's own tools print them, byte for byte: each text ends with a full reset. Ours are chalk's (palette.ts). */
export const paint = (codes: string, text: string): string => `\x1b[${codes}m${text}\x1b[0m`
