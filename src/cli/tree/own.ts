/** Commands of minidock's own, outside Docker's tree. */
import type { NounSpec } from '../spec.ts'
import { bool, int, string } from './flag.ts'

export const clock: NounSpec = {
  name: 'clock',
  usage: 'COMMAND',
  about: 'Look at the time of the simulated machine, or let it pass (MINIDOCK_CLOCK=virtual)',
  commands: [
    {
      name: 'advance',
      usage: 'DURATION',
      about: 'Let time pass at once, as in: advance 1m30s',
      args: { rule: 'exactly', n: 1 },
      flags: [],
    },
    { name: 'show', usage: '', about: 'Print what time it is', args: { rule: 'none' }, flags: [] },
  ],
}

export const scout: NounSpec = {
  name: 'scout',
  usage: 'COMMAND',
  about: 'Look for known vulnerabilities in images, by an embedded sample of advisories',
  commands: [
    {
      name: 'quickview',
      usage: 'IMAGE',
      about: 'Count what is known of an image',
      args: { rule: 'exactly', n: 1 },
      completes: 'images',
      flags: [],
    },
    {
      name: 'cves',
      usage: 'IMAGE',
      about: 'List what is known of an image',
      args: { rule: 'exactly', n: 1 },
      completes: 'images',
      flags: [],
    },
    {
      name: 'recommendations',
      usage: 'IMAGE',
      about: 'Say what would make an image better',
      args: { rule: 'exactly', n: 1 },
      completes: 'images',
      flags: [],
    },
  ],
}

export const own: NounSpec = {
  name: 'own',
  usage: 'COMMAND',
  about: '',
  commands: [
    {
      name: 'completion',
      usage: 'bash|zsh|fish',
      about: 'Generate the autocompletion script for the specified shell',
      args: { rule: 'exactly', n: 1 },
      flags: [],
    },
    {
      name: 'init',
      usage: '',
      about: 'Write a Dockerfile, a .dockerignore and a compose file for a project',
      args: { rule: 'none' },
      flags: [],
    },
    {
      name: '__complete',
      file: 'own/complete',
      usage: '[WORD...]',
      about: 'Print what may follow, for the completion scripts',
      args: { rule: 'any' },
      stopAtArgument: true,
      hidden: true,
      flags: [],
    },
    {
      name: 'host',
      usage: 'COMMAND [ARG...]',
      about: 'Run a command on the simulated host: ip, brctl, iptables, iptables-save, ss, ps, curl, ping, ...',
      args: { rule: 'atLeast', n: 1 },
      stopAtArgument: true,
      flags: [],
    },
    {
      name: 'curl',
      usage: '[ARG...] URL',
      about: 'Run curl on the simulated host, where published ports are',
      args: { rule: 'any' },
      stopAtArgument: true,
      rawFlags: true,
      flags: [],
    },
    {
      name: 'shim',
      usage: 'FOLDER',
      about: 'Write docker and docker-compose commands that call minidock into a folder',
      args: { rule: 'exactly', n: 1 },
      completes: 'files',
      flags: [],
    },
  ],
}

export const lab: NounSpec = {
  name: 'lab',
  usage: 'COMMAND',
  about: 'Exercises that check themselves',
  commands: [
    {
      name: 'check',
      usage: 'LAB [FOLDER]',
      about: 'Say what the grader would say of a folder, but for hidden checks',
      args: { rule: 'between', min: 1, max: 2 },
      completes: 'files',
      flags: [],
    },
    {
      name: 'hint',
      usage: 'LAB STEP [N]',
      about: 'Show the first hint of a step, or the first N',
      args: { rule: 'between', min: 2, max: 3 },
      completes: 'files',
      flags: [],
    },
    {
      name: 'lint',
      usage: 'LAB [LAB...]',
      about: 'Find faults in lab files',
      args: { rule: 'atLeast', n: 1 },
      completes: 'files',
      flags: [],
    },
    {
      name: 'list',
      usage: '[FOLDER]',
      about: 'List the labs of a folder (MINIDOCK_LABS, or labs)',
      args: { rule: 'atMost', n: 1 },
      completes: 'files',
      flags: [],
    },
    {
      name: 'new',
      usage: 'FOLDER',
      about: 'Make a small lab to start from',
      args: { rule: 'exactly', n: 1 },
      completes: 'files',
      flags: [],
    },
    {
      name: 'show',
      usage: 'LAB',
      about: 'Show what is to be done',
      args: { rule: 'exactly', n: 1 },
      completes: 'files',
      flags: [],
    },
    {
      name: 'start',
      usage: 'LAB [FOLDER]',
      about: 'Make a folder to work in',
      args: { rule: 'between', min: 1, max: 2 },
      completes: 'files',
      flags: [],
    },
    {
      name: 'test',
      usage: 'LAB',
      about: 'Prove a lab fair: its solution gets everything, an empty folder nothing, and each check notices',
      args: { rule: 'exactly', n: 1 },
      completes: 'files',
      flags: [],
    },
  ],
}

export const grade: NounSpec = {
  name: 'lab',
  usage: 'COMMAND',
  about: '',
  commands: [
    {
      name: 'grade',
      usage: '[OPTIONS] LAB SUBMISSION [SUBMISSION...]',
      about: 'Grade folders that students handed in',
      args: { rule: 'atLeast', n: 2 },
      completes: 'files',
      flags: [
        string(
          'format',
          'Report: terminal, json, junit, markdown, csv; of one submission: gradescope, classroom50, check50',
          { default: 'terminal' },
        ),
        int('j,jobs', 'Submissions at a time; as many as there are processors, unless given'),
        string('o,output', 'File for the report, instead of standard output'),
      ],
    },
    {
      name: '__grade',
      file: 'lab/grade-one',
      usage: 'LAB SUBMISSION PLACE STUDENT',
      about: 'Grade one submission in a process of its own; called by grade',
      args: { rule: 'exactly', n: 4 },
      hidden: true,
      flags: [],
    },
  ],
}

export const registryServer: NounSpec = {
  name: 'registry',
  usage: 'COMMAND',
  about: 'Share images: a registry that docker, skopeo and minidock push to and pull from',
  commands: [
    {
      name: 'serve',
      file: 'own/registry-serve',
      usage: '[OPTIONS]',
      about: 'Serve the registry of this store until Ctrl-C (OCI distribution, on the loopback interface)',
      args: { rule: 'none' },
      flags: [
        string('address', 'Address to listen on; 0.0.0.0 lets the whole network in', { default: '127.0.0.1' }),
        string('htpasswd', 'File with names and bcrypt hashes (htpasswd -B): who may come in'),
        int('port', 'Port to listen on; 0 takes any that is free', { default: '5000' }),
        bool('q,quiet', 'Do not print the requests'),
        bool('readonly', 'Refuse pushes and deletions'),
      ],
    },
  ],
}
