import importlib
import os
import signal
import socket
import sys
import time
import _import
import _process
from _options import options
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.metadata import version
from wsgiref.simple_server import _environ, _run

_takes = {'-b': 'bind', '--bind': 'bind', '-w': 'workers', '--workers': 'workers', '-k': 'worker_class', '--worker-class': 'worker_class', '--threads': 'threads', '-t': 'timeout', '--timeout': 'timeout', '--access-logfile': 'accesslog', '--error-logfile': 'errorlog', '--log-file': 'errorlog', '--log-level': 'loglevel', '-c': 'config', '--config': 'config', '--chdir': 'chdir', '-n': 'proc_name', '--name': 'proc_name', '--max-requests': None, '--max-requests-jitter': None, '--keep-alive': None, '--graceful-timeout': None, '--worker-connections': None, '-e': 'env', '--env': 'env', '-u': None, '--user': None, '-g': None, '--group': None, '-p': None, '--pid': None, '--worker-tmp-dir': None, '--forwarded-allow-ips': None, '--backlog': None, '--access-logformat': None}
_flags = ['-v', '--version', '-h', '--help', '--reload', '--preload', '--capture-output', '--no-sendfile', '--enable-stdio-inheritance', '--no-control-socket']

class _Stop(BaseException):
    pass

def _usage(message):
    sys.stderr.write('usage: gunicorn [OPTIONS] [APP_MODULE]\ngunicorn: error: %s\n' % message)
    sys.exit(2)

def _given(words):
    found, app = {'bind': [], 'workers': 1, 'worker_class': 'sync', 'threads': 1, 'accesslog': None, 'loglevel': 'info'}, None
    given = {}
    def fail(kind, name, word):
        _usage('argument %s: expected one argument' % name if kind == 'value' else 'unrecognized arguments: %s' % word)
    for name, value in options(words, _takes, _flags, fail, joined=True):
        if name in ('-v', '--version'):
            print('gunicorn (version %s)' % version('gunicorn'))
            sys.exit(0)
        if name in ('-h', '--help'):
            print('usage: gunicorn [OPTIONS] [APP_MODULE]')
            sys.exit(0)
        if name in _takes:
            if _takes[name] == 'bind':
                given.setdefault('bind', []).append(value)
            elif _takes[name] == 'env':
                key, _, text = value.partition('=')
                os.environ[key] = text
            elif _takes[name]:
                if _takes[name] in ('workers', 'threads') and not value.isdigit():
                    _usage('argument %s: invalid value: %r' % (name, value))
                given[_takes[name]] = int(value) if value.isdigit() else value
        elif name is not None:
            given[name.lstrip('-').replace('-', '_')] = True
        elif app is None:
            app = value
        else:
            _usage('unrecognized arguments: %s' % value)
    if 'chdir' in given:
        os.chdir(given['chdir'])
    if os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
    config = given.get('config') or ('gunicorn.conf.py' if os.path.exists('gunicorn.conf.py') else None)
    if config:
        if not os.path.exists(config):
            sys.stderr.write('\nError: %r doesn\'t exist\n' % config)
            sys.exit(1)
        module = _import.file('__config__', os.path.abspath(config))
        for key in ('bind', 'workers', 'worker_class', 'threads', 'timeout', 'accesslog', 'loglevel', 'wsgi_app'):
            if hasattr(module, key):
                found[key] = getattr(module, key)
        if isinstance(found['bind'], str):
            found['bind'] = [found['bind']]
    found.update(given)
    if not app:
        app = found.get('wsgi_app')
    if not app:
        _usage('No application module specified.')
    if not found['bind']:
        found['bind'] = ['0.0.0.0:' + os.environ['PORT']] if os.environ.get('PORT') else ['127.0.0.1:8000']
    if 'workers' not in given and os.environ.get('WEB_CONCURRENCY', '').isdigit():
        found['workers'] = int(os.environ['WEB_CONCURRENCY'])
    return found, app

def _log(level, text):
    sys.stderr.write('[%s +0000] [%d] [%s] %s\n' % (time.strftime('%Y-%m-%d %H:%M:%S', time.gmtime()), os.getpid(), level, text))

def _load(target):
    module, colon, name = target.partition(':')
    made = importlib.import_module(module)
    name = name or 'application'
    call = name.endswith('()')
    name = name[:-2] if call else name
    if not hasattr(made, name):
        sys.stderr.write("Failed to find attribute '%s' in '%s'.\n" % (name, module))
        return None
    app = getattr(made, name)
    return app() if call else app

class _Handler(BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    def _any(self):
        app = self.server.application
        try:
            if hasattr(app, 'handle') and not hasattr(app, 'wsgi_app'):
                status, headers, data = self._asgi(app)
            else:
                status, headers, data = _run(app, _environ(self))
        except Exception:
            import traceback
            _log('ERROR', 'Error handling request ' + self.path)
            traceback.print_exc()
            status, headers, data = '500 Internal Server Error', [('Content-Type', 'text/html')], b'<html>\n  <head>\n    <title>Internal Server Error</title>\n  </head>\n  <body>\n    <h1><p>Internal Server Error</p></h1>\n    \n  </body>\n</html>\n'
        code, _, reason = status.partition(' ')
        self.send_response_only(int(code), reason)
        self.send_header('Server', 'gunicorn')
        self.send_header('Date', self.date_time_string())
        self.send_header('Connection', 'close')
        for name, value in headers:
            self.send_header(name, value)
        if not any(name.lower() == 'content-length' for name, value in headers):
            self.send_header('Content-Length', str(len(data)))
        self.end_headers()
        if self.command != 'HEAD' and code not in ('204', '304'):
            self.wfile.write(data)
        if self.server.access:
            line = '%s - - [%s +0000] "%s" %s %d "%s" "%s"\n' % (self.client_address[0], time.strftime('%d/%b/%Y:%H:%M:%S', time.gmtime()), self.requestline, code, len(data), self.headers.get('Referer') or '-', self.headers.get('User-Agent') or '-')
            if self.server.access == '-':
                sys.stdout.write(line)
                sys.stdout.flush()
            else:
                with open(self.server.access, 'a') as file:
                    file.write(line)
    def _asgi(self, app):
        from fastapi import Request
        size = int(self.headers.get('Content-Length') or 0)
        made = app.handle(Request(self.command, self.path, self.headers, self.rfile.read(size) if size else b'', self.client_address))
        kind = made.media_type
        headers = list(made.headers.items()) + ([('Content-Type', kind + '; charset=utf-8' if kind.startswith('text/') else kind)] if kind else [])
        return '%d %s' % (made.status_code, 'OK' if made.status_code == 200 else ''), headers, made.body
    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = do_OPTIONS = _any

class _Server(HTTPServer):
    def __init__(self, listener, app, access):
        self.socket, self.RequestHandlerClass, self.application, self.access, self._stop = listener, _Handler, app, access, False
        self.server_address = listener.getsockname()

def _stop(number, frame):
    raise _Stop()

def _worker(options, target, fd):
    del os.environ['_GUNICORN_LISTENER']
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _log('INFO', 'Booting worker with pid: %d' % os.getpid())
    code = 0
    try:
        app = _load(target)
        if app is None:
            code = 4
        else:
            if hasattr(app, '_startup'):
                app._startup()
            _Server(socket.fromfd(fd, socket.AF_INET, socket.SOCK_STREAM), app, options['accesslog']).serve_forever()
    except _Stop:
        pass
    except Exception as error:
        import traceback
        _log('ERROR', 'Exception in worker process')
        traceback.print_exc()
        if isinstance(error, ImportError):
            sys.stderr.write('%s\n' % error)
        code = 3
    _log('INFO', 'Worker exiting (pid: %d)' % os.getpid())
    return code

def run():
    options, target = _given(sys.argv[1:])
    held = os.environ.get('_GUNICORN_LISTENER')
    if held:
        return _worker(options, target, int(held))
    host, _, port = options['bind'][0].rpartition(':')
    _log('INFO', 'Starting gunicorn %s' % version('gunicorn'))
    listener = socket.socket()
    for attempt in range(5):
        try:
            listener.bind((host or '0.0.0.0', int(port)))
            break
        except OSError as error:
            if error.errno != 98:
                _log('ERROR', 'Invalid address: %r' % ((host, int(port)),))
                return 1
            _log('ERROR', 'Connection in use: %r' % ((host, int(port)),))
            if attempt < 4:
                _log('ERROR', 'Retrying in 1 second.')
                time.sleep(1)
    else:
        _log('ERROR', "Can't connect to %r" % ((host, int(port)),))
        return 1
    shown = 'gthread' if options['threads'] > 1 and options['worker_class'] == 'sync' else options['worker_class']
    _log('INFO', 'Listening at: http://%s:%s (%d)' % (host, port, os.getpid()))
    _log('INFO', 'Using worker: %s' % shown)
    workers = []
    def spawn():
        environ = dict(os.environ)
        environ['_GUNICORN_LISTENER'] = '3'
        workers.append(_process.spawn([sys.executable] + sys.argv, environ, None, {3: listener.fileno()}))
    def handle(number, frame):
        _log('INFO', 'Handling signal: %s' % {15: 'term', 2: 'int', 3: 'quit', 1: 'hup'}.get(number, str(number)))
        raise _Stop()
    signal.signal(signal.SIGTERM, handle)
    signal.signal(signal.SIGINT, handle)
    for each in range(options['workers']):
        spawn()
    reason, code = None, 0
    try:
        while reason is None:
            pid, status = _process.wait(-1)
            workers.remove(pid)
            if status == 0:
                spawn()
            elif status < 0:
                name = {9: 'SIGKILL', 15: 'SIGTERM', 11: 'SIGSEGV'}.get(-status, str(-status))
                _log('ERROR', 'Worker (pid:%d) was sent %s!%s' % (pid, name, ' Perhaps out of memory?' if status == -9 else ''))
                spawn()
            else:
                _log('ERROR', 'Worker (pid:%d) exited with code %d.' % (pid, status))
                if status in (3, 4):
                    reason, code = {3: 'Worker failed to boot.', 4: 'App failed to load.'}[status], status
                else:
                    spawn()
    except _Stop:
        pass
    for pid in workers:
        os.kill(pid, 15)
    while workers:
        pid, status = _process.wait(-1)
        workers.remove(pid)
    _log('ERROR' if reason else 'INFO', 'Shutting down: Master')
    if reason:
        _log('ERROR', 'Reason: %s' % reason)
    return code
