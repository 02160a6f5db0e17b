#!/usr/bin/env node
// CommonJS on purpose: Node's ESM loader alone costs several milliseconds of every command.
require('../dist/cli/main.cjs')
