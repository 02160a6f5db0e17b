import os
import platform
import sys
import uvicorn

def _usage(message):
    sys.stderr.write("Usage: uvicorn [OPTIONS] APP\nTry 'uvicorn --help' for help.\n\nError: %s\n" % message)
    sys.exit(2)

def main():
    words, app, options = sys.argv[1:], None, {}
    values = {'--host': 'host', '--port': 'port', '--workers': 'workers', '--log-level': 'log_level', '--app-dir': 'app_dir', '--root-path': None, '--env-file': None, '--timeout-keep-alive': None, '--loop': None, '--http': None, '--lifespan': None, '--forwarded-allow-ips': None, '--reload-dir': None, '--limit-concurrency': None, '--interface': None}
    flags = {'--reload': ('reload', True), '--no-access-log': ('access_log', False), '--access-log': ('access_log', True), '--proxy-headers': None, '--no-proxy-headers': None, '--no-server-header': None, '--use-colors': None, '--no-use-colors': None, '--factory': ('factory', True)}
    while words:
        word = words.pop(0)
        name, equals, value = word.partition('=')
        if name == '--version':
            print('Running uvicorn %s with CPython %s on Linux' % (_version(), platform.python_version()))
            return 0
        if name == '--help':
            print('Usage: uvicorn [OPTIONS] APP')
            return 0
        if name in values:
            if not equals and not words:
                _usage("Option '%s' requires an argument." % name)
            given = value if equals else words.pop(0)
            if name == '--port' and not given.isdigit():
                _usage("Invalid value for '--port': '%s' is not a valid integer." % given)
            if values[name]:
                options[values[name]] = int(given) if given.isdigit() else given
        elif name in flags:
            if flags[name]:
                options[flags[name][0]] = flags[name][1]
        elif word.startswith('-'):
            _usage("No such option '%s'." % name)
        elif app is None:
            app = word
        else:
            _usage("Got unexpected extra argument (%s)" % word)
    if app is None:
        _usage("Missing argument 'APP'.")
    sys.path.insert(0, options.pop('app_dir', None) or os.getcwd())
    if options.pop('factory', False):
        app = uvicorn._load(app)()
    uvicorn.run(app, **options)
    return 0

def _version():
    import glob
    for each in sys.path:
        for found in glob.glob(each + '/uvicorn-*.dist-info'):
            return os.path.basename(found)[8:-10]
    return '0'
