import os
import signal
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer, _reasons

def _say(level, text, stream=sys.stderr):
    shown = level
    if stream.isatty():
        shown = {'INFO': '\x1b[32mINFO\x1b[0m', 'ERROR': '\x1b[31mERROR\x1b[0m'}.get(level, level)
    stream.write(shown + ':' + ' ' * (9 - len(level)) + text + '\n')
    stream.flush()

class _Stop(BaseException):
    pass

def _load(target):
    if not isinstance(target, str):
        return target
    module, colon, name = target.partition(':')
    if not colon or not name:
        _say('ERROR', 'Error loading ASGI app. Import string "%s" must be in format "<module>:<attribute>".' % target)
        sys.exit(1)
    import importlib
    try:
        made = importlib.import_module(module)
    except ModuleNotFoundError as error:
        if getattr(error, 'name', None) != module:
            raise
        _say('ERROR', 'Error loading ASGI app. Could not import module "%s".' % module)
        sys.exit(1)
    for part in name.split('.'):
        if not hasattr(made, part):
            _say('ERROR', 'Error loading ASGI app. Attribute "%s" not found in module "%s".' % (name, module))
            sys.exit(1)
        made = getattr(made, part)
    return made

def run(app, host='127.0.0.1', port=8000, reload=False, workers=None, log_level=None, access_log=True, **kwargs):
    if reload:
        _say('INFO', "Will watch for changes in these directories: ['%s']" % os.getcwd())
        _say('INFO', 'Uvicorn running on http://%s:%d (Press CTRL+C to quit)' % (host, port))
        _say('INFO', 'Started reloader process [%d] using StatReload' % os.getpid())
    application = _load(app)
    quiet = log_level in ('warning', 'error', 'critical')
    say = (lambda level, text: None) if quiet else _say
    say('INFO', 'Started server process [%d]' % os.getpid())
    say('INFO', 'Waiting for application startup.')
    if not hasattr(application, 'handle'):
        raise NotImplementedError('minidock: an ASGI application other than a FastAPI object is not modelled')
    application._startup()
    say('INFO', 'Application startup complete.')
    class Handler(BaseHTTPRequestHandler):
        protocol_version = 'HTTP/1.1'
        def _any(self):
            from fastapi import Request
            size = int(self.headers.get('Content-Length') or 0)
            request = Request(self.command, self.path, self.headers, self.rfile.read(size) if size else b'', self.client_address)
            failed = None
            try:
                made = application.handle(request)
                code, kind, data, headers = made.status_code, made.media_type, made.body, made.headers
            except Exception:
                import traceback
                failed = traceback.format_exc()
                code, kind, data, headers = 500, 'text/plain', b'Internal Server Error', {}
            if access_log and not quiet:
                _say('INFO', '%s:%d - "%s %s HTTP/1.1" %d %s' % (self.client_address[0], self.client_address[1], self.command, self.path, code, _reasons.get(code, '')), sys.stdout)
            if failed:
                _say('ERROR', 'Exception in ASGI application\n' + failed.rstrip('\n'))
            self.send_response_only(code, _reasons.get(code, ''))
            self.send_header('date', self.date_time_string())
            self.send_header('server', 'uvicorn')
            for name, value in headers.items():
                self.send_header(name, value)
            if code not in (204, 304):
                self.send_header('content-length', str(len(data)))
            if kind:
                self.send_header('content-type', kind + '; charset=utf-8' if kind.startswith('text/') else kind)
            self.end_headers()
            if self.command != 'HEAD' and code not in (204, 304):
                self.wfile.write(data)
        do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = do_OPTIONS = _any
    try:
        server = HTTPServer((host, port), Handler)
    except OSError as error:
        _say('ERROR', "[Errno 98] error while attempting to bind on address ('%s', %d): address already in use" % (host, port))
        sys.exit(1)
    if not reload:
        say('INFO', 'Uvicorn running on http://%s:%d (Press CTRL+C to quit)' % (host, port))
    def stop(number, frame):
        raise _Stop()
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    try:
        server.serve_forever()
    except _Stop:
        pass
    say('INFO', 'Shutting down')
    say('INFO', 'Waiting for application shutdown.')
    application._shutdown()
    say('INFO', 'Application shutdown complete.')
    say('INFO', 'Finished server process [%d]' % os.getpid())
