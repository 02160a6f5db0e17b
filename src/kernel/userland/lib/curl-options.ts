/** The options of curl that are understood. */

export const options = {
  silent: '-s --silent  no progress, no errors',
  showError: '-S --show-error  errors even with -s',
  output: '-o=FILE --output=FILE  write to FILE',
  remoteName: '-O --remote-name  write to a file named as the remote one',
  outputDir: '--output-dir=DIR  where -o and -O write',
  createDirs: '--create-dirs  make the directories of -o',
  head: '-I --head  only the headers, with HEAD',
  include: '-i --include  the headers too',
  dumpHeader: '-D=FILE --dump-header=FILE  write the headers to FILE',
  verbose: '-v --verbose  show what is sent and received',
  location: '-L --location  follow redirects',
  maxRedirs: '--max-redirs=N  at most N of them (default 50)',
  request: '-X=METHOD --request=METHOD  the method',
  data: '-d=DATA --data=DATA --data-ascii=DATA  send DATA with POST (@FILE: its contents without line ends)',
  dataRaw: '--data-raw=DATA  as -d, @ is nothing special',
  dataBinary: '--data-binary=DATA  as -d, line ends kept',
  dataUrlencode: '--data-urlencode=DATA  as -d, URL-encoded',
  json: '--json=DATA  as --data-binary, with JSON headers',
  form: '-F=NAME=CONTENT --form=NAME=CONTENT  multipart form data',
  get: '-G --get  put the data of -d into the URL',
  upload: '-T=FILE --upload-file=FILE  send FILE with PUT',
  header: '-H=LINE --header=LINE  add a header',
  agent: '-A=NAME --user-agent=NAME  User-Agent header',
  referer: '-e=URL --referer=URL  Referer header',
  cookie: '-b=DATA --cookie=DATA  Cookie header',
  cookieJar: '-c=FILE --cookie-jar=FILE  accepted',
  user: '-u=USER:PASSWORD --user=USER:PASSWORD  basic authentication',
  fail: '-f --fail  no output for HTTP errors, status 22',
  failWithBody: '--fail-with-body  status 22 for HTTP errors, with output',
  writeOut: '-w=FORMAT --write-out=FORMAT  what to print at the end',
  maxTime: '-m=SEC --max-time=SEC  longest time for everything',
  connectTimeout: '--connect-timeout=SEC  longest time for connecting',
  retry: '--retry=N  try again after errors that may pass',
  retryDelay: '--retry-delay=SEC  time between tries',
  retryMaxTime: '--retry-max-time=SEC  accepted',
  retryConnrefused: '--retry-connrefused  try again when refused, too',
  retryAllErrors: '--retry-all-errors  try again after any error',
  resolve: '--resolve=HOST:PORT:ADDRESS  use this address',
  range: '-r=RANGE --range=RANGE  only these bytes',
  progressBar: '-# --progress-bar  a bar instead of the table',
  noProgress: '--no-progress-meter  no progress',
  insecure: '-k --insecure  accepted',
  compressed: '--compressed  accepted',
  noBuffer: '-N --no-buffer  accepted',
  parallel: '-Z --parallel  accepted',
  globoff: '-g --globoff  accepted',
  pathAsIs: '--path-as-is  accepted',
  http10: '-0 --http1.0  HTTP 1.0',
  http11: '--http1.1 --http2 --tlsv1.2 --tlsv1.3  accepted',
  four: '-4 --ipv4  IPv4 only',
  six: '-6 --ipv6  IPv6 only',
  cacert: '--cacert=FILE --cert=FILE --key=FILE --capath=DIR  accepted',
  noproxy: '--noproxy=LIST  accepted',
  url: '--url=URL  an address',
  quiet: '-q --disable  no configuration file',
  version: '-V --version  the version',
  help: '-h --help  help',
}

export const helpText = `Usage: curl [options...] <url>
 -d, --data <data>          HTTP POST data
 -f, --fail                 Fail fast with no output on HTTP errors
 -h, --help <category>      Get help for commands
 -i, --include              Include protocol response headers in the output
 -o, --output <file>        Write to file instead of stdout
 -O, --remote-name          Write output to a file named as the remote file
 -s, --silent               Silent mode
 -T, --upload-file <file>   Transfer local FILE to destination
 -u, --user <user:password> Server user and password
 -A, --user-agent <name>    Send User-Agent <name> to server
 -v, --verbose              Make the operation more talkative
 -V, --version              Show version number and quit

This is not the full help, this menu is stripped into categories.
Use "--help category" to get an overview of all categories.
For all options use the manual or "--help all".
`
