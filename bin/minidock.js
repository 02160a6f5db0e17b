#!/usr/bin/env -S node --
// `--`: Node 20 would take the --env-file of `run` for its own.
// CommonJS on purpose: Node's ESM loader alone costs several milliseconds of every command.
require('../dist/cli/start.cjs').start(`${__dirname}/../dist/cli`)
