// chalk: colours where standard output is a terminal.
const codes = {
  reset: [0, 0],
  bold: [1, 22],
  dim: [2, 22],
  italic: [3, 23],
  underline: [4, 24],
  inverse: [7, 27],
  strikethrough: [9, 29],
  black: [30, 39],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  blue: [34, 39],
  magenta: [35, 39],
  cyan: [36, 39],
  white: [37, 39],
  gray: [90, 39],
  grey: [90, 39],
  redBright: [91, 39],
  greenBright: [92, 39],
  yellowBright: [93, 39],
  blueBright: [94, 39],
  magentaBright: [95, 39],
  cyanBright: [96, 39],
  whiteBright: [97, 39],
  bgBlack: [40, 49],
  bgRed: [41, 49],
  bgGreen: [42, 49],
  bgYellow: [43, 49],
  bgBlue: [44, 49],
  bgMagenta: [45, 49],
  bgCyan: [46, 49],
  bgWhite: [47, 49],
}
const on =
  process.env.FORCE_COLOR !== undefined
    ? process.env.FORCE_COLOR !== '0'
    : Boolean(process.stdout.isTTY) && process.env.NO_COLOR === undefined
const make = styles => {
  const paint = (...args) =>
    on
      ? styles.reduceRight((text, [open, close]) => `\x1b[${open}m${text}\x1b[${close}m`, args.join(' '))
      : args.join(' ')
  for (const [name, pair] of Object.entries(codes))
    Object.defineProperty(paint, name, { get: () => make([...styles, pair]) })
  paint.hex = paint.rgb = paint.bgHex = paint.keyword = () => make(styles)
  return paint
}
module.exports = Object.assign(make([]), { level: on ? 1 : 0 })
module.exports.default = module.exports
module.exports.Chalk = class {}
