import importlib
import os
import platform
import sys
import flask
from _options import options
from importlib.metadata import version

_help = '''Usage: flask [OPTIONS] COMMAND [ARGS]...

  A general utility script for Flask applications.

  An application to load must be given with the '--app' option, 'FLASK_APP'
  environment variable, or with a 'wsgi.py' or 'app.py' file in the current
  directory.

Options:
  -e, --env-file FILE   Load environment variables from this file, taking
                        precedence over those set by '.env' and '.flaskenv'.
                        Variables set directly in the environment take highest
                        precedence. python-dotenv must be installed.
  -A, --app IMPORT      The Flask application or factory function to load, in
                        the form 'module:name'. Module can be a dotted import
                        or file path. Name is not required if it is 'app',
                        'application', 'create_app', or 'make_app', and can be
                        'name(args)' to pass arguments.
  --debug / --no-debug  Set debug mode.
  --version             Show the Flask version.
  --help                Show this message and exit.

Commands:
  routes  Show the routes for the app.
  run     Run a development server.
  shell   Run a shell in the app context.
'''

class _Fail(Exception):
    pass

def _usage(command, message):
    path = 'flask' + (' ' + command if command else '')
    shape = '[OPTIONS]' if command else '[OPTIONS] COMMAND [ARGS]...'
    sys.stderr.write("Usage: %s %s\nTry '%s --help' for help.\n\nError: %s\n" % (path, shape, path, message))
    sys.exit(2)

def _pick(module, name, shown):
    if name:
        call = name.partition('(')
        if not hasattr(module, call[0]):
            raise _Fail("Failed to find attribute '%s' in '%s'." % (call[0], shown))
        made = getattr(module, call[0])
        if isinstance(made, flask.Flask):
            return made
        text = call[2].rstrip(')')
        return made(*[part.strip().strip('"\'') for part in text.split(',')] if text.strip() else [])
    for each in ('app', 'application'):
        made = getattr(module, each, None)
        if isinstance(made, flask.Flask):
            return made
    found = [value for value in vars(module).values() if isinstance(value, flask.Flask)]
    if len(found) == 1:
        return found[0]
    if len(found) > 1:
        raise _Fail("Detected multiple Flask applications in module '%s'. Use '%s:name' to specify the correct one." % (shown, shown))
    for each in ('create_app', 'make_app'):
        factory = getattr(module, each, None)
        if factory is not None:
            return factory()
    raise _Fail("Failed to find Flask application or factory in module '%s'. Use '%s:name' to specify one." % (shown, shown))

def _import(path, name, wanted):
    """The application in a module or a file; `wanted`: it must be there."""
    module = path[:-3] if path.endswith('.py') else path
    folder, _, module = module.rpartition('/')
    where = os.path.join(os.getcwd(), folder) if folder else os.getcwd()
    if where not in sys.path:
        sys.path.insert(0, where)
    try:
        made = importlib.import_module(module)
    except ModuleNotFoundError as error:
        if getattr(error, 'name', None) != module:
            import traceback
            raise _Fail("While importing '%s', an ImportError was raised:\n\n%s" % (module, traceback.format_exc()))
        if wanted:
            raise _Fail("Could not import '%s'." % module)
        return None
    return _pick(made, name, module)

def _load(given):
    if given:
        path, _, name = given.partition(':')
        return _import(path, name, True)
    for path in ('wsgi.py', 'app.py'):
        if os.path.exists(path):
            found = _import(path, None, False)
            if found is not None:
                return found
    raise _Fail("Could not locate a Flask application. Use the 'flask --app' option, 'FLASK_APP' environment variable, or a 'wsgi.py' or 'app.py' file in the current directory.")

def _run(words, given, debug):
    takes = {'-h': 'host', '--host': 'host', '-p': 'port', '--port': 'port', '--cert': 'cert', '--key': 'key', '--extra-files': None, '--exclude-patterns': None}
    flags = ('--debug', '--no-debug', '--reload', '--no-reload', '--debugger', '--no-debugger', '--with-threads', '--without-threads', '--help')
    where = {'host': os.environ.get('FLASK_RUN_HOST') or '127.0.0.1', 'port': os.environ.get('FLASK_RUN_PORT') or '5000'}
    def fail(kind, name, word):
        _usage('run', "Option '%s' requires an argument." % name if kind == 'value' else "No such option '%s'." % name)
    for name, value in options(words, takes, flags, fail):
        if name == '--help':
            print('Usage: flask run [OPTIONS]\n\n  Run a local development server.')
            return 0
        if name in takes:
            if takes[name]:
                where[takes[name]] = value
        elif name in ('--debug', '--no-debug'):
            debug = name == '--debug'
        elif name is None:
            _usage('run', 'Got unexpected extra argument (%s)' % value)
    if not where['port'].isdigit():
        _usage('run', "Invalid value for '--port' / '-p': '%s' is not a valid integer." % where['port'])
    try:
        app = _load(given)
    except _Fail as error:
        _usage('run', str(error))
    if debug is not None:
        app.debug = debug
    if given:
        print(" * Serving Flask app '%s'" % given, flush=True)
    print(' * Debug mode: %s' % ('on' if app.debug else 'off'), flush=True)
    flask._serve(app, where['host'], int(where['port']))
    return 0

def _routes(given):
    try:
        app = _load(given)
    except _Fail as error:
        _usage('routes', str(error))
    rows = sorted((rule.endpoint, ', '.join(sorted(rule.methods)), rule.rule) for rule in app._rules)
    rows = sorted(rows + ([('static', 'GET', '/static/<path:filename>')] if app.static_folder else []))
    widths = [max(len(row[at]) for row in rows + [('Endpoint', 'Methods', 'Rule')]) for at in range(3)]
    for row in [('Endpoint', 'Methods', 'Rule'), tuple('-' * width for width in widths)] + rows:
        print('  '.join(row[at].ljust(widths[at]) for at in range(3)))
    return 0

def main():
    words = sys.argv[1:]
    given, debug = os.environ.get('FLASK_APP') or None, None
    if os.environ.get('FLASK_DEBUG'):
        debug = os.environ['FLASK_DEBUG'].lower() not in ('0', 'false', 'no', '')
    def fail(kind, name, word):
        _usage('', "Option '%s' requires an argument." % name if kind == 'value' else "No such option '%s'." % name)
    command = None
    for name, value in options(words, ('-A', '--app', '-e', '--env-file'), ('--debug', '--no-debug', '--version', '--help'), fail):
        if name is None:
            command = value
            break
        if name == '--version':
            print('Python %s\nFlask %s\nWerkzeug %s' % (platform.python_version(), version('flask'), version('werkzeug')))
            return 0
        if name == '--help':
            sys.stdout.write(_help)
            return 0
        if name in ('-A', '--app'):
            given = value
        elif name in ('--debug', '--no-debug'):
            debug = name == '--debug'
    if command is None:
        sys.stderr.write(_help)
        return 2
    if command == 'run':
        return _run(words, given, debug)
    if command == 'routes':
        return _routes(given)
    if command == 'shell':
        raise NotImplementedError('minidock: flask shell is not modelled')
    near = [each for each in ('routes', 'run', 'shell') if each.startswith(command[:2])]
    _usage('', "No such command '%s'.%s" % (command, " Did you mean '%s'?" % near[0] if near else ''))
