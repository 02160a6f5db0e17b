import os
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import unquote

def _environ(handler):
    path, _, query = handler.path.partition('?')
    host, port = handler.server.server_address[0], handler.server.server_address[1]
    environ = {'REQUEST_METHOD': handler.command, 'SCRIPT_NAME': '', 'PATH_INFO': unquote(path), 'QUERY_STRING': query, 'SERVER_NAME': host, 'SERVER_PORT': str(port), 'SERVER_PROTOCOL': handler.request_version, 'REMOTE_ADDR': handler.client_address[0], 'REMOTE_PORT': str(handler.client_address[1]), 'CONTENT_TYPE': handler.headers.get('Content-Type') or '', 'CONTENT_LENGTH': handler.headers.get('Content-Length') or '', 'wsgi.version': (1, 0), 'wsgi.url_scheme': 'http', 'wsgi.input': handler.rfile, 'wsgi.errors': sys.stderr, 'wsgi.multithread': False, 'wsgi.multiprocess': False, 'wsgi.run_once': False}
    for name, value in handler.headers.items():
        if name.lower() not in ('content-type', 'content-length'):
            environ['HTTP_' + name.upper().replace('-', '_')] = value
    return environ

def _run(app, environ):
    """Calls an application: status line, headers, body."""
    answer = {}
    def start_response(status, headers, exc_info=None):
        answer['status'], answer['headers'] = status, headers
        return lambda data: None
    body = app(environ, start_response)
    data = b''.join(body)
    if hasattr(body, 'close'):
        body.close()
    return answer['status'], answer['headers'], data

class WSGIRequestHandler(BaseHTTPRequestHandler):
    server_version = 'WSGIServer/0.2'
    sys_version = 'CPython/' + sys.version.split()[0]
    def _any(self):
        status, headers, data = _run(self.server.application, _environ(self))
        code, _, reason = status.partition(' ')
        self.log_request(code, str(len(data)))
        self.send_response_only(int(code), reason)
        self.send_header('Date', self.date_time_string())
        self.send_header('Server', self.version_string())
        names = []
        for name, value in headers:
            names.append(name.lower())
            self.send_header(name, value)
        if 'content-length' not in names:
            self.send_header('Content-Length', str(len(data)))
        self.end_headers()
        if self.command != 'HEAD':
            self.wfile.write(data)
    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = do_OPTIONS = _any

class WSGIServer(HTTPServer):
    application = None
    def set_app(self, application):
        self.application = application
    def get_app(self):
        return self.application

def make_server(host, port, app, server_class=WSGIServer, handler_class=WSGIRequestHandler):
    server = server_class((host, port), handler_class)
    server.application = app
    return server

def demo_app(environ, start_response):
    start_response('200 OK', [('Content-Type', 'text/plain; charset=utf-8')])
    return [b'Hello world!\n']
