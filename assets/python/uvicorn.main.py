import os
import platform
import sys
import uvicorn
from _options import options
from importlib.metadata import version

def _usage(message):
    sys.stderr.write("Usage: uvicorn [OPTIONS] APP\nTry 'uvicorn --help' for help.\n\nError: %s\n" % message)
    sys.exit(2)

def main():
    words, app, given = sys.argv[1:], None, {}
    takes = {'--host': 'host', '--port': 'port', '--workers': 'workers', '--log-level': 'log_level', '--app-dir': 'app_dir', '--root-path': None, '--env-file': None, '--timeout-keep-alive': None, '--loop': None, '--http': None, '--lifespan': None, '--forwarded-allow-ips': None, '--reload-dir': None, '--limit-concurrency': None, '--interface': None}
    flags = {'--reload': ('reload', True), '--no-access-log': ('access_log', False), '--access-log': ('access_log', True), '--proxy-headers': None, '--no-proxy-headers': None, '--no-server-header': None, '--use-colors': None, '--no-use-colors': None, '--factory': ('factory', True), '--version': None, '--help': None}
    def fail(kind, name, word):
        _usage("Option '%s' requires an argument." % name if kind == 'value' else "No such option '%s'." % name)
    for name, value in options(words, takes, flags, fail):
        if name == '--version':
            print('Running uvicorn %s with CPython %s on Linux' % (version('uvicorn'), platform.python_version()))
            return 0
        if name == '--help':
            print('Usage: uvicorn [OPTIONS] APP')
            return 0
        if name == '--port' and not value.isdigit():
            _usage("Invalid value for '--port': '%s' is not a valid integer." % value)
        if name in takes:
            if takes[name]:
                given[takes[name]] = int(value) if value.isdigit() else value
        elif name in flags:
            if flags[name]:
                given[flags[name][0]] = flags[name][1]
        elif app is None:
            app = value
        else:
            _usage("Got unexpected extra argument (%s)" % value)
    if app is None:
        _usage("Missing argument 'APP'.")
    sys.path.insert(0, given.pop('app_dir', None) or os.getcwd())
    if given.pop('factory', False):
        app = uvicorn._load(app)()
    uvicorn.run(app, **given)
    return 0
